import Checks
import Host
import PCI

extension Pin {
  /// Reads a pin's file; nil where it is not one.
  public init?(reading bytes: [UInt8], name: String) {
    guard let pin = try? Self(name: name, bytes: bytes) else { return nil }
    self = pin
  }

  /// Reads a pin's file.
  init(name: String, bytes: [UInt8]) throws(PinFault) {
    let top = try LocatedParser.parse(bytes)
    var file = try FieldReader(top, path: "")
    // First: what a newer program wrote is told as that, and not by the first key that we do not know.
    guard let version = try file.take("version")?.wholeNumber() else { throw file.missing("version") }
    guard (1...Self.currentVersion).contains(version.number) else {
      throw version.field.fault(
        version.number < 1
          ? "version \(version.number) does not exist"
          : "version \(version.number) is too new for this hostdev, which reads \(Self.currentVersion)")
    }
    self.init(name: name, functions: [])
    description = try file.take("description")?.optional()?.text()
    let chosen = try file.take("driver")
    if let chosen { driver = try chosen.driver() }
    if let field = try file.take("match") { match = try field.choice(Match.self) }
    if let field = try file.take("follow") { follow = try field.flag() }
    if let field = try file.take("force") {
      for element in try field.list() {
        let text = try element.text()
        guard let code = FindingCode(ofSet: text) else { throw element.fault("there is no finding '\(text)'") }
        forced.append(code)
      }
    }
    guard let list = try file.take("functions") else { throw file.missing("functions") }
    for element in try list.list() { functions.append(try PinnedFunction(element)) }
    if let field = try file.take("vfs")?.optional() {
      virtuals = try PinnedVirtuals(field)
      if let chosen {
        throw chosen.fault("a function with VFs stays with the host; the driver of the VFs is vfs.driver")
      }
      if functions.count > 1 { throw list.fault("a pin with VFs has exactly one function") }
    }
    if functions.isEmpty { throw list.fault("a pin needs at least one function") }
    evidence = try file.take("pinned")?.optional().map { field throws(PinFault) in try PinEvidence(field) }
    try file.end()
    for (place, function) in functions.enumerated() {
      if functions[..<place].contains(where: { $0.stands(where: function) }) {
        throw list.fault("\(function.address) is declared twice")
      }
    }
  }
}

extension PinnedFunction {
  fileprivate init(_ field: Field) throws(PinFault) {
    var object = try FieldReader(field.value, path: field.path)
    guard let place = try object.take("address") else { throw object.missing("address") }
    guard let address = Address(try place.text()) else { throw place.fault("this is not a PCI address") }
    guard let vendor = try object.take("vendor_id") else { throw object.missing("vendor_id") }
    guard let device = try object.take("device_id") else { throw object.missing("device_id") }
    self.init(address: address, path: nil, vendorID: try vendor.hex(), deviceID: try device.hex())
    if let field = try object.take("path")?.optional() {
      let text = try field.text()
      guard Self.isPath(text) else { throw field.fault("a path looks like 0000:00/01.0/00.0") }
      path = text.lowercased()
    }
    subsystemVendorID = try object.take("subsystem_vendor_id")?.optional()?.hex()
    subsystemDeviceID = try object.take("subsystem_device_id")?.optional()?.hex()
    if let field = try object.take("class")?.optional() {
      let value: UInt32 = try field.hex()
      guard value <= 0xff_ffff else { throw field.fault("a class has 24 bits") }
      classCode = ClassCode(value)
    }
    serialNumber = try object.take("serial_number")?.optional()?.text().lowercased()
    vpdSerialNumber = try object.take("vpd_serial_number")?.optional()?.text()
    try object.end()
  }

  /// Root bus, then device.function from port to port.
  static func isPath(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, Bus(parts[0]) != nil else { return false }
    return parts.dropFirst().allSatisfy { Address("0000:00:\($0)") != nil }
  }

  /// The same place, and so the same function of one host.
  func stands(where other: Self) -> Bool {
    if let path, let other = other.path { return path == other }
    return address == other.address
  }
}

extension PinEvidence {
  fileprivate init(_ field: Field) throws(PinFault) {
    var object = try FieldReader(field.value, path: field.path)
    guard let at = try object.take("at") else { throw object.missing("at") }
    self.init(at: try at.text(), findings: [])
    if let list = try object.take("findings") {
      for element in try list.list() { findings.append(try PinnedFinding(element)) }
    }
    try object.end()
  }
}

extension PinnedFinding {
  fileprivate init(_ field: Field) throws(PinFault) {
    var object = try FieldReader(field.value, path: field.path)
    func text(_ key: String) throws(PinFault) -> String {
      guard let field = try object.take(key) else { throw object.missing(key) }
      return try field.text()
    }
    self.init(
      code: try text("code"), severity: try text("severity"), functions: [], message: try text("message"), evidence: [])
    if let list = try object.take("functions") {
      for element in try list.list() {
        guard let address = Address(try element.text()) else { throw element.fault("this is not a PCI address") }
        functions.append(address)
      }
    }
    if let list = try object.take("evidence") {
      for element in try list.list() { evidence.append(try element.text()) }
    }
    try object.end()
  }
}
