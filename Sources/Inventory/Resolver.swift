import Host
import PCI
import Sysfs

/// A selector that named nothing: what was looked for, and the nearest thing there is.
public struct NoSuchDevice: Error, Sendable, Equatable {
  public let lookedFor: String
  public let path: String?
  public let suggestion: String?
}

/// Finds the functions that a selector names.
public struct Resolver {
  private let host: Host
  private let sysfs: any Sysfs

  public init(host: Host, sysfs: any Sysfs) {
    self.host = host
    self.sysfs = sysfs
  }

  /// In the order of addresses, at least one. `xml` and `pin` selectors come as the addresses that they hold.
  public func functions(_ selector: Selector, named: [Address] = []) throws(NoSuchDevice) -> [Address] {
    switch selector {
    case .function(let address): return [try existing(address)]
    case .slot(let slot):
      let found = host.functions(inSlot: slot).map(\.address)
      if found.isEmpty {
        throw noSuch(
          "device \(slot)", at: "/sys/bus/pci/devices", like: "\(slot).0", among: host.functions.map { "\($0.address)" }
        )
      }
      return found
    case .id(let id):
      let found = host.functions.filter { $0.id == id }.map(\.address)
      if found.isEmpty {
        throw noSuch(
          "\(id)", at: "/sys/bus/pci/devices", like: "\(id)", among: host.functions.compactMap { $0.id?.description })
      }
      return found
    case .group(let number): return try endpoints(ofGroup: number)
    case .network(let name):
      return try behind("/sys/class/net", name, what: "interface \(name)")
    case .block(let name): return try behindBlock(name)
    case .xml, .pin:
      var found: [Address] = []
      for address in named { found.append(try existing(address)) }
      return found.sorted()
    }
  }

  private func existing(_ address: Address) throws(NoSuchDevice) -> Address {
    if host[address] == nil {
      throw noSuch(
        "function \(address)", at: "/sys/bus/pci/devices/\(address)", like: "\(address)",
        among: host.functions.map { "\($0.address)" })
    }
    return address
  }

  private func endpoints(ofGroup number: Int) throws(NoSuchDevice) -> [Address] {
    let members = host.functions(inGroup: number)
    let path = "/sys/kernel/iommu_groups/\(number)"
    guard !members.isEmpty else {
      let numbers = host.groups.keys.sorted { (abs($0 - number), $0) < (abs($1 - number), $1) }
      throw NoSuchDevice(lookedFor: "group \(number)", path: path, suggestion: numbers.first.map { "group:\($0)" })
    }
    let found = members.filter(\.isEndpoint).map(\.address)
    if found.isEmpty {
      throw NoSuchDevice(
        lookedFor: "endpoint in group \(number)", path: path,
        suggestion: "the bridge \(members.map { "\($0.address)" }.joined(separator: ", "))")
    }
    return found
  }

  /// By the link in a class folder, whose text has the whole path of the device.
  private func behind(_ folder: String, _ name: String, what: String) throws(NoSuchDevice) -> [Address] {
    let path = "\(folder)/\(name)"
    let texts = [try? sysfs.linkTarget(path), try? sysfs.linkTarget(path + "/device")].compactMap { $0 }
    for text in texts {
      if let address = text.split(separator: "/").last(where: { Address($0) != nil }).flatMap({ Address($0) }),
        host[address] != nil
      {
        return [address]
      }
    }
    if sysfs.exists(path) { throw NoSuchDevice(lookedFor: "PCI function behind \(what)", path: path, suggestion: nil) }
    throw noSuch(what, at: path, like: name, among: (try? sysfs.entries(folder)) ?? [])
  }

  private func behindBlock(_ name: String) throws(NoSuchDevice) -> [Address] {
    // Names below /dev may be links: disk/by-id/…, mapper/….
    var kernelName = name
    for _ in 0..<8 {
      guard let target = try? sysfs.linkName("/dev/\(kernelName)") else { break }
      kernelName = target
    }
    let found = under(kernelName, depth: 0)
    if !found.isEmpty { return found.sorted() }
    let path = "/sys/class/block/\(kernelName)"
    if sysfs.exists(path) {
      throw NoSuchDevice(lookedFor: "PCI function behind block device \(kernelName)", path: path, suggestion: nil)
    }
    throw noSuch(
      "block device \(name)", at: path, like: kernelName, among: (try? sysfs.entries("/sys/class/block")) ?? [])
  }

  /// Functions below a block device: its own, those of what it is made of, and every path of a multipath NVMe disk.
  private func under(_ name: String, depth: Int) -> Set<Address> {
    guard depth < 16 else { return [] }
    let path = "/sys/class/block/\(name)"
    guard let target = try? sysfs.linkTarget(path) else { return [] }
    let parts = target.split(separator: "/")
    if let own = parts.last(where: { Address($0) != nil }).flatMap({ Address($0) }), host[own] != nil { return [own] }
    var found: Set<Address> = []
    if let subsystem = parts.first(where: { $0.hasPrefix("nvme-subsys") && $0 != "nvme-subsystem" }) {
      let folder = "/sys/class/nvme-subsystem/\(subsystem)"
      for controller in (try? sysfs.entries(folder)) ?? [] {
        guard let link = try? sysfs.linkTarget("\(folder)/\(controller)") else { continue }
        if let address = link.split(separator: "/").last(where: { Address($0) != nil }).flatMap({ Address($0) }),
          host[address] != nil
        {
          found.insert(address)
        }
      }
    }
    for slave in (try? sysfs.entries(path + "/slaves")) ?? [] { found.formUnion(under(slave, depth: depth + 1)) }
    return found
  }

  private func noSuch(_ what: String, at path: String?, like text: String, among candidates: [String]) -> NoSuchDevice {
    NoSuchDevice(lookedFor: what, path: path, suggestion: suggestion(for: text, among: candidates))
  }
}
