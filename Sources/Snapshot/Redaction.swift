import PCI

/// Takes serial numbers and MAC addresses out of a snapshot.
///
/// Left out: the device serial number in `config`; files that hold one (`serial`, `wwid`, `subsysnqn`, …); values of
/// keys such as `ID_SERIAL=`, `UNIQ=`, `serial=`; what is behind `by-id/`; MAC addresses in text, in names of interfaces
/// (`enx…`) and inside IPv6 addresses. A value that comes twice is the same again afterwards, so that what belongs
/// together still does. Vital product data is in no snapshot.
///
/// Kept: UUIDs of file systems and partitions, by which fstab, udev and mounts find one another and which name no
/// hardware; IP addresses; host names in mounts and command lines.
final class Redaction {
  private var stands: [String: [[UInt8]: Int]] = [:]

  /// Files whose whole content tells which one of many a thing is.
  private static let secretFiles: Set<String> = [
    "serial", "wwid", "wwn", "uuid", "nguid", "eui", "subsysnqn", "hostnqn", "hostid", "uniq", "unique_id",
  ]
  /// Registers and tables that are the same on every machine of a kind.
  private static let plainFolders = ["/lib/modules/", "/usr/share/", "/boot/"]

  /// A path, or a link's text.
  func name(_ text: String) -> String { String(decoding: self.text(Array(text.utf8)), as: UTF8.self) }

  /// What goes into the file at `path` for these bytes.
  func file(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    if name == "config", !path.hasPrefix("/boot/") { return withoutSerialNumber(bytes) }
    if Self.plainFolders.contains(where: { path.hasPrefix($0) }) { return bytes }
    guard Self.secretFiles.contains(name), !bytes.allSatisfy({ $0 <= 0x20 }) else { return text(bytes) }
    // Of device mapper's the first word says what made it; of multipath alone the rest is a WWID.
    if path.hasSuffix("/dm/uuid"), !bytes.starts(with: "mpath-".utf8) { return text(bytes) }
    return (path.hasSuffix("/dm/uuid") ? Array("mpath-".utf8) : []) + stand("secret", bytes) + [0x0a]
  }

  /// Eight bytes of zeros in place of the serial number, if there is a Device Serial Number capability.
  private func withoutSerialNumber(_ bytes: [UInt8]) -> [UInt8] {
    guard case .known(let entry) = ConfigurationSpace(bytes).extendedCapability(.serialNumber) else { return bytes }
    var bytes = bytes
    for offset in entry.offset + 4..<entry.offset + 12 where offset < bytes.count { bytes[offset] = 0 }
    return bytes
  }

  /// `redacted-1`, `redacted-2`, …: the same for the same value of a kind.
  private func stand(_ kind: String, _ value: some Sequence<UInt8>) -> [UInt8] {
    Array("redacted-\(number(kind, value))".utf8)
  }

  private func number(_ kind: String, _ value: some Sequence<UInt8>) -> Int {
    let value = Array(value)
    if let known = stands[kind]?[value] { return known }
    let next = stands[kind, default: [:]].count + 1
    stands[kind, default: [:]][value] = next
    return next
  }

  private func text(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let rest = bytes[index...]
      let isWordStart = index == 0 || !isWord(bytes[index - 1])
      if isWordStart, let pairs = pairsOfHex(rest) {
        result += rest.prefix(pairs).map { hexDigit($0) == nil ? $0 : UInt8(ascii: "0") }
        index += pairs
      } else if isWordStart, rest.starts(with: "enx".utf8), hexRun(rest.dropFirst(3)) == 12 {
        result += "enx\(hexText(UInt64(number("interface", rest.prefix(15))), digits: 12))".utf8
        index += 15
      } else if isWordStart, hexRun(rest) == 32, rest.dropFirst(22).starts(with: "fffe".utf8) {
        // fe80::/64 and then the MAC with fffe in its middle.
        result += rest.prefix(16) + Array("000000fffe000000".utf8)
        index += 32
      } else if isWordStart, rest.starts(with: "by-id/".utf8) {
        let value = rest.dropFirst(6).prefix { !ends($0) && $0 != UInt8(ascii: "/") }
        result += Array("by-id/".utf8) + (value.isEmpty ? [] : stand("by-id", value))
        index += 6 + value.count
      } else if rest.first == UInt8(ascii: "="), isSecretKey(result) {
        let isWholeLine = startsLine(result)
        let value = rest.dropFirst().prefix { isWholeLine ? $0 != 0x0a && $0 != 0 : !ends($0) }
        result += [UInt8(ascii: "=")] + (value.isEmpty ? [] : stand("secret", value))
        index += 1 + value.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
