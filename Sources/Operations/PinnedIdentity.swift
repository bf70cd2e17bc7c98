import Host
import Inventory
import PCI
import Pins

extension Workspace {
  /// These functions as a pin declares them. A serial number is recorded only where it tells the card from all others.
  /// `vpd`: that of vital product data too.
  func declarations(_ set: [Address], vpd: Bool = false) -> [PinnedFunction] {
    scanner.locate(&host)
    let kinds = Set(set.compactMap { host[$0]?.id })
    let alike = host.functions.filter { function in function.id.map { kinds.contains($0) } ?? false }
    scanner.readConfiguration(alike.map(\.address), of: &host)
    scanner.readConfiguration(set, of: &host, wake: true)
    let numbers = vpd ? vpdSerialNumbers(alike.map(\.address)) : [:]
    return set.compactMap { address in
      guard let function = host[address], let id = function.id else { return nil }
      return PinnedFunction(
        address: address, path: function.topologyPath.value, vendorID: id.vendor, deviceID: id.device,
        subsystemVendorID: function.subsystemVendorID.value, subsystemDeviceID: function.subsystemDeviceID.value,
        classCode: function.classCode.value, serialNumber: function.countingSerial(in: host),
        vpdSerialNumber: vpd ? function.counting(in: host) { numbers[$0.address]?.value } : nil)
    }
  }
}
