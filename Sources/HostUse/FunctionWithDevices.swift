import Host
import PCI

/// One function of the set with the devices and block layers below it.
struct FunctionWithDevices: Sendable {
  let function: Function
  var devices: [ChildDevice]
  var layers: [BlockLayer] = []

  var address: Address { function.address }
  /// Its folder; the bus's link leads there too.
  var path: String { function.devicePath.value ?? "/sys/bus/pci/devices/\(address)" }
  var hasDisks: Bool { devices.contains(where: \.isBlock) }
  func has(_ subsystem: String) -> Bool { devices.contains { $0.subsystem == subsystem } }

  /// A driver of the host's runs it: neither unbound nor on VFIO. An unknown driver counts as the host's.
  var isHostDriven: Bool {
    switch function.driver {
    case .known: !function.isSetAside
    case .absent: false
    case .unknown: true
    }
  }
}
