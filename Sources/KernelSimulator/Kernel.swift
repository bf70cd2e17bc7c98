import Host
import PCI
import System

/// The simulated kernel: drivers, functions and groups of one capture. Used only while the capture's lock is held.
///
/// A change has one moment: the `driver` link of a function appears or goes, `sriov_numvfs` is replaced, a removed
/// function's folder is moved. Before it the function is marked unfinished, after it `settle` puts in place what
/// follows from it. Killed in between, the next write (and the next `SimulatedSysfs`) settles what is marked.
struct Kernel: Sendable {
  let tree: Tree
  let hidden: Hidden
  let modules: ModuleCatalog
  let faults: FaultPlan

  init(_ root: Root, faults: FaultPlan) {
    self.faults = faults
    tree = Tree(root: root)
    hidden = Hidden(tree: tree)
    modules = ModuleCatalog(tree)
  }

  /// Every function on the bus.
  var addresses: [Address] { tree.names(BusPath.devices).compactMap { Address($0) }.sorted() }

  func device(_ address: Address) -> SimulatedDevice? { SimulatedDevice(address, in: tree) }

  /// `bus_find_device_by_name`: the whole name, with or without a line's end; anything shorter is ENODEV.
  func device(named value: [UInt8]) throws(Refusal) -> SimulatedDevice {
    let text = lineText(value)
    guard let address = Address(text), address.description == text, let device = device(address) else {
      throw .errno(.noDevice)
    }
    return device
  }

  /// The driver is registered. A capture without its folder knows it by a function that is bound to it.
  func isRegistered(_ driver: String) -> Bool {
    tree.exists(BusPath.driver(driver)) || addresses.contains { device($0)?.driver == driver }
  }

  /// PCI members of a group.
  func members(ofGroup group: Int) -> [Address] {
    let listed = tree.names("\(BusPath.groups)/\(group)/devices")
    guard listed.isEmpty else { return listed.compactMap { Address($0) } }
    return addresses.filter { device($0)?.group == group }
  }

  /// A guest has the group open: `iommu_group_claim_dma_owner` keeps drivers that do DMA away from its members.
  func isOwned(_ group: Int) -> Bool { members(ofGroup: group).contains { hidden.isHeld($0) } }

  /// Every member is unbound, or on a driver that leaves its DMA alone; of bridges that is pcieport, not shpchp.
  func isViable(_ group: Int) -> Bool {
    members(ofGroup: group).allSatisfy { address in
      guard let device = device(address), let driver = device.driver else { return true }
      return !VFIODriver.blocksGroup(driver) || !tree.names(device.path("vfio-dev")).isEmpty
    }
  }

  /// Reading and writing an override takes the device lock, which an unbind that waits keeps: on 6.1, and no more on
  /// Debian's 6.12.117, which has the generic override. Not known of others, so taken to be so there.
  var overrideTakesLock: Bool {
    let release = (tree.text("/proc/sys/kernel/osrelease") ?? "").split(whereSeparator: { !$0.isNumber }).prefix(3)
    let numbers = release.compactMap { Int($0) }
    return !(numbers.count == 3 && numbers[0] == 6 && numbers[1] == 12 && numbers[2] >= 117)
  }

  /// Reading `uevent` takes the device lock on Debian's 6.1.192, and not on its 6.12.117.
  var ueventTakesLock: Bool { (tree.text("/proc/sys/kernel/osrelease") ?? "").hasPrefix("6.1.") }

  /// `vfio-dev/` stays until a pending unbind is through on Debian's 6.1.192, and goes as it starts on its 6.12.117.
  var keepsVFIODevice: Bool { !(tree.text("/proc/sys/kernel/osrelease") ?? "").hasPrefix("6.12.") }

  /// VFs that the function has enabled.
  func virtualFunctionCount(_ device: SimulatedDevice) -> Int { device.text("sriov_numvfs").flatMap { Int($0) } ?? 0 }

  /// Does `body`, which holds the one change of these functions that counts, and all that follows from it.
  func change(_ device: SimulatedDevice, _ body: () throws(Refusal) -> Void) throws(Refusal) {
    try hidden.remember(device)
    // A driver stays registered when its last function goes, though the capture lacks its folder.
    if let driver = device.driver { try tree.makeFolder(BusPath.driver(driver)) }
    try hidden.setUnfinished(device.address, true)
    try body()
    try settle(device.address)
    try hidden.setUnfinished(device.address, false)
  }

  /// Finishes what a killed process left, and the unbinds whose holder has closed the function.
  func recover() throws(Refusal) {
    for address in hidden.unfinished {
      try settle(address)
      try hidden.setUnfinished(address, false)
    }
    for address in hidden.allPending where !hidden.isHeld(address) { try finishUnbind(address) }
  }
}

/// Text up to a line's end or a NUL, as `sysfs_streq` compares it.
func lineText(_ value: [UInt8]) -> String { String(decoding: value.prefix { $0 != 0x0a && $0 != 0 }, as: UTF8.self) }

/// `kstrtoul` with base 0: decimal, 0x hex or 0 octal, a sign, one line's end; nil is EINVAL.
func kernelNumber(_ value: [UInt8]) -> UInt64? {
  var text = String(decoding: value.last == 0x0a ? value.dropLast() : value[...], as: UTF8.self)[...]
  if text.hasPrefix("+") { text = text.dropFirst() }
  guard let first = text.utf8.first, hexDigit(first) != nil else { return nil }
  if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt64(text.dropFirst(2), radix: 16) }
  return text.hasPrefix("0") && text.utf8.count > 1 ? UInt64(text, radix: 8) : UInt64(text)
}
