import PCI
import System

/// Every PCI function with what hangs off it, and the classes that what hangs off it belongs to.
final class DeviceCopier {
  private let copier: Copier
  private let wakes: Bool
  private let pending: Set<Address>
  private(set) var asleep: [Address] = []
  private var seen: Set<String> = []

  /// Deeper than USB behind hubs; a capture may hold anything.
  private static let mostDepth = 24

  init(_ copier: Copier, wakes: Bool, pending: Set<Address>) {
    self.copier = copier
    self.wakes = wakes
    self.pending = pending
  }

  func copyFunctions() throws(SystemError) {
    try copier.folder(Places.functions)
    for name in copier.entries(Places.functions) {
      guard let address = Address(name) else { continue }
      let path = "\(Places.functions)/\(name)"
      guard let text = copier.linkTarget(path) else {
        // A capture by hand may have folders in place of the kernel's links.
        try copyFunction(address, path)
        continue
      }
      try copier.link(path, to: text)
      try copyFunction(address, resolved(path, text))
    }
  }

  private func copyFunction(_ address: Address, _ folder: String) throws(SystemError) {
    guard copier.exists(folder), seen.insert(folder).inserted else { return }
    try copier.folder(folder)
    for name in copier.entries(folder) {
      let path = "\(folder)/\(name)"
      if pending.contains(address), Attributes.locked.contains(name) {
        continue
      } else if Attributes.function.contains(name) {
        try copier.file(path)
      } else if Attributes.writeOnly.contains(name) {
        try copier.mark(path)
      } else if name == "config" {
        if isAsleep(folder), !wakes { asleep.append(address) } else { try copier.file(path) }
      } else if name == "driver_override" {
        try copier.file(path)
      } else {
        try copyOther(path, name, depth: 0)
      }
    }
  }

  /// Reading `config` wakes it: a card in D3cold by powering its port, and some never answer again.
  private func isAsleep(_ folder: String) -> Bool {
    switch copier.text("\(folder)/power_state") {
    case "D3hot", "D3cold": true
    case "D0", "D1", "D2": false
    // Kernels before 5.11, and those that do not know the state.
    default: copier.text("\(folder)/power/runtime_status") == "suspended"
    }
  }

  /// A link or a folder; a file that is on no list is passed over.
  private func copyOther(_ path: String, _ name: String, depth: Int) throws(SystemError) {
    if let text = copier.linkTarget(path) {
      if !Attributes.dullLinks.contains(name) { try copier.link(path, to: text) }
    } else if (try? copier.source.kind(path)) == .directory {
      // A function below a bridge is in the bus's own list. Of power only a function's own counts.
      if Address(name) != nil || Attributes.dullFolders.contains(name) || (depth > 0 && name == "power") { return }
      try copyDevice(path, depth: depth + 1)
    }
  }

  private func copyDevice(_ folder: String, depth: Int) throws(SystemError) {
    guard depth < Self.mostDepth, seen.insert(folder).inserted else { return }
    try copier.folder(folder)
    let isPower = folder.hasSuffix("/power")
    for name in copier.entries(folder) {
      let path = "\(folder)/\(name)"
      if isPower {
        if Attributes.power.contains(name) { try copier.file(path) }
      } else if Attributes.device.contains(name), copier.linkTarget(path) == nil,
        (try? copier.source.kind(path)) == .file
      {
        try copier.file(path)
        if name == "uevent" { try markNode(path) }
      } else {
        try copyOther(path, name, depth: depth)
      }
    }
  }

  /// The node in /dev that a `uevent` names, as an empty file, so that reading a snapshot does not need root.
  private func markNode(_ uevent: String) throws(SystemError) {
    guard let bytes = try? copier.source.read(uevent, limit: 1 << 16) else { return }
    for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "DEVNAME=".utf8) {
      let name = String(decoding: line.dropFirst("DEVNAME=".utf8.count), as: UTF8.self)
      let path = resolved("/dev/x", name)
      if path.hasPrefix("/dev/"), copier.exists(path) { try copier.mark(path) }
    }
  }

  /// The members of each class. Those below no function (loop, dm, bonds, bridges) are copied with all attributes.
  func copyClasses() throws(SystemError) {
    for name in Attributes.classes { try copyMembers(of: "/sys/class/\(name)") }
    try copyMembers(of: "/sys/class/tty") { $0 == "console" }
    try copyMembers(of: "/sys/block")
    try copyMembers(of: "/sys/dev/block")
    try copyMembers(of: "/sys/bus/mdev/devices")
  }

  private func copyMembers(of folder: String, _ isTaken: (String) -> Bool = { _ in true }) throws(SystemError) {
    guard copier.exists(folder) else { return }
    // An empty class says that there is none; a missing one nothing.
    try copier.folder(folder)
    for name in copier.entries(folder) where isTaken(name) {
      let path = "\(folder)/\(name)"
      guard let text = copier.linkTarget(path) else { continue }
      try copier.link(path, to: text)
      let device = resolved(path, text)
      // A device below a function was copied with the function.
      if device.split(separator: "/").contains(where: { Address($0) != nil }) { continue }
      if device.hasPrefix("/sys/devices/"), copier.exists(device) { try copyDevice(device, depth: 0) }
    }
  }
}
