import Host
import Inventory
import PCI
import Planning

extension Workspace {
  /// It sleeps, and the kernel wakes it when `power/control` is `on`. A VF sleeps with its physical function.
  func sleeps(_ function: Function) -> Bool {
    guard let state = function.powerState.value, state.hasPrefix("D3"), function.physicalFunction.value == nil else {
      return false
    }
    return scanner.attribute(Step.powerControl, of: function.address).value == "auto"
  }

  /// Wakes it before anything is taken from it, and looks whether it answers.
  func wakes(_ function: Function) -> [Step] {
    let hasRegisters = scanner.hasRegisters(function.address)
    let answer = function.id.flatMap { hasRegisters ? Step.expectAnswer($0, of: function.address) : nil }
    return [.wake(function.address)] + [answer].compactMap { $0 }
  }
}
