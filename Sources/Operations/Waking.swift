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
    [.wake(function.address)]
      + [answeringID(function).map { .expectAnswer($0, of: function.address) }].compactMap { $0 }
  }

  /// The ids that its configuration space begins with while it answers. A VF's read all ones (PCI Express, 9.3.4.1).
  func answeringID(_ function: Function) -> DeviceID? {
    function.physicalFunction.value == nil && scanner.hasRegisters(function.address) ? function.id : nil
  }
}
