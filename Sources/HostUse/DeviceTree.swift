import PCI
import Sysfs

/// Walks the kernel's device folders below a function, once.
struct ChildDevices {
  let sysfs: any Sysfs

  /// Attribute folders, which never hold devices and may hold thousands of files.
  private static let attributes: Set<String> = [
    "power", "queue", "queues", "mq", "integrity", "trace", "statistics", "msi_irqs", "holders", "slaves", "wakeup",
    "link", "iommu", "cpu", "hwmon",
  ]

  /// Folders that a class makes between a device and its own: no devices themselves.
  private static let groups: Set<String> = [
    "block", "net", "drm", "nvme", "graphics", "input", "tty", "infiniband", "bsg", "scsi_host", "scsi_device",
    "scsi_disk", "scsi_generic", "ata_port", "ata_link", "ata_device", "hidraw", "leds", "watchdog", "tpm", "ipmi",
    "sound", "ptp",
  ]

  /// All devices below a folder, parents first. Child functions are not entered, except if the function is itself
  /// the root of their domain (VMD: `pci10000:00` below it): then they go with it.
  func devices(below path: String, chain: [String]) -> [ChildDevice] {
    var found: [ChildDevice] = []
    walk(path, chain: chain, depth: 0, entersFunctions: false, into: &found)
    return found
  }

  private func walk(
    _ path: String, chain: [String], depth: Int, entersFunctions: Bool, into found: inout [ChildDevice]
  ) {
    // No real device stands that deep; a capture may be malformed.
    guard depth < 40, let folders = try? sysfs.folders(path) else { return }
    let enters = entersFunctions || Self.isRootBus(lastName(path))
    for name in folders where !Self.attributes.contains(name) {
      if !enters, Address(name) != nil { continue }
      let child = "\(path)/\(name)"
      let device = Self.groups.contains(name) ? nil : device(at: child, chain: chain)
      if let device { found.append(device) }
      walk(child, chain: device?.chain ?? chain, depth: depth + 1, entersFunctions: enters, into: &found)
    }
  }

  /// The device of a folder; nil for a folder that only groups others (`block`, `net`).
  func device(at path: String, chain: [String]) -> ChildDevice? {
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
    let name = lastName(path)
    let kind = subsystem.isEmpty ? lastName(String(path.dropLast(name.count + 1))) : subsystem
    if subsystem.isEmpty, kind == "block", event["DEVTYPE"] == nil { event["DEVTYPE"] = "disk" }
    let node = event["DEVNAME"] ?? (number == nil ? nil : name)
    return ChildDevice(
      path: path, name: name, subsystem: kind,
      number: number.flatMap { DeviceNumber($0, isBlock: kind == "block") },
      node: node.map { $0.hasPrefix("/") ? $0 : "/dev/\($0)" }, event: event,
      chain: Self.isNamed(name) ? chain + [name] : chain)
  }

  /// Worth a place in a chain: what people know by name, not the buses' inner nodes (`target0:0:0`, `1-2:1.0`).
  private static func isNamed(_ name: String) -> Bool { Address(name) != nil || !name.contains(":") }

  private static func isRootBus(_ name: String) -> Bool { name.hasPrefix("pci") && Bus(name.dropFirst(3)) != nil }
}
