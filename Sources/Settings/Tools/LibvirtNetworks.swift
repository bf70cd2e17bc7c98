import Host
import Libvirt
import PCI
import Sysfs

/// A network of libvirt's that hands functions out, most often the VFs of a card.
struct LibvirtNetwork: Equatable {
  let name: String
  let functions: [Address]
  /// Its interfaces whose VFs it hands out.
  let pools: [VirtualCount]
  let isManaged: Bool
  let source: SourceLine
}

/// Reads libvirt's networks. The name of one is that of its file.
enum LibvirtNetworks {
  private static let folder = "\(LibvirtDomains.folder)/networks"

  static func read(_ files: inout SettingFiles, malformed: inout [String]) -> [LibvirtNetwork] {
    var found: [LibvirtNetwork] = []
    for name in files.names(folder) where name.hasSuffix(".xml") {
      let path = "\(folder)/\(name)"
      guard let bytes = files.bytes(path) else { continue }
      do {
        guard let network = try readForwardedNetwork(bytes, name: path) else { continue }
        let functions = network.functions + network.physical.flatMap { virtualFunctions(of: $0.interface, files.sysfs) }
        let pools = network.physical.map { physical in
          VirtualCount(
            .pool, .interface(InterfaceMatch(names: [physical.interface])), count: nil,
            source: SourceLine(path, physical.line, text: "pf \(physical.interface)"))
        }
        let own = String(name.dropLast(4))
        found.append(
          LibvirtNetwork(
            name: own, functions: Set(functions).sorted(), pools: pools, isManaged: network.isManaged,
            source: SourceLine(path, network.line, text: "network \(own)")))
      } catch { malformed.append("\(error)") }
    }
    return found
  }

  /// By the links `virtfn0` and on of the interface's function, which take no lock.
  private static func virtualFunctions(of interface: String, _ sysfs: any Sysfs) -> [Address] {
    let folder = "/sys/class/net/\(interface)/device"
    if interface.contains("/") { return [] }
    return sysfs.names(in: folder).filter { $0.hasPrefix("virtfn") }.compactMap { link in
      (try? sysfs.linkTarget("\(folder)/\(link)")).flatMap { Address(lastName($0)) }
    }
  }
}
