import PCI
import System

/// A driver that is a host bridge (VMD's): the root bus below its function, `pci10000:e0`, is there while it is bound.
extension Kernel {
  /// Every function behind the root buses of this one, the lowest first, as `pci_stop_root_bus` unbinds them.
  func behindRootBuses(of device: SimulatedDevice) -> [SimulatedDevice] {
    rootBuses(in: device.folder).flatMap { below("\(device.folder)/\($0)") }
      .sorted { ($1.folder.utf8.count, $0.address) < ($0.folder.utf8.count, $1.address) }
  }

  /// Takes the root buses away when their driver has been unbound, and brings them when it is bound again.
  func settleRootBuses(_ device: SimulatedDevice, _ driver: String?) throws(Refusal) {
    if driver == nil {
      for name in rootBuses(in: device.folder) {
        try tree.makeFolder("\(kept(device))/\(name)")
        try tree.move("\(device.folder)/\(name)", to: "\(kept(device))/\(name)/bus")
      }
      try forgetMoved()
    } else if driver == hidden.captured(device).driver {
      for name in rootBuses(in: kept(device)) {
        let place = "\(kept(device))/\(name)"
        // The driver's probe lists its functions and offers them: a killed process may have got to any point of it.
        let bus = "\(device.folder)/\(name)"
        if tree.exists("\(place)/bus") { try tree.move("\(place)/bus", to: bus) }
        for child in tree.names(bus) {
          if let address = Address(child) { try restore("\(bus)/\(child)", address) }
        }
        for function in below(bus) { try autoprobe(function) }
        try tree.removeAll(place)
      }
    }
  }

  private func rootBuses(in folder: String) -> [String] {
    tree.names(folder).filter { $0.hasPrefix("pci") && Bus($0.dropFirst(3)) != nil }
  }

  private func kept(_ device: SimulatedDevice) -> String { "\(Hidden.folder)/buses/\(device.address)" }
}
