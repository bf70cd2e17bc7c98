import Host
import PCI
import Sysfs

/// The places of a physical function's virtual ones, whether they are there or not.
public struct VirtualLayout: Sendable {
  public let physical: Address
  /// Addresses of those that there are, by index.
  public let present: [Int: Address]
  /// Device id of the virtual functions.
  public let deviceID: UInt16?
  /// The network interface of the physical function, the first if it has several.
  public let interface: String?
  /// `sriov_drivers_autoprobe` as read; nil if this kernel or capture has none.
  public let autoprobe: String?
  private let offset: UInt16?
  private let stride: UInt16?

  public init(_ sysfs: any Sysfs, of function: Function) {
    let folder = sysfs.folder(Scanner.devices + "/\(function.address)")
    let space = function.configuration.value
    let capability = space.flatMap { $0.extendedCapability(.singleRootIOV).value?.offset }
    func register(_ attribute: String, _ place: Int, radix: Int) -> UInt16? {
      (try? folder.text(attribute)).flatMap { UInt16($0, radix: radix) }
        ?? capability.flatMap { space?.word($0 + place).value }
    }
    physical = function.address
    offset = register("sriov_offset", 0x14, radix: 10)
    stride = register("sriov_stride", 0x16, radix: 10)
    deviceID = register("sriov_vf_device", 0x1a, radix: 16)
    autoprobe = try? folder.text("sriov_drivers_autoprobe")
    interface = ((try? sysfs.entries(folder.path + "/net")) ?? []).first { VirtualPlace.isInterface($0) }
    var present: [Int: Address] = [:]
    for name in (try? sysfs.entries(folder.path)) ?? [] where name.hasPrefix("virtfn") {
      guard let index = Int(name.dropFirst("virtfn".utf8.count)) else { continue }
      present[index] = (try? folder.linkName(name)).flatMap { Address($0) }
    }
    self.present = present
  }

  /// The address of one; nil if the kernel does not tell, or it is beyond the last bus.
  ///
  /// First VF Offset and VF Stride, counted from the physical function's routing identifier (`pci_iov_virtfn_bus` of
  /// drivers/pci/iov.c). An offset of 0 is none.
  public func address(_ index: Int) -> Address? {
    if let address = present[index] { return address }
    guard let offset, offset > 0, let stride, stride > 0 || index == 0 else { return nil }
    let routing = Int(physical.routingID) + Int(offset) + Int(stride) * index
    return UInt16(exactly: routing).map { Address(domain: physical.domain, routingID: $0) }
  }

  public func place(_ index: Int) -> VirtualPlace {
    VirtualPlace(physical: physical, index: index, interface: interface)
  }

  /// A virtual function that is not there, as far as its ids can be told before: its physical one's, but for the device.
  public func forecast(_ index: Int, of physical: Function) -> Function? {
    guard let address = address(index) else { return nil }
    var function = Function(address: address)
    function.vendorID = physical.vendorID
    function.deviceID = deviceID.map { .known($0) } ?? .unknown
    function.subsystemVendorID = physical.subsystemVendorID
    function.subsystemDeviceID = physical.subsystemDeviceID
    function.classCode = physical.classCode
    function.driver = .absent
    function.driverOverride = .absent
    function.physicalFunction = .known(physical.address)
    return function
  }
}
