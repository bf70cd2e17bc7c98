import PCI

/// An id that a driver was told at run time: `vendor device subvendor subdevice class mask`, in hex.
struct DynamicID: Sendable, Equatable, CustomStringConvertible {
  /// PCI_ANY_ID.
  static let any = UInt32.max
  var vendor: UInt32
  var device: UInt32
  var subsystemVendor = any
  var subsystemDevice = any
  var classCode: UInt32 = 0
  var classMask: UInt32 = 0

  /// As `new_id` takes it: two fields are the least (`sscanf` in drivers/pci/pci-driver.c). With `:` between them the
  /// form of vfio-pci's `ids=`.
  init?(_ text: some StringProtocol, separator: Character = " ") {
    var values: [UInt32] = []
    for field in text.split(whereSeparator: { $0 == separator || $0.isWhitespace }).prefix(6) {
      // `%x` reads PCI_ANY_ID's ffffffff, and stops at the first field that is not hex.
      guard let value = parseHex(field, as: UInt32.self) else { break }
      values.append(value)
    }
    guard values.count >= 2 else { return nil }
    vendor = values[0]
    device = values[1]
    if values.count > 2 { subsystemVendor = values[2] }
    if values.count > 3 { subsystemDevice = values[3] }
    if values.count > 4 { classCode = values[4] }
    if values.count > 5 { classMask = values[5] }
  }

  /// `pci_match_one_device` of drivers/pci/pci.h.
  func matches(_ function: SimulatedDevice) -> Bool {
    func id(_ name: String) -> UInt32? { function.text(name).flatMap { parseHex($0, as: UInt32.self) } }
    func fits(_ wanted: UInt32, _ name: String) -> Bool { wanted == Self.any || wanted == id(name) }
    return fits(vendor, "vendor") && fits(device, "device") && fits(subsystemVendor, "subsystem_vendor")
      && fits(subsystemDevice, "subsystem_device") && ((function.classCode ?? 0) ^ classCode) & classMask == 0
  }

  var description: String {
    [vendor, device, subsystemVendor, subsystemDevice, classCode, classMask].map { hexText($0, digits: 4) }
      .joined(separator: " ")
  }
}
