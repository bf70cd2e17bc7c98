import Host
import PCI

/// One function of the set with all that stands on it.
struct Surveyed: Sendable {
  let function: Function
  var devices: [Device]
  var layers: [BlockLayer] = []

  var address: Address { function.address }
  /// A driver of the host's runs it: neither unbound nor on VFIO. An unknown driver counts as the host's.
  var isHostDriven: Bool {
    switch function.driver {
    case .known(let driver): !VFIODriver.leavesGroupViable(driver)
    case .absent: false
    case .unknown: true
    }
  }
}
