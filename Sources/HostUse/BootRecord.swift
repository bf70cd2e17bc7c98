import PCI
import Sysfs

/// Which partition this machine was started from, by what the boot loader and the firmware wrote down of it (the EFI
/// variables), and what else may be one.
struct BootRecord: Sendable {
  private enum Firmware: Sendable {
    /// EFI; the partitions that the variables name, none if they could not be read.
    case efi(Set<String>)
    /// BIOS, or a loader that keeps no such record.
    case other
  }

  private let firmware: Firmware

  /// systemd-boot and other loaders of that interface, and the firmware's own variables.
  private static let loader = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
  private static let global = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
  private static let folder = "/sys/firmware/efi/efivars"

  init(_ sysfs: any Sysfs) {
    guard sysfs.exists("/sys/firmware/efi") else {
      firmware = .other
      return
    }
    /// The bytes after the four of the variable's attributes.
    func variable(_ name: String, _ vendor: String) -> ArraySlice<UInt8>? {
      (try? sysfs.read("\(Self.folder)/\(name)-\(vendor)")).flatMap { $0.count > 4 ? $0.dropFirst(4) : nil }
    }
    var partitions: Set<String> = []
    if let bytes = variable("LoaderDevicePartUUID", Self.loader) {
      // UTF-16 of hex digits and hyphens, closed by a NUL.
      let text = bytes.filter { $0 != 0 }
      partitions.insert(String(decoding: text, as: UTF8.self).lowercased())
    }
    if let current = variable("BootCurrent", Self.global), current.count >= 2 {
      let bytes = Array(current)
      let number = hexText(UInt64(bytes[0]) | UInt64(bytes[1]) << 8, digits: 4).uppercased()
      if let option = variable("Boot\(number)", Self.global), let partition = Self.partition(ofOption: Array(option)) {
        partitions.insert(partition)
      }
    }
    firmware = .efi(partitions)
  }

  /// Whether a partition is one that this machine starts from. `isCertain`: the record names it; else nothing says
  /// that it is not.
  func use(of record: UdevRecord?) -> (role: String, isCertain: Bool)? {
    guard let record else { return nil }
    switch firmware {
    case .efi(let partitions):
      if let own = record["ID_PART_ENTRY_UUID"]?.lowercased(), partitions.contains(own) {
        return ("\(record.bootKind ?? "partition") that this machine was started from", true)
      }
      guard partitions.isEmpty, let kind = record.bootKind, kind.hasPrefix("EFI") else { return nil }
      return ("\(kind); the firmware's record of what it started from is not readable", false)
    case .other:
      guard let kind = record.bootKind, !kind.hasPrefix("EFI") else { return nil }
      return (kind, false)
    }
  }

  /// The GUID of the first hard drive node in an `EFI_LOAD_OPTION`: attributes, length of the path, a description in
  /// UTF-16, then nodes of type, subtype, length. Hard drive: 4, 1; signature at 24, its type (2: GUID) at 41.
  static func partition(ofOption bytes: [UInt8]) -> String? {
    var place = 6
    while place + 1 < bytes.count, bytes[place] != 0 || bytes[place + 1] != 0 { place += 2 }
    place += 2
    while place + 4 <= bytes.count {
      let length = Int(bytes[place + 2]) | Int(bytes[place + 3]) << 8
      guard length >= 4, place + length <= bytes.count else { return nil }
      if bytes[place] == 4, bytes[place + 1] == 1, length >= 42, bytes[place + 41] == 2 {
        return guid(bytes[place + 24..<place + 40])
      }
      place += length
    }
    return nil
  }

  /// The first three fields of a GUID are little endian.
  private static func guid(_ bytes: ArraySlice<UInt8>) -> String {
    let raw = Array(bytes)
    let order = [[3, 2, 1, 0], [5, 4], [7, 6], [8, 9], [10, 11, 12, 13, 14, 15]]
    return order.map { $0.map { hexText(UInt64(raw[$0]), digits: 2) }.joined() }.joined(separator: "-")
  }
}
