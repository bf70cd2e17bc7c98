import Settings
import Sysfs

/// What udev wrote down of a device when it last saw it: signatures, which otherwise need the disk to be opened.
struct UdevRecord: Sendable {
  /// `ID_FS_TYPE`, `ID_FS_UUID`, `ID_PART_ENTRY_UUID`, …: the `E:` lines.
  private let properties: [String: String]
  /// `/dev/disk/by-uuid/…`, `/dev/vg0/root`: the `S:` lines.
  let links: [String]

  /// `/run/udev/data/b259:2`, `c226:0`; nil if there is no record.
  init?(_ sysfs: any Sysfs, _ number: DeviceNumber) {
    self.init(sysfs, named: "\(number.isBlock ? "b" : "c")\(number.text)")
  }

  /// `/run/udev/data/n3`, by the interface's `ifindex`.
  init?(_ sysfs: any Sysfs, interface index: String) { self.init(sysfs, named: "n\(index)") }

  private init?(_ sysfs: any Sysfs, named name: String) {
    guard let text = sysfs.fact("/run/udev/data/\(name)").value else { return nil }
    var properties: [String: String] = [:]
    var links: [String] = []
    for line in textLines(text) {
      let body = line.dropFirst(2)
      if line.hasPrefix("S:") {
        links.append("/dev/" + body)
      } else if line.hasPrefix("E:"), let equals = body.firstIndex(of: "=") {
        properties[String(body[..<equals])] = String(body[body.index(after: equals)...])
      }
    }
    self.properties = properties
    self.links = links
  }

  subscript(_ key: String) -> String? { properties[key].flatMap { $0.isEmpty ? nil : $0 } }

  /// Partition types that machines start from: UEFI, GRUB on BIOS, the boot loader specification, POWER; then those of
  /// MBR disks.
  private static let bootTypes = [
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b": "EFI system partition",
    "21686148-6449-6e6f-744e-656564454649": "BIOS boot partition",
    "bc13c2ff-59e6-4262-a352-b275fd6f7172": "extended boot loader partition",
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b": "PReP boot partition",
    "0xef": "EFI system partition",
    "0x41": "PReP boot partition",
  ]

  /// `EFI system partition`: what machines start from, by the partition table; nil for any other partition.
  var bootKind: String? { self["ID_PART_ENTRY_TYPE"].flatMap { Self.bootTypes[$0.lowercased()] } }

  /// What is written on the disk or partition, in words; nil if udev found nothing.
  var signature: String? {
    if let boot = bootKind { return boot }
    guard let type = self["ID_FS_TYPE"] else { return self["ID_PART_TABLE_TYPE"].map { "\($0) partition table" } }
    return self["ID_FS_LABEL"].map { "\(type) \($0)" } ?? type
  }

  /// The names by which `fstab(5)` and `crypttab(5)` may call it.
  var tags: [String] {
    let keys = [
      ("UUID", "ID_FS_UUID"), ("UUID", "ID_FS_UUID_ENC"), ("LABEL", "ID_FS_LABEL"), ("LABEL", "ID_FS_LABEL_ENC"),
      ("PARTUUID", "ID_PART_ENTRY_UUID"), ("PARTLABEL", "ID_PART_ENTRY_NAME"),
    ]
    let array = self["ID_FS_TYPE"] == "linux_raid_member" ? (self["MD_UUID"] ?? self["ID_FS_UUID"]) : nil
    return keys.compactMap { tag, key in self[key].map { deviceTag("\(tag)=\(Self.decoded($0))") } }
      + [array.flatMap { arrayTag($0) }].compactMap { $0 }
  }

  /// Undoes the `\x20` with which udev writes what it takes for unsafe.
  private static func decoded(_ text: String) -> String {
    guard text.contains("\\x") else { return text }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3, rest.first == UInt8(ascii: "x"),
        let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
