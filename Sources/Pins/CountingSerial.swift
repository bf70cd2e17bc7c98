import Host
import PCI

extension Function {
  /// The device serial number, where it tells this card from every other of its kind: neither filler nor on a second slot.
  public func countingSerial(in host: Host) -> String? {
    counting(in: host) { $0.configuration.flatMap(\.serialNumber).value }
  }

  /// The same of another kind of number, such as that of vital product data.
  public func counting(in host: Host, _ number: (Function) -> String?) -> String? {
    guard let serial = number(self), SerialNumber.counts(serial), let id else { return nil }
    let isShared = host.functions.contains { other in
      other.address.slot != address.slot && other.id == id
        && other.subsystemVendorID.value == subsystemVendorID.value
        && other.subsystemDeviceID.value == subsystemDeviceID.value && number(other) == serial
    }
    return isShared ? nil : serial
  }
}
