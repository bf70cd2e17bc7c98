import Host
import PCI
import Sysfs

/// A function that the configuration of a Proxmox VM names.
public struct ProxmoxFunction: Sendable, Equatable {
  /// The VM's number.
  public let machine: ForeignWord
  /// `hostpci0`.
  public let key: String
  public let function: Address
  public let source: SourceLine
}

/// Reads the VMs of this Proxmox node, and the cluster's mapping of names to functions.
///
/// Proxmox brings what a VM names to vfio-pci as that starts, and leaves it there.
struct ProxmoxFiles {
  private static let machines = "/etc/pve/qemu-server"
  private static let mapping = "/etc/pve/mapping/pci.cfg"

  /// `existing`: the functions of the host, since a device without a function number names all of its own.
  static func read(_ files: inout SettingFiles, existing: [Address]) -> [ProxmoxFunction] {
    let names = files.names(machines).filter { $0.hasSuffix(".conf") }
    guard !names.isEmpty else { return [] }
    let mappings = mappings(&files, node: node(&files))
    var found: [ProxmoxFunction] = []
    for name in names {
      let path = "\(machines)/\(name)"
      for (number, line) in (files.lines(path) ?? []).enumerated() {
        // Sections are snapshots, and changes that wait for the next start.
        if line.hasPrefix("[") { break }
        guard let (key, value) = setting(line), key.hasPrefix("hostpci"), Int(key.dropFirst(7)) != nil else { continue }
        for function in functions(value, mappings: mappings, existing: existing) {
          found.append(
            ProxmoxFunction(
              machine: ForeignWord(name.dropLast(5)), key: key, function: function,
              source: SourceLine(path, number + 1, text: line)))
        }
      }
    }
    return found
  }

  /// `key: value`.
  private static func setting(_ line: String) -> (key: String, value: String)? {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    return (String(parts[0]), words(parts[1]).joined(separator: " "))
  }

  /// `01:00;02:00.1,pcie=1`, the same with `host=` before it, or `mapping=NAME`.
  private static func functions(_ value: String, mappings: [String: [String]], existing: [Address]) -> [Address] {
    var places: [String] = []
    for (number, option) in value.split(separator: ",").enumerated() {
      let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 1, number == 0 { places.append(parts[0]) }
      if parts.count == 2, parts[0] == "host" { places.append(parts[1]) }
      if parts.count == 2, parts[0] == "mapping" { places += mappings[parts[1]] ?? [] }
    }
    return Set(places.flatMap { $0.split(separator: ";") }.flatMap { addresses($0, existing) }).sorted()
  }

  private static func addresses(_ text: Substring, _ existing: [Address]) -> [Address] {
    let whole = text.split(separator: ":").count == 2 ? "0000:\(text)" : String(text)
    if let address = Address(whole) { return [address] }
    guard let first = Address(whole + ".0") else { return [] }
    return existing.filter { $0.slot == first.slot }
  }

  /// By name, the paths of this node's entries: a line `name`, then lines `map node=…,path=…`, each after a tab.
  private static func mappings(_ files: inout SettingFiles, node: String?) -> [String: [String]] {
    var found: [String: [String]] = [:]
    var name = ""
    for line in files.lines(mapping) ?? [] {
      let fields = words(line)
      if !line.hasPrefix("\t"), !line.hasPrefix(" ") {
        name = fields.first ?? ""
      } else if fields.count == 2, fields[0] == "map" {
        let options = fields[1].split(separator: ",")
        let place = options.first { $0.hasPrefix("path=") }?.dropFirst(5)
        let other = options.first { $0.hasPrefix("node=") }?.dropFirst(5)
        guard let place, node == nil || other == nil || other.map(String.init) == node else { continue }
        found[name, default: []].append(String(place))
      }
    }
    return found
  }

  /// A Proxmox node goes by the host's name, up to the first dot.
  private static func node(_ files: inout SettingFiles) -> String? {
    let text = files.text("/proc/sys/kernel/hostname") ?? files.text("/etc/hostname")
    return text.flatMap { words($0.split(separator: "\n").first ?? "").first }
      .flatMap { $0.split(separator: ".").first }.map(String.init)
  }
}
