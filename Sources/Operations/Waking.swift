import Planning
import Host
import PCI
import Sysfs

extension Workspace {
  /// It sleeps, and the kernel wakes it when `power/control` is `on`. A VF sleeps with its physical function.
  func sleeps(_ function: Function) -> Bool {
    guard let state = function.powerState.value, state.hasPrefix("D3"), function.physicalFunction.value == nil else {
      return false
    }
    return (try? sysfs.text("/sys/bus/pci/devices/\(function.address)/\(Step.powerControl)")) == "auto"
  }

  /// Wakes it before anything is taken from it, and looks whether it answers. A capture may have left out the registers
  /// of what slept.
  func wakes(_ function: Function) -> [Step] {
    let config = "/sys/bus/pci/devices/\(function.address)/config"
    let answer = function.id.flatMap { sysfs.exists(config) ? Step.expectAnswer($0, of: function.address) : nil }
    return [.wake(function.address)] + [answer].compactMap { $0 }
  }
}
