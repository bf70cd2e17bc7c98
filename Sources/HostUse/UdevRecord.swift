import Sysfs

/// What udev wrote down of a device when it last saw it: signatures that would otherwise need the disk to be opened.
struct UdevRecord: Sendable {
  /// `ID_FS_TYPE`, `ID_FS_UUID`, `ID_PART_ENTRY_UUID`, …: the `E:` lines.
  private let properties: [String: String]
  /// `/dev/disk/by-uuid/…`, `/dev/vg0/root`: the `S:` lines.
  let links: [String]

  /// `/run/udev/data/b259:2`, `c226:0`; nil where there is no record.
  init?(_ sysfs: any Sysfs, _ number: DeviceNumber) {
    guard let text = sysfs.fact("/run/udev/data/\(number.isBlock ? "b" : "c")\(number.text)").value else { return nil }
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

  /// What is written on the disk or partition, in words; nil where udev found nothing.
  var signature: String? {
    // The partition type of the UEFI specification.
    if self["ID_PART_ENTRY_TYPE"] == "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" { return "EFI system partition" }
    guard let type = self["ID_FS_TYPE"] else { return self["ID_PART_TABLE_TYPE"].map { "\($0) partition table" } }
    return self["ID_FS_LABEL"].map { "\(type) \($0)" } ?? type
  }

  /// The names by which `fstab(5)` and `crypttab(5)` may call it.
  var tags: [String] {
    let keys = [
      ("UUID", "ID_FS_UUID"), ("LABEL", "ID_FS_LABEL"), ("PARTUUID", "ID_PART_ENTRY_UUID"),
      ("PARTLABEL", "ID_PART_ENTRY_NAME"),
    ]
    return keys.compactMap { tag, key in self[key].map { "\(tag)=\($0)" } }
  }
}
