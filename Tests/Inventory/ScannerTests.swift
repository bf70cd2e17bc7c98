import Foundation
import Host
import PCI
import Sysfs
import System
import Testing

@testable import Inventory

private let name = "0000:01:00.0"

@Suite struct ScannerTests {
  @Test func withoutTheBusThereIsNoInventory() throws {
    let tree = try InventoryTree()
    #expect(try tree.scan().functions.isEmpty)
    try tree.remove("/sys/bus/pci/devices")
    let error = #expect(throws: InventoryError.self) { try tree.scan() }
    #expect(error?.cause == SysfsError(.entries, at: "/sys/bus/pci/devices", errno: .noEntry))
  }

  @Test func ueventSaysItInOneRead() throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": event, "vendor": "0xdead\n", "class": "0x020000\n"])
    let function = try tree.brief(name)
    #expect(function.driver == .known("xclmgmt"))
    #expect(function.id == DeviceID(vendor: 0x10ee, device: 0x5000))
    #expect(function.subsystemVendorID == .known(0x10ee))
    #expect(function.subsystemDeviceID == .known(0xe))
    #expect(function.classCode == .known(ClassCode(0x120000)))
    #expect(!function.isDetailed)
  }

  @Test func aClassHasNoLeadingZerosInUevent() throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": "PCI_CLASS=10802\nPCI_ID=144D:A80A\n"])
    #expect(try tree.brief(name).classCode == .known(ClassCode(0x010802)))
    #expect(try tree.brief(name).driver == .absent)
  }

  @Test func withoutUeventAttributesStandIn() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(
      name,
      [
        "vendor": "0x10ee\n", "device": "0x5000\n", "class": "0x120000\n", "subsystem_vendor": "0x10ee\n",
        "subsystem_device": "0x000e\n",
      ])
    var function = try tree.brief(name)
    #expect(function.id == DeviceID(vendor: 0x10ee, device: 0x5000))
    #expect(function.classCode == .known(ClassCode(0x120000)))
    #expect(function.subsystemDeviceID == .known(0xe))
    // Without the drivers in the tree it is unknown whether the function is unbound.
    #expect(function.driver == .unknown)
    try tree.folder("/sys/bus/pci/drivers/nvme")
    function = try tree.brief(name)
    #expect(function.driver == .absent)
    try tree.link(folder + "/driver", to: "/sys/bus/pci/drivers/nvme")
    function = try tree.brief(name)
    #expect(function.driver == .known("nvme"))
  }

  @Test(arguments: ["", "\n", "garbage", "PCI_ID=10EE:5000", "DRIVER=vfio-p", "\u{0}\u{ff}"])
  func anEmptyOrTornUeventSaysNothing(text: String) throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": text])
    let function = try tree.brief(name)
    #expect(function.driver == .unknown)
    #expect(function.vendorID == .unknown)
    #expect(function.classCode == .unknown)
  }

  /// Wherever the file is cut, each fact is that of the whole file, or unknown.
  @Test func aUeventThatIsCutNeverSaysSomethingElse() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name)
    var reached = 0
    for length in 0...event.utf8.count {
      try tree.file(folder + "/uevent", String(event.prefix(length)))
      let function = try tree.brief(name)
      #expect(function.vendorID.isUnknown || function.vendorID == .known(0x10ee))
      #expect(function.deviceID.isUnknown || function.deviceID == .known(0x5000))
      #expect(function.subsystemDeviceID.isUnknown || function.subsystemDeviceID == .known(0xe))
      #expect(function.classCode.isUnknown || function.classCode == .known(ClassCode(0x120000)))
      #expect(function.driver.isUnknown || function.driver == .known("xclmgmt"))
      if function.driver == .known("xclmgmt") { reached += 1 }
    }
    print("UEVENTS: \(event.utf8.count + 1) cases, \(reached) reached")
    #expect(reached >= 80)
  }

  @Test func ueventsOfOtherKindsAreUnderstoodAsFarAsTheyGo() {
    #expect(UEvent(Array("PCI_ID=10EE:5000\r\n".utf8)).id == nil)
    #expect(UEvent(Array("PCI_ID=10EE5000\n".utf8)).id == nil)
    #expect(UEvent(Array("PCI_ID=10EEE:5000\n".utf8)).id == nil)
    #expect(UEvent(Array("PCI_CLASS=1200000\n".utf8)).classCode == nil)
    #expect(UEvent(Array("DRIVER=\nPCI_CLASS=1\nPCI_ID=1:2\n".utf8)).driver == nil)
    #expect(UEvent(Array("XDRIVER=x\nDRIVE=y\n".utf8)).driver == nil)
  }

  @Test func aGroupIsAbsentOnlyWhereGroupsCanBeRead() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["uevent": event])
    #expect(try tree.brief(name).iommuGroup == .unknown)
    #expect(try !tree.scan().hasNoGroups)
    try tree.folder("/sys/kernel/iommu_groups")
    #expect(try tree.brief(name).iommuGroup == .absent)
    #expect(try tree.scan().hasNoGroups)
    try tree.group(12, folder)
    #expect(try tree.brief(name).iommuGroup == .known(12))
    #expect(try tree.scan().groups[12]?.functions.map(\.description) == [name])
  }

  @Test func aGroupThatIsNoNumberIsUnknown() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["uevent": event])
    try tree.folder("/sys/kernel/iommu_groups/x")
    try tree.link(folder + "/iommu_group", to: "/sys/kernel/iommu_groups/x")
    #expect(try tree.brief(name).iommuGroup == .unknown)
    #expect(try tree.scan().groups.isEmpty)
  }

  @Test func resetMethodsAreAbsentWhereOthersHaveThem() throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": event])
    #expect(try tree.brief(name).kernelResetMethods == .unknown)
    try tree.function("0000:02:00.0", ["uevent": event, "reset_method": "flr bus\n"])
    #expect(try tree.brief(name).kernelResetMethods == .absent)
    #expect(try tree.brief("0000:02:00.0").kernelResetMethods == .known(["flr", "bus"]))
    let third = try tree.function("0000:03:00.0", ["uevent": event, "reset_method": "\n"])
    #expect(try tree.brief("0000:03:00.0").kernelResetMethods == .known([]))
    try tree.remove(third + "/reset_method")
    try tree.folder(third + "/reset_method")
    #expect(try tree.brief("0000:03:00.0").kernelResetMethods == .unknown)
  }

  @Test(
    arguments: [
      ("30000", "1\n", .known(true)), ("30000", "0\n", .known(false)), ("30000", nil, .unknown),
      ("30000", "x\n", .unknown), ("30200", nil, .absent), ("30200", "1\n", .known(true)), ("20000", "1\n", .absent),
    ] as [(String, String?, Fact<Bool>)])
  func bootVGAIsOfDisplays(code: String, text: String?, fact: Fact<Bool>) throws {
    let tree = try InventoryTree()
    var files = ["uevent": "PCI_CLASS=\(code)\nPCI_ID=1002:73BF\n"]
    if let text { files["boot_vga"] = text }
    try tree.function(name, files)
    #expect(try tree.brief(name).bootVGA == fact)
  }

  @Test func aLinkThatLeadsNowhereLeavesEverythingUnknown() throws {
    let tree = try InventoryTree()
    try tree.folder("/sys/kernel/iommu_groups")
    try tree.folder("/sys/bus/pci/drivers/nvme")
    try tree.function("0000:02:00.0", ["uevent": event, "reset_method": "flr\n"])
    try tree.link("/sys/bus/pci/devices/\(name)", to: "../../../devices/pci0000:00/gone")
    let function = try tree.brief(name)
    var expected = Function(address: function.address)
    expected.isDetailed = false
    #expect(function == expected)
  }

  @Test func namesThatAreNoAddressAreLeftOut() throws {
    let tree = try InventoryTree()
    try tree.folder("/sys/bus/pci/devices/0000:01:00.8")
    try tree.folder("/sys/bus/pci/devices/x")
    try tree.function(name, ["uevent": event])
    #expect(try tree.scan().functions.map(\.address.description) == [name])
  }

  /// Between listing and reading it was unplugged.
  @Test func aFunctionThatVanishedIsLeftOut() throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": event])
    try tree.function("0000:02:00.0", ["uevent": event])
    let host = try Scanner(Vanishing(tree: tree.sysfs, gone: "/sys/bus/pci/devices/\(name)")).scan()
    #expect(host.functions.map(\.address.description) == ["0000:02:00.0"])
  }

  @Test func rootBusesAreThoseOfTheFolder() throws {
    let tree = try InventoryTree()
    try tree.function(name, ["uevent": event])
    try tree.folder("/sys/devices/pci10000:e0")
    try tree.folder("/sys/devices/pcixyz")
    try tree.folder("/sys/devices/system")
    #expect(
      try tree.scan().rootBuses.value?.sorted().map(\.description) == ["0000:00", "10000:e0"])
    let other = try InventoryTree()
    #expect(try other.scan().rootBuses == .unknown)
  }

  /// `list` of 10,000 functions stays cheap because of this.
  @Test func aScanReadsNothingElse() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["uevent": event, "config": "x", "boot_vga": "1\n"])
    try tree.group(3, folder)
    let watched = Watching(tree: tree.sysfs)
    _ = try Scanner(watched).scan()
    let names = watched.touched.filter { $0.contains(name) }.compactMap { $0.split(separator: "/").last }
    #expect(Set(names) == ["uevent", "iommu_group", "reset_method"])
    #expect(names.count == 3)
  }
}

/// Answers ENOENT for one function that its listing still has.
private struct Vanishing: Sysfs {
  let tree: TreeSysfs
  let gone: String

  private func check(_ verb: SysfsError.Verb, _ path: String) throws(SysfsError) {
    if path.hasPrefix(gone) { throw SysfsError(verb, at: path, errno: .noEntry) }
  }
  func entries(_ path: String) throws(SysfsError) -> [String] {
    try check(.entries, path)
    return try tree.entries(path)
  }
  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    try check(.read, path)
    return try tree.read(path)
  }
  func linkTarget(_ path: String) throws(SysfsError) -> String {
    try check(.linkTarget, path)
    return try tree.linkTarget(path)
  }
  func write(_ value: [UInt8], to path: String) throws(SysfsError) { try tree.write(value, to: path) }
}

/// Remembers every path that was read.
private final class Watching: Sysfs, @unchecked Sendable {
  let tree: TreeSysfs
  private(set) var touched: [String] = []

  init(tree: TreeSysfs) { self.tree = tree }
  func entries(_ path: String) throws(SysfsError) -> [String] {
    touched.append(path)
    return try tree.entries(path)
  }
  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    touched.append(path)
    return try tree.read(path)
  }
  func linkTarget(_ path: String) throws(SysfsError) -> String {
    touched.append(path)
    return try tree.linkTarget(path)
  }
  func write(_ value: [UInt8], to path: String) throws(SysfsError) { try tree.write(value, to: path) }
}

@Suite struct DetailTests {
  @Test(arguments: [
    ("(null)\n", Fact<String>.absent), ("\n", .absent), ("", .absent), ("vfio-pci\n", .known("vfio-pci")),
    ("vfio-pci \n", .known("vfio-pci ")), (" \n", .known(" ")), ("(null)", .absent), ("vfio-pci", .known("vfio-pci")),
  ])
  func anOverrideIsReadToTheLetter(text: String, fact: Fact<String>) throws {
    let tree = try InventoryTree()
    try tree.function(name, ["driver_override": text])
    #expect(try tree.detailed(name).driverOverride == fact)
  }

  @Test func whatIsNotThereIsUnknown() throws {
    let tree = try InventoryTree()
    try tree.function(name)
    let function = try tree.detailed(name)
    #expect(function.driverOverride == .unknown)
    #expect(function.numaNode == .unknown)
    #expect(function.powerState == .unknown)
    #expect(function.revision == .unknown)
    #expect(function.configuration == .unknown)
    #expect(function.bridgeBuses == .unknown)
    #expect(function.physicalFunction == .absent)
    #expect(function.vfioDevice == .absent)
    #expect(function.isDetailed)
  }

  @Test(arguments: [
    ("-1\n", Fact<Int>.unknown), ("0\n", .known(0)), ("1\n", .known(1)), ("x\n", .unknown), ("", .unknown),
  ])
  func theNodeIsUnknownWhereFirmwareDidNotTell(text: String, fact: Fact<Int>) throws {
    let tree = try InventoryTree()
    try tree.function(name, ["numa_node": text])
    #expect(try tree.detailed(name).numaNode == fact)
  }

  @Test(arguments: [
    ("D0\n", Fact<String>.known("D0")), ("D3cold\n", .known("D3cold")), ("unknown\n", .unknown), ("error\n", .unknown),
  ])
  func powerStatesAreTheKernelsOwn(text: String, fact: Fact<String>) throws {
    let tree = try InventoryTree()
    try tree.function(name, ["power_state": text])
    #expect(try tree.detailed(name).powerState == fact)
  }

  @Test func aSleepingFunctionIsNotWoken() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["power_state": "D3cold\n"])
    try tree.file(folder + "/config", [UInt8](repeating: 0, count: 64))
    #expect(try tree.detailed(name).configuration == .unknown)
    #expect(try tree.detailed(name, wake: true).configuration.value?.bytes.count == 64)
    try tree.file(folder + "/power_state", "D3hot\n")
    #expect(try tree.detailed(name).configuration.value?.bytes.count == 64)
  }

  @Test(arguments: [0, 3, 64, 256, 4096]) func configurationOfAnySizeIsTaken(size: Int) throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name)
    try tree.file(folder + "/config", [UInt8](repeating: 0xff, count: size))
    let function = try tree.detailed(name)
    #expect(function.configuration.value?.bytes.count == size)
    #expect(function.vendorID == .unknown)
    #expect(function.classCode == .unknown)
  }

  @Test func registersStandInForAttributes() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name)
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes.replaceSubrange(0..<4, with: [0xee, 0x10, 0x00, 0x50])
    bytes.replaceSubrange(8..<12, with: [0x02, 0x00, 0x00, 0x12])
    bytes.replaceSubrange(0x2c..<0x30, with: [0xee, 0x10, 0x0e, 0x00])
    try tree.file(folder + "/config", bytes)
    var function = try tree.detailed(name)
    #expect(function.id == DeviceID(vendor: 0x10ee, device: 0x5000))
    #expect(function.classCode == .known(ClassCode(0x120000)))
    #expect(function.revision == .known(2))
    #expect(function.subsystemDeviceID == .known(0xe))
    try tree.file(folder + "/vendor", "0x1234\n")
    function = try tree.detailed(name)
    #expect(function.vendorID == .known(0x1234))
    // A VF's own id registers read all ones.
    bytes.replaceSubrange(0..<4, with: [0xff, 0xff, 0xff, 0xff])
    try tree.file(folder + "/config", bytes)
    try tree.remove(folder + "/vendor")
    function = try tree.detailed(name)
    #expect(function.vendorID == .unknown && function.deviceID == .unknown)
    #expect(function.revision == .known(2))
  }

  @Test func virtualFunctionsStandInTheOrderOfTheirIndex() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["sriov_numvfs": "11\n", "sriov_totalvfs": "64\n"])
    for index in 0..<11 {
      try tree.link(folder + "/virtfn\(index)", to: "../0000:02:\(index < 8 ? "10" : "11").\(index % 8)")
    }
    let function = try tree.detailed(name)
    #expect(function.virtualFunctions.count == 11)
    #expect(function.virtualFunctions == function.virtualFunctions.sorted())
    #expect(function.virtualFunctionCount == .known(11))
    #expect(function.virtualFunctionLimit == .known(64))
    let other = try tree.function("0000:02:10.0")
    try tree.link(other + "/physfn", to: "../\(name)")
    #expect(try tree.detailed("0000:02:10.0").physicalFunction.value?.description == name)
    #expect(try tree.detailed("0000:02:10.0").virtualFunctionCount == .absent)
  }

  /// A capture may have neither `sriov_numvfs` nor the links: VF Enable and NumVFs tell.
  @Test func virtualFunctionsThatOnlyTheRegisterKnows() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name)
    func totals(_ enabled: UInt8) throws -> [Int]? {
      try tree.file(folder + "/config", SilentTests.registers(enabled: enabled))
      return try tree.detailed(name).virtualFunctionTotals.value.map { [$0.total, $0.current] }
    }
    #expect(try totals(3) == [4, 3])
    #expect(try totals(0) == [4, 0])
    // Without the registers it is unknown how many there are, and whether there can be any.
    try tree.remove(folder + "/config")
    try tree.file(folder + "/sriov_totalvfs", "4\n")
    #expect(try tree.detailed(name).virtualFunctionTotals.isUnknown)
  }

  @Test func deviceLinksAreReadAtBothEnds() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name)
    try tree.link(folder + "/consumer:pci:0000:02:00.1", to: "../x")
    try tree.link(folder + "/supplier:pci:0000:05:00.0", to: "../x")
    let function = try tree.detailed(name)
    #expect(function.consumers.map(\.description) == ["0000:02:00.1"])
    #expect(function.suppliers.map(\.description) == ["0000:05:00.0"])
  }

  /// `vfio-dev/` tells what is on a VFIO driver, whatever that is called; `list` knows it by the class's folder alone.
  @Test func aVendorsDriverIsVFIOsByItsDevice() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["uevent": "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:26B9\n"])
    let other = try tree.function("0000:09:00.0", ["uevent": "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:26B9\n"])
    let plain = try tree.function("0000:0a:00.0", ["uevent": "DRIVER=vfio-pci\nPCI_CLASS=20000\nPCI_ID=8086:1533\n"])
    for folder in [folder, other, plain] { try tree.link(folder + "/driver", to: "/sys/bus/pci/drivers/any") }
    // Before 6.1 there is no such folder.
    #expect(try !tree.brief(name).isOnVFIO && tree.brief("0000:0a:00.0").isOnVFIO)
    try tree.folder(folder + "/vfio-dev/vfio0")
    try tree.link("/sys/class/vfio-dev/vfio0", to: "../..\(folder.dropFirst(4))/vfio-dev/vfio0")
    let function = try tree.brief(name)
    #expect(function.isOnVFIO && function.isOnVendorVFIO && !function.blocksGroup)
    let host = try tree.brief("0000:09:00.0")
    #expect(!host.isOnVFIO && host.blocksGroup && host.vfioDevice == .absent)
    #expect(try tree.brief("0000:0a:00.0").isOnVFIO && !tree.brief("0000:0a:00.0").isOnVendorVFIO)
  }

  @Test func childrenAreToldApart() throws {
    let tree = try InventoryTree()
    let uuid = "4b20d080-1b54-4048-85b3-a6a62d165c01"
    let folder = try tree.function(name)
    try tree.link(folder + "/consumer:pci:0000:01:00.2", to: "/sys/devices/virtual/devlink/x")
    try tree.link(folder + "/consumer:platform:x", to: "/sys/devices/virtual/devlink/y")
    try tree.link(folder + "/\(uuid)/mdev_type", to: "../mdev_supported_types/x")
    try tree.folder(folder + "/4b20d080-1b54-4048-85b3-a6a62d165c02")
    try tree.folder(folder + "/vfio-dev/vfio3")
    let function = try tree.detailed(name)
    #expect(function.consumers.map(\.description) == ["0000:01:00.2"])
    #expect(function.mediatedDevices == [uuid])
    #expect(function.vfioDevice == .known("vfio3"))
  }

  @Test func aBridgeHasItsBuses() throws {
    let tree = try InventoryTree()
    try tree.function("0000:00:01.0", ["secondary_bus_number": "1\n", "subordinate_bus_number": "255\n"])
    try tree.function("0000:00:02.0", ["secondary_bus_number": "1\n", "subordinate_bus_number": "256\n"])
    #expect(try tree.detailed("0000:00:01.0").bridgeBuses == .known(BridgeBuses(secondary: 1, subordinate: 255)))
    #expect(try tree.detailed("0000:00:02.0").bridgeBuses == .unknown)
  }

  @Test func itsPlaceIsThatOfTheLink() throws {
    let tree = try InventoryTree()
    try tree.function(name, below: "pci0000:00/0000:00:01.0")
    let function = try tree.detailed(name)
    #expect(function.devicePath == .known("/sys/devices/pci0000:00/0000:00:01.0/\(name)"))
    #expect(function.parent.value?.description == "0000:00:01.0")
    try tree.folder("/sys/bus/pci/devices/0000:02:00.0")
    #expect(try tree.detailed("0000:02:00.0").devicePath == .unknown)
  }

  @Test func reservedRegionsAndStrangersOfAGroupAreRead() throws {
    let tree = try InventoryTree()
    let folder = try tree.function(name, ["uevent": event])
    try tree.group(12, folder)
    try tree.folder("/sys/kernel/iommu_groups/12/devices/platform.0")
    try tree.folder("/sys/kernel/iommu_groups/12/devices/0000:09:00.0")
    var host = try tree.scan()
    Scanner(tree.sysfs).detailGroups([12, 99], of: &host)
    #expect(host.groups[12]?.reservedRegions == .unknown)
    #expect(host.groups[12]?.functions.map(\.description) == [name])
    #expect(host.groups[12]?.others == ["0000:09:00.0", "platform.0"])
    #expect(host.groups[99] == nil)
    try tree.file(
      "/sys/kernel/iommu_groups/12/reserved_regions",
      "0x00000000000e0000 0x00000000000fffff direct\ntorn 0x1\n0x00000000fee00000 0x00000000feefffff msi\n")
    Scanner(tree.sysfs).detailGroups([12], of: &host)
    #expect(
      host.groups[12]?.reservedRegions
        == .known([
          ReservedRegion(first: 0xe0000, last: 0xfffff, kind: "direct"),
          ReservedRegion(first: 0xfee0_0000, last: 0xfeef_ffff, kind: "msi"),
        ]))
    #expect(host.groups[12]?.functions.count == 1)
  }

  @Test func theDriverNowIsAbsentOnlyWhereTheFunctionIs() throws {
    let tree = try InventoryTree()
    let address = try #require(Address(name))
    #expect(Scanner(tree.sysfs).driver(address) == .unknown)
    #expect(Scanner(tree.sysfs).identity(of: address) == nil)
    let folder = try tree.function(name, ["vendor": "0x10ee\n"])
    #expect(Scanner(tree.sysfs).driver(address) == .absent)
    try tree.link(folder + "/driver", to: "../../../bus/pci/drivers/vfio-pci")
    #expect(Scanner(tree.sysfs).driver(address) == .known("vfio-pci"))
    #expect(Scanner(tree.sysfs).identity(of: address)?.vendorID == .known(0x10ee))
  }
}
