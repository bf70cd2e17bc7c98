import PCI

/// One entry of vfio-pci's `ids=`: `vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]`, in hex
/// (`vfio_pci_fill_ids`). `ffffffff` stands for any.
public struct ClaimedID: Hashable, Sendable, CustomStringConvertible {
  private static let any = UInt32.max
  /// As it was written.
  public let description: String
  private let fields: [UInt32]

  /// Nil if the kernel does not accept it: fewer than two numbers.
  public init?(_ text: some StringProtocol) {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map { parseHex($0, as: UInt32.self) }
    guard (2...6).contains(fields.count), !fields.contains(nil) else { return nil }
    self.fields = fields.compactMap { $0 }
    description = String(text)
  }

  /// The entries of the value of `ids=`.
  public static func list(_ value: some StringProtocol) -> [ClaimedID] {
    value.split(separator: ",").compactMap { ClaimedID($0) }
  }

  /// It means virtual functions of this id, as far as vendor and device say it.
  public func matchesVirtual(_ id: DeviceID) -> Bool {
    zip(fields, [id.vendor, id.device]).allSatisfy { $0 == Self.any || $0 == UInt32($1) }
  }

  /// Nil if an id of the function that counts could not be read.
  public func matches(_ function: Function) -> Bool? {
    let words = [function.vendorID, function.deviceID, function.subsystemVendorID, function.subsystemDeviceID]
    var isKnown = true
    for (wanted, word) in zip(fields, words) where wanted != Self.any {
      guard let word = word.value else {
        isKnown = false
        continue
      }
      if UInt32(word) != wanted { return false }
    }
    if fields.count > 4 {
      // Without a mask the class says nothing: it is then 0 (`pci_add_dynid`).
      let mask = fields.count > 5 ? fields[5] : 0
      if mask != 0 {
        guard let code = function.classCode.value else { return nil }
        if (code.value ^ fields[4]) & mask != 0 { return false }
      }
    }
    return isKnown ? true : nil
  }
}
