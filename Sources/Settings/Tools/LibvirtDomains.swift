import Host
import Libvirt
import PCI
import Sysfs

/// A function that the configuration of a libvirt domain names, itself or through a network.
public struct DomainFunction: Sendable, Equatable {
  public let domain: ForeignWord
  public let function: Address
  public let way: GuestWay
  public let isManaged: Bool
  /// libvirt starts the domain as the host boots.
  public let isAutostarted: Bool
  public let source: SourceLine
  /// Of a network that hands functions out: its line, and its name.
  public var network: SourceLine?
  public var networkName: ForeignWord?
}

/// Reads the configurations of libvirt's QEMU domains, in the folder of its system daemon.
struct LibvirtDomains {
  static let folder = "/etc/libvirt/qemu"

  /// What is not XML is noted, with the place, and the other domains still count.
  static func read(
    _ files: inout SettingFiles, networks: [LibvirtNetwork], malformed: inout [String]
  ) -> [DomainFunction] {
    let started = Set(files.names("\(folder)/autostart"))
    var found: [DomainFunction] = []
    for name in files.names(folder) where name.hasSuffix(".xml") {
      let path = "\(folder)/\(name)"
      guard let bytes = files.bytes(path) else { continue }
      let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
      func source(_ line: Int) -> SourceLine {
        let text = lines.indices.contains(line - 1) ? lines[line - 1] : []
        return SourceLine(path, line, text: words(String(decoding: text, as: UTF8.self)).joined(separator: " "))
      }
      do {
        let (functions, interfaces) = try readDomain(bytes, name: path)
        found += functions.map { given in
          DomainFunction(
            domain: ForeignWord(name.dropLast(4)), function: given.function, way: given.way, isManaged: given.isManaged,
            isAutostarted: started.contains(name), source: source(given.line))
        }
        for interface in interfaces {
          guard let network = networks.first(where: { $0.name == interface.network }) else { continue }
          found += network.functions.map { function in
            DomainFunction(
              domain: ForeignWord(name.dropLast(4)), function: function, way: .pool, isManaged: network.isManaged,
              isAutostarted: started.contains(name), source: source(interface.line), network: network.source,
              networkName: ForeignWord(network.name))
          }
        }
      } catch { malformed.append("\(error)") }
    }
    return found
  }
}
