import PCI

/// One entry of vfio-pci's `ids=`: `vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]`, in hex
/// (`vfio_pci_fill_ids`). `ffffffff` stands for any.
public struct ClaimedID: Hashable, Sendable, CustomStringConvertible {
  private static let any = UInt32.max
  /// What the kernel reads of the entry, as it was written.
  public let description: String
  /// What comes behind that, which the kernel passes over: `.0` of `10de:1e87.0`.
  public let unread: String
  private let fields: [UInt32]

  /// Nil if the kernel skips it: fewer than two numbers can be read (`sscanf` of `%x:%x:%x:%x:%x:%x`).
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    var fields: [UInt32] = []
    var end = 0
    while fields.count < 6 {
      var place = end
      if !fields.isEmpty {
        guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else { break }
        place += 1
      }
      guard let (number, next) = Self.number(bytes, from: place) else { break }
      fields.append(number)
      end = next
    }
    guard fields.count > 1 else { return nil }
    self.fields = fields
    description = String(decoding: bytes[..<end].drop(while: KernelParameter.isBlank), as: UTF8.self)
    unread = String(decoding: bytes[end...], as: UTF8.self)
  }

  /// An address was written for it: no device has such ids.
  public var isPlace: Bool { !Self.addresses(in: description + unread).isEmpty }

  /// `%x` passes over blanks before the digits, and takes a `0x`. What is longer than 32 bits loses its upper ones.
  private static func number(_ bytes: [UInt8], from start: Int) -> (UInt32, next: Int)? {
    var place = start
    while place < bytes.count, KernelParameter.isBlank(bytes[place]) { place += 1 }
    guard place < bytes.count, hexDigit(bytes[place]) != nil else { return nil }
    if bytes[place] == UInt8(ascii: "0"), place + 1 < bytes.count, bytes[place + 1] | 0x20 == UInt8(ascii: "x") {
      place += 2
    }
    var value: UInt64 = 0
    while place < bytes.count, let digit = hexDigit(bytes[place]) {
      value = value << 4 | UInt64(digit)
      place += 1
    }
    return (UInt32(truncatingIfNeeded: value), place)
  }

  /// It means virtual functions of this id, as far as vendor and device say it.
  public func matchesVirtual(_ id: DeviceID) -> Bool {
    zip(fields, [id.vendor, id.device]).allSatisfy { $0 == Self.any || $0 == UInt32($1) }
  }

  /// The entries of the value of `ids=` that the kernel reads.
  public static func list(_ value: some StringProtocol) -> [ClaimedID] { ClaimedIDs(value).ids }

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

/// The value of `ids=`, entry by entry.
public struct ClaimedIDs: Sendable, Hashable {
  /// Those that the kernel reads.
  public let ids: [ClaimedID]
  /// Entries that it skips with a warning in its log.
  public let skipped: [String]
  /// The parameter's buffer has 1024 bytes: a longer value is refused as a whole, and the module is not loaded.
  public let isTooLong: Bool

  public init(_ value: some StringProtocol) {
    isTooLong = value.utf8.count > 1023
    var ids: [ClaimedID] = []
    var skipped: [String] = []
    for entry in isTooLong ? [] : value.split(separator: ",") {
      if let id = ClaimedID(entry) { ids.append(id) } else { skipped.append(String(entry)) }
    }
    self.ids = ids
    self.skipped = skipped
  }
}
