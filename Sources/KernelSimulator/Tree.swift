import PCI
import System

/// The capture's files, as the simulated kernel changes them. Every path is the host's own, `/sys/…`.
struct Tree: Sendable {
  let root: Root

  func exists(_ path: String) -> Bool { root.exists(path) }
  func isLink(_ path: String) -> Bool { (try? root.linkTarget(path)) != nil }
  func names(_ path: String) -> [String] { (try? root.entries(path)) ?? [] }
  func bytes(_ path: String) -> [UInt8]? { try? root.read(path, limit: 1 << 24) }

  /// An attribute's text without the white space at its end; nil if it cannot be read.
  func text(_ path: String) -> String? {
    guard var bytes = bytes(path)?[...] else { return nil }
    while let last = bytes.last, last == 0x0a || last == 0x20 || last == 0 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Last component of a link's text; nil if there is no link.
  func linkName(_ path: String) -> String? {
    (try? root.linkTarget(path)).flatMap { $0.split(separator: "/").last.map(String.init) }
  }

  func put(_ path: String, _ text: String) throws(Refusal) {
    do { try root.replace(path, with: Array(text.utf8)) } catch { throw Refusal(error) }
  }

  /// Changes an attribute only if the capture has it: what it lacks is unknown, and stays so.
  func update(_ path: String, _ text: String) throws(Refusal) {
    if exists(path) { try put(path, text) }
  }

  func makeFolder(_ path: String) throws(Refusal) {
    do { try root.makeDirectory(path) } catch { throw Refusal(error) }
  }

  /// A link with this text, whatever was there.
  func link(_ path: String, to target: String) throws(Refusal) {
    if (try? root.linkTarget(path)) == target { return }
    do {
      try root.remove(path)
      try root.makeLink(path, to: target)
    } catch { throw Refusal(error) }
  }

  func remove(_ path: String) throws(Refusal) {
    do { try root.remove(path) } catch { throw Refusal(error) }
  }

  /// A file, link or folder with all below it; links are not followed.
  func removeAll(_ path: String) throws(Refusal) {
    do {
      if !isLink(path), try root.kind(path) == .directory {
        for name in names(path) { try removeAll("\(path)/\(name)") }
        try root.removeDirectory(path)
      } else {
        try root.remove(path)
      }
    } catch let error as SystemError { throw Refusal(error) } catch let refusal as Refusal { throw refusal } catch {
      throw .errno(.io)
    }
  }

  func move(_ path: String, to other: String) throws(Refusal) {
    do { try root.rename(path, to: other) } catch { throw Refusal(error) }
  }
}

/// The paths of the bus.
enum BusPath {
  static let bus = "/sys/bus/pci"
  static let devices = "/sys/bus/pci/devices"
  static let drivers = "/sys/bus/pci/drivers"
  static let groups = "/sys/kernel/iommu_groups"

  static func driver(_ name: String) -> String { "\(drivers)/\(name)" }
}

/// `..` as often as it takes to get from a folder below `/sys` up to `/sys`: the kernel's links are relative.
func upToSys(from folder: String) -> String {
  String(repeating: "../", count: max(folder.split(separator: "/").count - 1, 0))
}
