import PCI

/// One PCI function at one moment, as far as it was looked at.
public struct Function: Sendable, Equatable {
  public let address: Address

  // What `list` reads.
  public var vendorID: Fact<UInt16> = .unknown
  public var deviceID: Fact<UInt16> = .unknown
  public var subsystemVendorID: Fact<UInt16> = .unknown
  public var subsystemDeviceID: Fact<UInt16> = .unknown
  public var classCode: Fact<ClassCode> = .unknown
  /// The driver that it is bound to; absent while unbound.
  public var driver: Fact<String> = .unknown
  public var iommuGroup: Fact<Int> = .unknown
  /// `reset_method` word by word. Absent if this kernel has the attribute and this function does not: no method.
  public var kernelResetMethods: Fact<[String]> = .unknown
  public var bootVGA: Fact<Bool> = .unknown
  /// What the kernel did not answer, or was expected not to: the facts that it tells are unknown.
  public var unanswered: [Unanswered] = []

  // What `show` and the checks read besides.
  public var revision: Fact<UInt8> = .unknown
  public var driverOverride: Fact<String> = .unknown
  /// Unknown if the kernel says -1: firmware did not tell.
  public var numaNode: Fact<Int> = .unknown
  /// `D0` … `D3cold`; unknown also if the kernel says so.
  public var powerState: Fact<String> = .unknown
  /// Its path under `/sys/devices`; `/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0`.
  public var devicePath: Fact<String> = .unknown
  public var configuration: Fact<ConfigurationSpace> = .unknown
  public var physicalFunction: Fact<Address> = .unknown
  /// By VF index.
  public var virtualFunctions: [Address] = []
  /// VFs that are enabled; absent if the function has no SR-IOV.
  public var virtualFunctionCount: Fact<Int> = .unknown
  /// `sriov_totalvfs`, which a driver may have lowered. Used if the register cannot be read.
  public var virtualFunctionLimit: Fact<Int> = .unknown
  /// `secondary_bus_number` and `subordinate_bus_number`. Used if configuration space cannot be read.
  public var bridgeBuses: Fact<BridgeBuses> = .unknown
  /// Functions that are unbound with this one: device links in which it is the supplier.
  public var consumers: [Address] = []
  /// Functions with which this one is unbound: device links in which it is the consumer.
  public var suppliers: [Address] = []
  /// The name below `vfio-dev/`; absent if there is none.
  public var vfioDevice: Fact<String> = .unknown
  /// `mdev_supported_types` is there, or children on the mdev bus are.
  public var mediatedDevices: [String] = []
  /// Everything above the line was looked at, not only what `list` reads.
  public var isDetailed = false

  public init(address: Address) { self.address = address }
}

extension Function {
  public var id: DeviceID? {
    guard let vendor = vendorID.value, let device = deviceID.value else { return nil }
    return DeviceID(vendor: vendor, device: device)
  }

  /// A write is under way that keeps the device lock, such as an unbind that waits for a guest.
  public var isPending: Bool { unanswered.contains { $0.attribute != "config" } }

  /// Notes an attribute that was not answered, once.
  public mutating func note(_ attribute: String, _ reason: Unanswered.Reason) {
    if !unanswered.contains(where: { $0.attribute == attribute }) { unanswered.append(Unanswered(attribute, reason)) }
  }

  /// The register's word only: a class implies a header type, but does not prove it.
  public var headerType: Fact<UInt8> { configuration.flatMap(\.headerType) }

  /// A bridge to another bus, which no guest can be given. By header type if it was read, else by class.
  public var isBusBridge: Bool {
    if case .known(let type) = headerType { return type != 0 }
    return classCode.value?.isBusBridge ?? false
  }

  /// What can go to a guest as far as its kind goes: header type 0, and not the host's own bridge.
  public var isEndpoint: Bool { !isBusBridge && !(classCode.value?.isHostBridge ?? false) }

  /// The port above, from its place in `/sys/devices`; absent on a root bus.
  public var parent: Fact<Address> {
    devicePath.flatMap { path in
      let parts = path.split(separator: "/")
      guard parts.count >= 2 else { return .unknown }
      let above = parts[parts.count - 2]
      if let address = Address(above) { return .known(address) }
      return above.hasPrefix("pci") ? .absent : .unknown
    }
  }

  /// Its place in the topology, free of bus numbers: root bus, then device.function from port to port:
  /// `0000:00/01.0/00.0`.
  public var topologyPath: Fact<String> {
    devicePath.flatMap { path in
      let parts = path.split(separator: "/")
      guard let root = parts.firstIndex(where: { $0.hasPrefix("pci") && Bus($0.dropFirst(3)) != nil }) else {
        return .unknown
      }
      // Below a VMD the path passes through a second root: its ports follow the first one's.
      let below = parts[(root + 1)...].filter { !$0.hasPrefix("pci") || Bus($0.dropFirst(3)) == nil }
      let ports = below.compactMap { Address($0) }
      guard ports.count == below.count, !ports.isEmpty else { return .unknown }
      return .known(
        ([String(parts[root].dropFirst(3))]
          + ports.map { "\(hexText($0.device, digits: 2)).\($0.function)" }).joined(separator: "/"))
    }
  }

  /// TotalVFs of the register and the VFs that there are; absent if the function has no SR-IOV.
  public var virtualFunctionTotals: Fact<(total: Int, current: Int)> {
    configuration.flatMap(\.totalVFs).map { Int($0) }.or(virtualFunctionLimit).flatMap { total in
      if virtualFunctionCount.isUnknown, virtualFunctions.isEmpty { return .unknown }
      return .known((total: total, current: virtualFunctionCount.value ?? virtualFunctions.count))
    }
  }
}
