import PCI

/// What a path below `/sys` is to the PCI bus.
enum Target: Equatable {
  /// `drivers_probe`, `drivers_autoprobe`, `rescan`.
  case bus(String)
  /// `bind`, `unbind`, `new_id`, `remove_id` of a driver.
  case driver(String, attribute: String)
  /// An attribute of a function, which may lie deeper: `driver/unbind`, `power/control`.
  case function(Address, attribute: String)
  case group(Int, attribute: String)
  /// Anything else: a module's parameter, another bus's attribute.
  case other

  init(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    guard parts.count > 1 else {
      self = .other
      return
    }
    let last = parts[parts.count - 1]
    if let place = parts.lastIndex(where: { Address($0) != nil }), let address = Address(parts[place]),
      place + 1 < parts.count
    {
      self = .function(address, attribute: parts[(place + 1)...].joined(separator: "/"))
    } else if parts.count == 4, path.hasPrefix("/sys/bus/pci/") {
      self = .bus(last)
    } else if parts.count == 6, path.hasPrefix(BusPath.drivers + "/") {
      self = .driver(parts[4], attribute: last)
    } else if parts.count == 5, path.hasPrefix(BusPath.groups + "/"), let group = Int(parts[3]) {
      self = .group(group, attribute: last)
    } else {
      self = .other
    }
  }
}
