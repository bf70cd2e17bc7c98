import Host
import PCI
import Sysfs

/// Finds the functions that a selector names.
public struct Resolver {
  let host: Host
  let sysfs: any Sysfs

  public init(host: Host, sysfs: any Sysfs) {
    self.host = host
    self.sysfs = sysfs
  }

  /// In the order of addresses, at least one. `xml` and `pin` selectors come as the addresses that they hold.
  public func functions(_ selector: Selector, named: [Address] = []) throws(NoSuchDevice) -> [Address] {
    switch selector {
    case .function(let address): return [try existing(address)]
    case .functions(let slot, let range):
      var found: [Address] = []
      for function in range {
        guard let address = Address(domain: slot.domain, bus: slot.bus, device: slot.device, function: function) else {
          continue
        }
        found.append(try existing(address))
      }
      return found
    case .slot(let slot):
      let found = host.functions(inSlot: slot).map(\.address)
      if found.isEmpty {
        throw NoSuchDevice("device \(slot)", path: folder, suggestion: near(slot))
      }
      return found
    case .bus(let bus):
      let found = host.functions(onBus: bus).map(\.address)
      if found.isEmpty { throw NoSuchDevice("function on bus \(bus)", path: folder) }
      return found
    case .id(let id):
      let found = host.functions.filter { $0.id == id }.map(\.address)
      if found.isEmpty { throw NoSuchDevice("\(id)", path: folder, suggestion: near(id)) }
      return found
    case .kind(let pattern):
      let found = host.functions.filter { pattern.matches($0) }.map(\.address)
      if found.isEmpty { throw NoSuchDevice("function with these ids", path: folder) }
      return found
    case .group(let number): return try endpoints(ofGroup: number)
    case .network(let name):
      return try behind("/sys/class/net", name, what: "interface \(name)")
    case .block(let name): return try behindNode(name)
    case .classDevice(let folder, let name):
      return try behind("/sys/class/\(folder)", name, what: "\(folder) device \(name)")
    case .xml, .pin:
      var found: [Address] = []
      for address in named { found.append(try existing(address)) }
      return found.sorted()
    case .several(let selectors):
      var found: Set<Address> = []
      for selector in selectors { found.formUnion(try functions(selector, named: named)) }
      return found.sorted()
    }
  }

  private var folder: String { "/sys/bus/pci/devices" }

  private func existing(_ address: Address) throws(NoSuchDevice) -> Address {
    if host[address] == nil {
      throw NoSuchDevice("function \(address)", path: "\(folder)/\(address)", suggestion: near(address))
    }
    return address
  }

  private func endpoints(ofGroup number: Int) throws(NoSuchDevice) -> [Address] {
    let members = host.functions(inGroup: number)
    let path = "/sys/kernel/iommu_groups/\(number)"
    guard !members.isEmpty else {
      throw NoSuchDevice("group \(number)", path: path, suggestion: near(group: number))
    }
    let found = members.filter(\.isEndpoint).map(\.address)
    if found.isEmpty {
      let bridges = members.map { "\($0.address)" }.joined(separator: ", ")
      throw NoSuchDevice(
        "endpoint in group \(number)", path: path,
        suggestion: Candidate(text: "the bridge \(bridges)", functions: members.map(\.address)))
    }
    return found
  }

  /// By the link in a class folder, whose text has the whole path of the device.
  private func behind(_ folder: String, _ name: String, what: String) throws(NoSuchDevice) -> [Address] {
    let path = "\(folder)/\(name)"
    if let address = owner(path) { return [address] }
    if sysfs.exists(path) { throw NoSuchDevice("PCI function behind \(what)", path: path) }
    let names = (try? sysfs.entries(folder)) ?? []
    let near = suggestion(for: name, among: names).map { near in
      Candidate(text: near, functions: owner("\(folder)/\(near)").map { [$0] } ?? [])
    }
    throw NoSuchDevice(what, path: path, suggestion: near)
  }

  /// The function that a device of a class belongs to.
  func owner(_ path: String) -> Address? {
    for text in [try? sysfs.linkTarget(path), try? sysfs.linkTarget(path + "/device")].compactMap({ $0 }) {
      if let address = text.split(separator: "/").compactMap({ Address($0) }).last, host[address] != nil {
        return address
      }
    }
    return nil
  }

  /// By the name below `/dev`: a block device, or the node of another class.
  private func behindNode(_ name: String) throws(NoSuchDevice) -> [Address] {
    // Names below /dev may be links: disk/by-id/…, mapper/….
    var kernelName = name
    for _ in 0..<8 {
      guard let target = try? sysfs.linkName("/dev/\(kernelName)") else { break }
      kernelName = target
    }
    let found = under(kernelName, depth: 0)
    if !found.isEmpty { return found.sorted() }
    let path = "/sys/class/block/\(kernelName)"
    if sysfs.exists(path) { throw NoSuchDevice("PCI function behind block device \(kernelName)", path: path) }
    let parts = name.split(separator: "/")
    if parts.first == "vfio", parts.count == 2, let number = Int(parts[1]) { return try endpoints(ofGroup: number) }
    let last = kernelName.split(separator: "/").last.map(String.init) ?? kernelName
    let owners = Set(nodes(called: last, below: parts.count > 1 ? String(parts[0]) : nil).map(\.function))
    if owners.count == 1 { return Array(owners) }
    let disks = (try? sysfs.entries("/sys/class/block")) ?? []
    let near = suggestion(for: kernelName, among: disks).map { near in
      Candidate(text: near, functions: under(near, depth: 0).sorted())
    }
    throw NoSuchDevice("block device \(name)", path: path, suggestion: near)
  }

  /// Functions below a block device: its own, those of what it is made of, and every path of a multipath NVMe disk.
  func under(_ name: String, depth: Int) -> Set<Address> {
    guard depth < 16 else { return [] }
    let path = "/sys/class/block/\(name)"
    guard let target = try? sysfs.linkTarget(path) else { return [] }
    let parts = target.split(separator: "/")
    if let own = parts.compactMap({ Address($0) }).last, host[own] != nil { return [own] }
    var found: Set<Address> = []
    if let subsystem = parts.first(where: { $0.hasPrefix("nvme-subsys") && $0 != "nvme-subsystem" }) {
      let folder = "/sys/class/nvme-subsystem/\(subsystem)"
      for controller in (try? sysfs.entries(folder)) ?? [] {
        guard let link = try? sysfs.linkTarget("\(folder)/\(controller)") else { continue }
        if let address = link.split(separator: "/").compactMap({ Address($0) }).last, host[address] != nil {
          found.insert(address)
        }
      }
    }
    for slave in (try? sysfs.entries(path + "/slaves")) ?? [] { found.formUnion(under(slave, depth: depth + 1)) }
    return found
  }
}
