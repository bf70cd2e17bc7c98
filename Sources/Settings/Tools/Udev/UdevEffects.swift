import Host
import PCI
import Sysfs

extension UdevEffect {
  /// What one assignment does. `isOwn`: the administrator's rule, whose programs may do anything.
  static func all(_ token: UdevToken, isOwn: Bool) -> [UdevEffect] {
    switch token.key {
    case "ATTR": written(token.value, to: token.attribute).map { [$0] } ?? []
    case "RUN" where token.attribute != "builtin" && token.sign != .remove:
      UdevCommand.effects(token.value, isOwn: isOwn)
    case "PROGRAM": UdevCommand.effects(token.value, isOwn: isOwn)
    case "IMPORT" where token.attribute == "program": UdevCommand.effects(token.value, isOwn: isOwn)
    case "ENV" where token.attribute.hasSuffix("SYSTEMD_WANTS") && UdevCommand.mentionsDrivers(token.value):
      [UdevEffect(.unclear(names: true), on: .device)]
    default: []
    }
  }

  /// What it means that this is written to an attribute, by its path or by its name below the device of the event.
  static func written(_ value: String, to path: String) -> UdevEffect? {
    let name = lastName(path.split(separator: "]").last.map(String.init) ?? path)
    let word = trimmed(value.replacing("\n", with: " "))
    let kind: Kind
    switch name {
    case "driver_override": kind = .driver(word)
    case "sriov_numvfs":
      kind = .virtuals(
        Int(word).map { .number($0) } ?? (word.contains("sriov_totalvfs") ? .all : .unclear))
    case "remove":
      // A number that is not 0 (`remove_store`).
      guard word != "0" else { return nil }
      kind = .removal
    case "bind":
      guard let driver = driver(of: path) else { return nil }
      return UdevEffect(.driver(driver), on: function(in: word).map { .function($0) } ?? .device)
    case "new_id": return path.contains("vfio") ? UdevEffect(.unclear(names: true), on: .device) : nil
    default: return nil
    }
    guard let target = target(of: path) else { return UdevEffect(.unclear(names: true), on: .device) }
    return UdevEffect(kind, on: target)
  }

  /// `/sys/bus/pci/drivers/vfio-pci/bind`.
  private static func driver(of path: String) -> String? {
    let parts = path.split(separator: "/")
    guard let place = parts.firstIndex(of: "drivers"), place + 1 < parts.count else { return nil }
    return String(parts[place + 1])
  }

  /// An address that is written out.
  private static func function(in text: String) -> String? { Address(text).map { "\($0)" } }

  /// Whose attribute it is: `device/remove`; `[pci/0000:01:00.0]remove`; `/sys/bus/pci/devices/%k/remove`;
  /// `/sys$devpath/remove`; `/sys/class/net/eth0/device/sriov_numvfs`. Nil if it cannot be told.
  private static func target(of path: String) -> Target? {
    if path.hasPrefix("[") {
      let named = path.dropFirst().prefix { $0 != "]" }.split(separator: "/")
      guard named.count == 2 else { return nil }
      return named[0] == "net" ? .interface(String(named[1])) : function(in: String(named[1])).map { .function($0) }
    }
    guard path.hasPrefix("/") else { return .device }
    let parts = path.split(separator: "/").dropLast().map(String.init)
    if let address = parts.lazy.compactMap({ function(in: $0) }).last, !path.contains("%"), !path.contains("$") {
      return .function(address)
    }
    let own = ["%k", "$kernel", "%b", "$id", "%p", "$devpath", "$env{PCI_SLOT_NAME}", "%E{PCI_SLOT_NAME}"]
    if own.contains(where: path.contains) { return .device }
    if let place = parts.firstIndex(of: "net"), place + 1 < parts.count, !parts[place + 1].contains("*") {
      return .interface(parts[place + 1])
    }
    return nil
  }
}
