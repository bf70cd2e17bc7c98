import PCI
import System

/// A VF that does not exist yet: place, ids and registers as its PF's SR-IOV capability has them.
struct VirtualFunction {
  private let kernel: Kernel
  private let physical: SimulatedDevice
  private let index: Int
  private let address: Address
  private let deviceID: UInt16

  /// `pci_iov_virtfn_bus`, `pci_iov_virtfn_devfn`: First VF Offset and VF Stride from the PF's routing identifier.
  /// Nil if neither the attributes nor the capability were captured.
  init?(_ kernel: Kernel, of physical: SimulatedDevice, index: Int) {
    let space = physical.configuration
    let capability = space.extendedCapability(.singleRootIOV).value?.offset
    func register(_ attribute: String, _ offset: Int, radix: Int) -> UInt16? {
      physical.text(attribute).flatMap { UInt16($0, radix: radix) }
        ?? capability.flatMap { space.word($0 + offset).value }
    }
    guard let first = register("sriov_offset", 0x14, radix: 10), let stride = register("sriov_stride", 0x16, radix: 10),
      let id = register("sriov_vf_device", 0x1a, radix: 16)
    else { return nil }
    let routing = Int(physical.address.routingID) + Int(first) + Int(stride) * index
    guard routing <= Int(UInt16.max) else { return nil }
    self.kernel = kernel
    self.physical = physical
    self.index = index
    address = Address(domain: physical.address.domain, routingID: UInt16(routing))
    deviceID = id
  }

  /// The folder first, its links last: a VF is seen when it is whole.
  func make() throws(Refusal) {
    let tree = kernel.tree
    // VFs stand beside their PF, whatever their bus number says. A capture may list folders instead of links.
    let parent = physical.folder.split(separator: "/").dropLast().joined(separator: "/")
    let folder = "/\(parent)/\(address)"
    guard kernel.device(address) == nil else { return }
    try tree.removeAll(folder)
    try tree.makeFolder(folder)
    try kernel.hidden.rememberNothing(address)
    for (name, text) in attributes { try tree.put("\(folder)/\(name)", text + "\n") }
    try tree.put("\(folder)/driver_override", "(null)\n")
    if tree.exists(physical.path("config")) {
      do { try tree.root.replace("\(folder)/config", with: registers) } catch { throw Refusal(error) }
    }
    // A VF goes with its PF's number alone: no remove, no rescan (`pci_dev_hp_attrs_are_visible`).
    try tree.put("\(folder)/reset", "")
    try tree.link("\(folder)/physfn", to: "../\(physical.address)")
    try tree.link("\(folder)/subsystem", to: upToSys(from: folder) + "bus/pci")
    if physical.group != nil { try makeGroup(folder) }
    if "\(BusPath.devices)/\(address)" != folder {
      try tree.link(
        "\(BusPath.devices)/\(address)", to: upToSys(from: BusPath.devices) + folder.dropFirst("/sys/".utf8.count))
    }
    try tree.link(physical.path("virtfn\(index)"), to: "../\(address)")
  }

  private var attributes: [(String, String)] {
    let vendor = physical.text("vendor") ?? "0x0000"
    let code = physical.classCode ?? 0
    let device = "0x" + hexText(deviceID, digits: 4)
    let subsystem = (physical.text("subsystem_vendor") ?? vendor, physical.text("subsystem_device") ?? "0x0000")
    func number(_ text: String) -> UInt32 { parseHex(text, as: UInt32.self) ?? 0 }
    func plain(_ text: String) -> String { String(text.dropFirst(2)).uppercased() }
    let modalias = SimulatedDevice.modalias(
      vendor: number(vendor), device: UInt32(deviceID), subsystemVendor: number(subsystem.0),
      subsystemDevice: number(subsystem.1), classCode: code)
    let uevent = [
      "PCI_CLASS=\(String(code, radix: 16).uppercased())", "PCI_ID=\(plain(vendor)):\(plain(device))",
      "PCI_SUBSYS_ID=\(plain(subsystem.0)):\(plain(subsystem.1))", "PCI_SLOT_NAME=\(address)", "MODALIAS=\(modalias)",
    ]
    return [
      ("vendor", vendor), ("device", device), ("subsystem_vendor", subsystem.0), ("subsystem_device", subsystem.1),
      ("class", ClassCode(code).description), ("revision", physical.text("revision") ?? "0x00"),
      ("modalias", modalias), ("uevent", uevent.joined(separator: "\n")), ("enable", "0"),
      ("numa_node", physical.text("numa_node") ?? "-1"), ("power_state", "D0"), ("reset_method", "flr"),
      ("d3cold_allowed", "1"), ("irq", "0"), ("msi_bus", "1"),
    ]
  }

  /// A VF's ids read all ones (PCI Express, 9.3.4.1); it has a PCI Express capability with FLR, which VFs must have.
  private var registers: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: physical.configuration.bytes.count > 256 ? 4096 : 256)
    bytes.replaceSubrange(0..<4, with: [0xff, 0xff, 0xff, 0xff])
    bytes[0x06] = 0x10
    let source = physical.configuration.bytes
    for offset in [0x08, 0x09, 0x0a, 0x0b] + Array(0x2c..<0x30) where offset < source.count {
      bytes[offset] = source[offset]
    }
    bytes[0x34] = 0x40
    bytes.replaceSubrange(0x40..<0x48, with: [0x10, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x10])
    return bytes
  }

  /// A VF is alone in its group; a new group is numbered after the highest.
  private func makeGroup(_ folder: String) throws(Refusal) {
    let tree = kernel.tree
    let used =
      tree.names(BusPath.groups).compactMap { Int($0) } + kernel.addresses.compactMap { kernel.device($0)?.group }
    let group = (used.max() ?? -1) + 1
    let path = "\(BusPath.groups)/\(group)"
    if tree.exists(BusPath.groups) {
      try tree.makeFolder("\(path)/devices")
      try tree.put("\(path)/type", "DMA\n")
      try tree.put("\(path)/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n")
      try tree.link(
        "\(path)/devices/\(address)", to: upToSys(from: "\(path)/devices") + folder.dropFirst("/sys/".utf8.count))
    }
    try tree.link("\(folder)/iommu_group", to: upToSys(from: folder) + "kernel/iommu_groups/\(group)")
  }
}
