import Host
import Sysfs

/// Screens, keyboards, consoles and the like of a set.
struct PeripheralArea {
  let sysfs: any Sysfs
  let host: Host

  func gather(_ functions: [FunctionWithDevices], into usage: inout Usage) {
    let display = DisplayUse(sysfs: sysfs, host: host, set: Set(functions.map(\.address)))
    let input = InputUse(
      sysfs: sysfs, goes: functions.compactMap(\.function.devicePath.value).map { String($0.dropFirst("/sys".count)) })
    let services = functions.contains { !$0.devices.isEmpty } ? ServiceUse(sysfs) : nil
    for function in functions {
      usage.uses += display.uses(of: function) + input.uses(of: function) + (services?.uses(of: function) ?? [])
      usage.unknown += display.doubts(function) + input.doubts(function)
    }
  }
}
