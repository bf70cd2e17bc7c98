import PCI
import Sysfs

/// Walks the kernel's device folders below a function, once.
struct DeviceTree {
  let sysfs: any Sysfs

  /// Attribute folders, which never hold devices and may hold thousands of files.
  private static let attributes: Set<String> = [
    "power", "queue", "queues", "mq", "integrity", "trace", "statistics", "msi_irqs", "holders", "slaves", "wakeup",
    "link", "iommu", "cpu", "hwmon",
  ]

  /// All devices below a folder, parents first. Child functions are not entered, except where the function is itself
  /// the root of their domain (VMD: `pci10000:00` below it): then they go where it goes.
  func devices(below path: String, chain: [String]) -> [Device] {
    var found: [Device] = []
    walk(path, chain: chain, depth: 0, into: &found)
    return found
  }

  private func walk(_ path: String, chain: [String], depth: Int, into found: inout [Device]) {
    // No real device stands that deep; a capture may be malformed.
    guard depth < 40, let folders = try? sysfs.folders(path) else { return }
    let isOtherDomain = Self.isRootBus(lastComponent(path))
    for name in folders where !Self.attributes.contains(name) {
      if Address(name) != nil, !isOtherDomain, !chain.dropFirst().contains(where: { Address($0) != nil }) { continue }
      let child = "\(path)/\(name)"
      guard let device = device(at: child, chain: chain) else {
        walk(child, chain: chain, depth: depth + 1, into: &found)
        continue
      }
      found.append(device)
      walk(child, chain: device.chain, depth: depth + 1, into: &found)
    }
  }

  /// The device of a folder; nil for a folder that only groups others (`block`, `net`).
  func device(at path: String, chain: [String]) -> Device? {
    var event: [String: String] = [:]
    let uevent = sysfs.fact("\(path)/uevent")
    for line in textLines(uevent.value ?? "") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      event[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    let subsystem = (try? sysfs.linkName("\(path)/subsystem")) ?? ""
    // `uevent` is there for every device; a capture may have kept `dev` alone.
    let number =
      event["MAJOR"].flatMap { major in event["MINOR"].map { "\(major):\($0)" } } ?? sysfs.fact("\(path)/dev").value
    if uevent.isAbsent, subsystem.isEmpty, number == nil { return nil }
    let name = lastComponent(path)
    let kind = subsystem.isEmpty ? lastComponent(String(path.dropLast(name.count + 1))) : subsystem
    if subsystem.isEmpty, kind == "block", event["DEVTYPE"] == nil { event["DEVTYPE"] = "disk" }
    let node = event["DEVNAME"] ?? (number == nil ? nil : name)
    return Device(
      path: path, name: name, subsystem: kind,
      number: number.flatMap { DeviceNumber($0, isBlock: kind == "block") },
      node: node.map { $0.hasPrefix("/") ? $0 : "/dev/\($0)" }, event: event,
      chain: Self.isNamed(name) ? chain + [name] : chain)
  }

  /// Worth a place in a chain: what people know by name, not the buses' inner nodes (`target0:0:0`, `1-2:1.0`).
  private static func isNamed(_ name: String) -> Bool { Address(name) != nil || !name.contains(":") }

  private static func isRootBus(_ name: String) -> Bool { name.hasPrefix("pci") && Bus(name.dropFirst(3)) != nil }
}
