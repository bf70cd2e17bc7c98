import Host
import PCI

/// Names of one function, as `pci.ids` has them; nil if it does not.
public struct FunctionNames: Sendable, Equatable {
  public var vendor: String?
  public var device: String?
  public var subsystem: String?
  public var classCode: String?

  public init(vendor: String? = nil, device: String? = nil, subsystem: String? = nil, classCode: String? = nil) {
    self.vendor = vendor
    self.device = device
    self.subsystem = subsystem
    self.classCode = classCode
  }
}

extension Names {
  /// All of one function's.
  public func names(of function: Function) -> FunctionNames {
    var found = FunctionNames(classCode: function.classCode.value.flatMap { className($0) })
    guard let id = function.id else {
      found.vendor = function.vendorID.value.flatMap { vendor($0) }
      return found
    }
    found.vendor = vendor(id.vendor)
    found.device = device(id)
    if let vendor = function.subsystemVendorID.value, let device = function.subsystemDeviceID.value,
      vendor != 0 || device != 0
    {
      found.subsystem = subsystem(of: id, DeviceID(vendor: vendor, device: device))
    }
    return found
  }
}
