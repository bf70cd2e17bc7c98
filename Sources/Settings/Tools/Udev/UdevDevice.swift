import Host
import PCI
import System

/// A device as udev's rules compare it: what is not known of it may be anything.
public struct UdevDevice: Sendable {
  /// The PCI function that it is, or belongs to.
  public let function: Address?
  var subsystem: Fact<String>
  var kernel: Fact<String>
  var driver: Fact<String> = .unknown
  /// The path below `/sys`.
  var path: Fact<String> = .unknown
  var attributes: [String: String] = [:]
  /// Those that are known not to exist.
  var absent: Set<String> = []
  var variables: [String: String] = [:]
  /// From the next one up to the root.
  var parents: [UdevDevice] = []

  /// A PCI function. `isPresent` false: one of which only this is known, and that is not in the host.
  public init(_ function: Function, isPresent: Bool = true, parents: [UdevDevice] = []) {
    func hex(_ value: (some FixedWidthInteger & UnsignedInteger)?, digits: Int) -> String? {
      value.map { "0x" + hexText($0, digits: digits) }
    }
    self.function = function.address
    self.parents = parents
    subsystem = .known("pci")
    kernel = isPresent ? .known("\(function.address)") : .unknown
    path = function.devicePath.map { String($0.dropFirst("/sys".utf8.count)) }
    // A function that is on a guest driver now had another one, or none, as it appeared.
    driver = function.driver.value.map(VFIODriver.leavesGroupViable) == false ? function.driver : .unknown
    attributes["vendor"] = hex(function.vendorID.value, digits: 4)
    attributes["device"] = hex(function.deviceID.value, digits: 4)
    attributes["subsystem_vendor"] = hex(function.subsystemVendorID.value, digits: 4)
    attributes["subsystem_device"] = hex(function.subsystemDeviceID.value, digits: 4)
    attributes["class"] = hex(function.classCode.value?.value, digits: 6)
    attributes["revision"] = hex(function.revision.value, digits: 2)
    attributes["boot_vga"] = function.bootVGA.value.map { $0 ? "1" : "0" }
    attributes["sriov_totalvfs"] = function.virtualFunctionLimit.value.map { "\($0)" }
    if isPresent { variables["PCI_SLOT_NAME"] = "\(function.address)" }
    func upper(_ one: UInt16?, _ other: UInt16?) -> String? {
      guard let one, let other else { return nil }
      return "\(hexText(one, digits: 4)):\(hexText(other, digits: 4))".uppercased()
    }
    variables["PCI_ID"] = upper(function.vendorID.value, function.deviceID.value)
    variables["PCI_SUBSYS_ID"] = upper(function.subsystemVendorID.value, function.subsystemDeviceID.value)
    // `%04X` of the whole class code (`pci_uevent`).
    variables["PCI_CLASS"] = function.classCode.value.map { hexText($0.value, digits: 4).uppercased() }
    variables["SUBSYSTEM"] = "pci"
  }

  /// A device of a function's: an interface, a card.
  public init(_ device: ClassDevice, of parent: UdevDevice) {
    function = parent.function
    subsystem = .known(device.subsystem)
    kernel = .known(device.name)
    parents = [parent] + parent.parents
    driver = .absent
    path = parent.path.map { "\($0)/\(device.subsystem)/\(device.name)" }
    for (name, value) in parent.attributes { attributes["device/\(name)"] = value }
    attributes["address"] = device.hardwareAddress
    variables["SUBSYSTEM"] = device.subsystem
    if let driver = parent.driver.value { variables["ID_NET_DRIVER"] = driver }
    if device.subsystem == "net" { variables["INTERFACE"] = device.name }
    variables["ID_BUS"] = "pci"
    variables["ID_VENDOR_ID"] = parent.attributes["vendor"]
    variables["ID_MODEL_ID"] = parent.attributes["device"]
    if let function { variables["ID_PATH"] = "pci-\(function)" }
  }
}
