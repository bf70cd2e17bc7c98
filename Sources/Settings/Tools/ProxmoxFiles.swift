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
  /// Proxmox starts the VM as the node boots.
  public let isAutostarted: Bool
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
    let node = node(&files)
    // The first is a link to the second, which a copy of the files may have lost.
    let folders = [machines] + [node.map { "/etc/pve/nodes/\($0)/qemu-server" }].compactMap { $0 }
    guard let folder = folders.first(where: files.sysfs.exists) else { return [] }
    let mappings = mappings(&files, node: node)
    return files.names(folder).filter { $0.hasSuffix(".conf") }.flatMap { name in
      machine(
        ForeignWord(name.dropLast(5)), at: "\(folder)/\(name)", reading: &files, mappings: mappings, existing: existing)
    }
  }

  private static func machine(
    _ name: ForeignWord, at path: String, reading files: inout SettingFiles, mappings: [String: [String]],
    existing: [Address]
  ) -> [ProxmoxFunction] {
    var found: [(key: String, value: String, source: SourceLine)] = []
    var isAutostarted = false
    var isPending = false
    for (number, line) in (files.lines(path) ?? []).enumerated() {
      // Sections are snapshots, and changes that wait for the next start, which count in place of what there is.
      if line.hasPrefix("[") {
        isPending = line.hasPrefix("[PENDING]")
        if isPending { continue } else { break }
      }
      guard let (key, value) = setting(line) else { continue }
      switch key {
      case "onboot": isAutostarted = value == "1"
      // A template cannot be started.
      case "template" where value == "1": return []
      case "delete" where isPending:
        let gone = value.split { ", ".contains($0) }.map { $0.drop { $0 == "!" } }
        found.removeAll { gone.contains(Substring($0.key)) }
      case _ where key.hasPrefix("hostpci") && Int(key.dropFirst(7)) != nil:
        found.removeAll { $0.key == key }
        found.append((key, value, SourceLine(path, number + 1, text: line)))
      default: continue
      }
    }
    return found.flatMap { key, value, source in
      functions(value, mappings: mappings, existing: existing).map { function in
        ProxmoxFunction(machine: name, key: key, function: function, isAutostarted: isAutostarted, source: source)
      }
    }
  }

  /// `key: value`.
  private static func setting(_ line: String) -> (key: String, value: String)? {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    return (String(parts[0]), words(parts[1]).joined(separator: " "))
  }

  /// `01:00;02:00.1,pcie=1`, the same with `host=` before it, or `mapping=NAME`.
  private static func functions(_ value: String, mappings: [String: [String]], existing: [Address]) -> [Address] {
    // The guest gets a mediated device: the function stays on its driver.
    if value.contains(",mdev=") { return [] }
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
