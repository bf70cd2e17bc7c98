import Host
import PCI

extension Function {
  /// The device serial number, where it tells this card from every other of its kind: neither filler nor on a second slot.
  public func countingSerial(in host: Host) -> String? {
    guard let serial = configuration.flatMap(\.serialNumber).value, SerialNumber.counts(serial), let id else {
      return nil
    }
    let isShared = host.functions.contains { other in
      other.address.slot != address.slot && other.id == id
        && other.subsystemVendorID.value == subsystemVendorID.value
        && other.subsystemDeviceID.value == subsystemDeviceID.value
        && other.configuration.flatMap(\.serialNumber).value == serial
    }
    return isShared ? nil : serial
  }
}
