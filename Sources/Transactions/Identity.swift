import Host
import Sysfs

/// Who a function is, as far as its ids tell: another device at its place is another device.
public struct Identity: Hashable, Sendable, Codable {
  public let vendor: UInt16?
  public let device: UInt16?
  public let subsystemVendor: UInt16?
  public let subsystemDevice: UInt16?

  public init(_ function: Function) {
    vendor = function.vendorID.value
    device = function.deviceID.value
    subsystemVendor = function.subsystemVendorID.value
    subsystemDevice = function.subsystemDeviceID.value
  }

  /// Read of the function itself; what could not be read agrees with anything.
  init(_ attributes: FunctionAttributes) {
    vendor = attributes.vendorID.value
    device = attributes.deviceID.value
    subsystemVendor = attributes.subsystemVendorID.value
    subsystemDevice = attributes.subsystemDeviceID.value
  }

  /// The same device as far as both were read.
  public func agrees(with other: Self) -> Bool {
    func same(_ one: UInt16?, _ two: UInt16?) -> Bool { one == nil || two == nil || one == two }
    return same(vendor, other.vendor) && same(device, other.device) && same(subsystemVendor, other.subsystemVendor)
      && same(subsystemDevice, other.subsystemDevice)
  }
}
