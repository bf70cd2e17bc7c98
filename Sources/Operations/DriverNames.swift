import Host
import Inventory

extension Workspace {
  /// The name that the kernel has for the driver that a user named. One that the kernel does not have is left as it is,
  /// since its module may not be loaded yet; if one with almost this name is there, that is told.
  func driver(named text: String) -> String {
    if text == "auto" { return text }
    if DriverName.isSame(text, VFIODriver.generic) { return VFIODriver.generic }
    let drivers = scanner.drivers
    if drivers.contains(text) { return text }
    let same = drivers.filter { DriverName.isSame($0, text) }
    if let only = same.first, same.count == 1 { return only }
    if let near = suggestion(for: text, among: drivers + [VFIODriver.generic]) {
      invocation.report(.note("no driver '\(text)' is loaded; did you mean '\(near)'?"))
    }
    return text
  }
}
