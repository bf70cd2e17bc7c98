import Host
import Inventory
import PCI
import Pins

extension Workspace {
  /// These functions as a pin declares them. A serial number is recorded only where it tells the card from all others.
  func declarations(_ set: [Address]) -> [PinnedFunction] {
    scanner.locate(&host)
    let kinds = Set(set.compactMap { host[$0]?.id })
    let alike = host.functions.filter { function in function.id.map { kinds.contains($0) } ?? false }
    scanner.readConfiguration(alike.map(\.address), of: &host)
    return set.compactMap { address in
      guard let function = host[address], let id = function.id else { return nil }
      return PinnedFunction(
        address: address, path: function.topologyPath.value, vendorID: id.vendor, deviceID: id.device,
        subsystemVendorID: function.subsystemVendorID.value, subsystemDeviceID: function.subsystemDeviceID.value,
        classCode: function.classCode.value, serialNumber: function.countingSerial(in: host))
    }
  }
}
