import CLibPCI
import PCI
import System

/// Names of vendors, devices, subsystems and classes, as `lspci` prints them, from a `pci.ids`.
///
/// The table is read at the first look-up of a name: it takes milliseconds, and JSON of `list` can do without.
/// What it does not know is nil, never `Device 5000`. Not for two threads at a time: neither is libpci.
public final class Names {
  private enum Table {
    case unread(() -> OpaquePointer?)
    /// Nil if there is none to be had.
    case read(OpaquePointer?)
  }

  private var table: Table

  /// A capture's own `/usr/share/misc/pci.ids` if it has one, else this machine's.
  ///
  /// If a capture's file cannot be read there are no names; the host's file is not used instead.
  public init(root: Root) {
    table = .unread { root.isHost ? hostdev_names_default() : Self.table(in: root) }
  }

  /// The table in these bytes.
  public init(_ bytes: [UInt8]) {
    table = .unread { hostdev_names_from_bytes(bytes, bytes.count) }
  }

  deinit { if case .read(let table) = table { hostdev_names_close(table) } }

  private func open() -> OpaquePointer? {
    switch table {
    case .read(let opened): return opened
    case .unread(let open):
      let opened = open()
      table = .read(opened)
      return opened
    }
  }

  /// gzip's first bytes: libpci unpacks it, to any size.
  private static let compressed: [UInt8] = [0x1f, 0x8b]
  /// Four times what `pci.ids` is today. libpci wants a path, and one that cannot lead out of the capture: it gets a
  /// copy of the bytes.
  private static let limit = 6 << 20
  private static let path = "/usr/share/misc/pci.ids"

  private static func table(in root: Root) -> OpaquePointer? {
    do throws(SystemError) {
      let bytes = try root.read(path, limit: limit)
      return bytes.starts(with: compressed) ? nil : hostdev_names_from_bytes(bytes, bytes.count)
    } catch {
      return error.errno == .noEntry || error.errno == .notDirectory ? hostdev_names_default() : nil
    }
  }

  public func vendor(_ id: UInt16) -> String? { name(HOSTDEV_NAME_VENDOR, ids: [id, 0, 0, 0]) }

  public func device(_ id: DeviceID) -> String? { name(HOSTDEV_NAME_DEVICE, ids: [id.vendor, id.device, 0, 0]) }

  /// Name of the board, without its vendor's. Looked for below the device, then as the subsystem vendor's own.
  public func subsystem(of id: DeviceID, _ subsystem: DeviceID) -> String? {
    name(HOSTDEV_NAME_SUBSYSTEM, ids: [id.vendor, id.device, subsystem.vendor, subsystem.device])
  }

  /// Name of the subclass. If the table has none, `Memory controller [05ff]` as lspci has it; if there is no table, the
  /// name of the base class.
  public func className(_ code: ClassCode) -> String? {
    name(HOSTDEV_NAME_CLASS, ids: [code.subclass, 0, 0, 0]) ?? baseClassName(code.base)
  }

  /// What is looked up; a host has many functions and few kinds of them.
  private struct Key: Hashable {
    let kind: UInt32
    let ids: SIMD4<UInt16>
  }

  private var known: [Key: String?] = [:]

  /// `ids`: as many as the kind has, then zeroes.
  private func name(_ kind: hostdev_name_kind, ids: SIMD4<UInt16>) -> String? {
    let key = Key(kind: kind.rawValue, ids: ids)
    if let name = known[key] { return name }
    let name = open().flatMap { table -> String? in
      // Lines of the table end at 1023 bytes.
      let bytes = [CChar](unsafeUninitializedCapacity: 2048) { buffer, count in
        count = hostdev_names_lookup(table, kind, ids[0], ids[1], ids[2], ids[3], buffer.baseAddress, buffer.count)
      }
      return bytes.isEmpty ? nil : repaired(bytes)
    }
    known[key] = .some(name)
    return name
  }

  /// Bytes that are not UTF-8, and control characters, which a terminal obeys, become replacement characters.
  private func repaired(_ bytes: [CChar]) -> String {
    let text = String(decoding: bytes.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Most names are plain ASCII: looking at the bytes suffices.
    if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) { return text }
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      clean.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
    }
    return String(clean)
  }
}
