import Host
import PCI
import Sysfs
import System

/// What a rule, a script or a setting does to PCI functions by a write to sysfs, its own or that of a tool that it runs.
public struct FunctionEffect: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// Keeps it to this driver; empty: takes that back.
    case driver(String)
    /// Takes it from its driver.
    case unbound
    case virtuals(Count)
    /// Takes it off the bus.
    case removal
    /// What of it can be read does not tell what it does. `names`: it or its arguments speak of drivers or guests.
    case unclear(names: Bool)
  }

  public enum Count: Sendable, Hashable {
    case number(Int)
    /// As many as there can be.
    case all
    case unclear
  }

  public enum Target: Sendable, Hashable {
    /// The function of udev's event, or the one that a device of its belongs to.
    case device
    case function(String)
    /// Functions whose addresses this fits, as in a folder of sysfs.
    case pattern(String)
    case interface(String)
    /// All of these ids.
    case ids([ClaimedID])
    /// All that are on this driver.
    case onDriver(String)
    /// Only a run would tell.
    case unknown
  }

  public let kind: Kind
  public let target: Target

  init(_ kind: Kind, on target: Target) {
    self.kind = kind
    self.target = target
  }
}

extension FunctionEffect {
  /// `pattern` of a path of sysfs.
  public static func fits(_ pattern: String, _ function: Address) -> Bool {
    WildcardPattern(pattern).matches("\(function)")
  }

  static let unclear = FunctionEffect(.unclear(names: true), on: .unknown)

  /// What it means that this is written to an attribute, by its path or by its name below the device of the event.
  static func written(_ value: String, to path: String) -> FunctionEffect? {
    let name = lastName(path.split(separator: "]").last.map(String.init) ?? path)
    let word = trimmed(value.replacing("\n", with: " "))
    switch name {
    case "driver_override": return FunctionEffect(.driver(word), on: target(of: path))
    case "sriov_numvfs":
      let count = Int(word).map { Count.number($0) } ?? (word.contains("sriov_totalvfs") ? .all : .unclear)
      return FunctionEffect(.virtuals(count), on: target(of: path))
    // A number that is not 0 (`remove_store`).
    case "remove": return word == "0" ? nil : FunctionEffect(.removal, on: target(of: path))
    case "bind": return driver(of: path).map { FunctionEffect(.driver($0), on: named(word)) }
    case "unbind":
      // Any other bus has such files, too.
      if path.hasPrefix("/"), !path.contains("/pci"), !path.contains("/devices/") { return nil }
      let named = named(word)
      return FunctionEffect(.unbound, on: named == .unknown ? target(of: path) : named)
    case "new_id":
      guard let driver = driver(of: path), VFIODriver.leavesGroupViable(driver) else { return nil }
      let parts = word.split(separator: " ").prefix(2)
      let id = ClaimedID(parts.joined(separator: ":"))
      return FunctionEffect(.driver(driver), on: id.map { .ids([$0]) } ?? .unknown)
    // A slot's power.
    case "power" where path.contains("/pci/slots/"): return word == "0" ? FunctionEffect(.removal, on: .unknown) : nil
    default: return nil
    }
  }

  /// `/sys/bus/pci/drivers/vfio-pci/bind`.
  private static func driver(of path: String) -> String? {
    let parts = path.split(separator: "/")
    guard let place = parts.firstIndex(of: "drivers"), place + 1 < parts.count else { return nil }
    return String(parts[place + 1])
  }

  /// By an address that is written out, or libvirt's name of a device.
  static func named(_ text: String) -> Target {
    if text.contains(ShellTokens.Mark.device) { return .device }
    let plain = text.hasPrefix("pci_") ? address(ofNode: text) : text
    return Address(plain).map { .function("\($0)") } ?? .unknown
  }

  /// `0000:01:00.0` of `pci_0000_01_00_0`.
  private static func address(ofNode name: String) -> String {
    let parts = name.split(separator: "_").dropFirst().map(String.init)
    return parts.count == 4 ? "\(parts[0]):\(parts[1]):\(parts[2]).\(parts[3])" : name
  }

  /// Whose attribute it is: `device/remove`; `[pci/0000:01:00.0]remove`; `/sys/bus/pci/devices/0000:01:00.0/remove`;
  /// `/sys/class/net/eth0/device/sriov_numvfs`.
  private static func target(of path: String) -> Target {
    if path.contains(ShellTokens.Mark.device) { return .device }
    if path.hasPrefix("[") {
      let named = path.dropFirst().prefix { $0 != "]" }.split(separator: "/")
      guard named.count == 2 else { return .unknown }
      return named[0] == "net" ? .interface(String(named[1])) : self.named(String(named[1]))
    }
    guard path.hasPrefix("/") else { return .device }
    let parts = path.split(separator: "/").dropLast().map(String.init)
    if path.contains(ShellTokens.Mark.unknown) { return .unknown }
    if let address = parts.lazy.compactMap({ Address($0) }).last { return .function("\(address)") }
    if let place = parts.firstIndex(of: "net"), place + 1 < parts.count {
      return parts[place + 1].contains("*") ? .unknown : .interface(parts[place + 1])
    }
    if let place = parts.firstIndex(of: "devices"), place + 1 < parts.count { return .pattern(parts[place + 1]) }
    if parts.last == "driver" || parts.count < 2 { return .unknown }
    return driver(of: path).map { .onDriver($0) } ?? .unknown
  }
}
