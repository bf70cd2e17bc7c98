import Host
import Libvirt
import PCI
import Sysfs

/// A function that the configuration of a libvirt domain names.
public struct DomainFunction: Sendable, Equatable {
  public let domain: ForeignWord
  public let function: Address
  public let isManaged: Bool
  public let source: SourceLine
}

/// Reads the configurations of libvirt's QEMU domains, in the folder of its system daemon.
struct LibvirtDomains {
  static let folder = "/etc/libvirt/qemu"

  /// What is not XML is noted, with the place, and the other domains still count.
  static func read(_ files: inout SettingFiles, malformed: inout [String]) -> [DomainFunction] {
    var found: [DomainFunction] = []
    for name in files.names(folder) where name.hasSuffix(".xml") {
      let path = "\(folder)/\(name)"
      guard let bytes = files.bytes(path) else { continue }
      let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
      do {
        found += try readGivenFunctions(bytes, name: path).map { given in
          let text = lines.indices.contains(given.line - 1) ? lines[given.line - 1] : []
          return DomainFunction(
            domain: ForeignWord(name.dropLast(4)), function: given.function, isManaged: given.isManaged,
            source: SourceLine(
              path, given.line, text: words(String(decoding: text, as: UTF8.self)).joined(separator: " ")))
        }
      } catch { malformed.append("\(error)") }
    }
    return found
  }
}
