import PCI

/// One function in the tree: its address and the folder that its `/sys/bus/pci/devices` link leads to.
struct SimulatedDevice: Sendable {
  let tree: Tree
  let address: Address
  let folder: String

  /// Nil if the bus does not list this function. A capture may have folders instead of the kernel's links.
  init?(_ address: Address, in tree: Tree) {
    let entry = "\(BusPath.devices)/\(address)"
    guard tree.isLink(entry) || tree.exists(entry) else { return nil }
    self.tree = tree
    self.address = address
    guard let target = try? tree.root.linkTarget(entry) else {
      folder = entry
      return
    }
    var parts = target.hasPrefix("/") ? [] : BusPath.devices.split(separator: "/").map(String.init)
    for part in target.split(separator: "/") where part != "." {
      if part == ".." { if !parts.isEmpty { parts.removeLast() } } else { parts.append(String(part)) }
    }
    folder = "/" + parts.joined(separator: "/")
  }

  func path(_ attribute: String) -> String { "\(folder)/\(attribute)" }
  func text(_ attribute: String) -> String? { tree.text(path(attribute)) }

  /// The bound driver as the tree shows it.
  var driver: String? { tree.linkName(path("driver")) }

  /// `driver_override`; an unset one reads `(null)`, on newer kernels an empty line.
  var override: String? {
    guard let bytes = tree.bytes(path("driver_override")) else { return nil }
    // A trailing space is part of the name: only the line's end goes.
    let text = String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0 }, as: UTF8.self)
    return text.isEmpty || text == "(null)" ? nil : text
  }

  var group: Int? { tree.linkName(path("iommu_group")).flatMap { Int($0) } }
  var configuration: ConfigurationSpace { ConfigurationSpace(tree.bytes(path("config")) ?? []) }

  var classCode: UInt32? {
    text("class").flatMap { parseHex($0, as: UInt32.self) }
      ?? uevent("PCI_CLASS").flatMap { parseHex($0, as: UInt32.self) }
  }

  /// A bridge to another bus: header type 1 or 2; by class if `config` was not captured.
  var isBridge: Bool {
    if case .known(let type) = configuration.headerType { return type != 0 }
    return classCode.map { ClassCode($0).isBusBridge } ?? false
  }

  /// One value of `uevent`.
  func uevent(_ key: String) -> String? {
    text("uevent")?.split(separator: "\n").first { $0.hasPrefix("\(key)=") }.map {
      String($0.dropFirst(key.utf8.count + 1))
    }
  }

  /// The string that module aliases are matched with; built from the ids if the capture lacks it.
  var modalias: String? {
    if let text = text("modalias") ?? uevent("MODALIAS") { return text }
    func id(_ name: String) -> UInt32? { text(name).flatMap { parseHex($0, as: UInt32.self) } }
    guard let vendor = id("vendor"), let device = id("device"), let code = classCode else { return nil }
    return Self.modalias(
      vendor: vendor, device: device, subsystemVendor: id("subsystem_vendor") ?? 0,
      subsystemDevice: id("subsystem_device") ?? 0, classCode: code)
  }

  static func modalias(
    vendor: UInt32, device: UInt32, subsystemVendor: UInt32, subsystemDevice: UInt32, classCode: UInt32
  ) -> String {
    func hex(_ value: UInt32, _ digits: Int) -> String { hexText(value, digits: digits).uppercased() }
    return "pci:v\(hex(vendor, 8))d\(hex(device, 8))sv\(hex(subsystemVendor, 8))sd\(hex(subsystemDevice, 8))"
      + "bc\(hex(classCode >> 16 & 0xff, 2))sc\(hex(classCode >> 8 & 0xff, 2))i\(hex(classCode & 0xff, 2))"
  }
}
