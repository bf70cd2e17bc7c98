import Host
import PCI
import System

/// `KEY=="PATTERN|PATTERN"` on a function's name or an attribute: `fnmatch(3)` on each.
struct UdevPattern: Equatable {
  enum Key: String, CaseIterable {
    case name = "KERNEL"
    case vendor = "ATTR{vendor}"
    case device = "ATTR{device}"
    case subsystemVendor = "ATTR{subsystem_vendor}"
    case subsystemDevice = "ATTR{subsystem_device}"
    case classCode = "ATTR{class}"
  }

  let key: Key
  let values: [WildcardPattern]

  /// What is not known does not fit.
  func fits(_ function: Function) -> Bool {
    func hex(_ value: (some FixedWidthInteger & UnsignedInteger)?, digits: Int) -> String? {
      value.map { "0x" + hexText($0, digits: digits) }
    }
    let text =
      switch key {
      case .name: "\(function.address)"
      case .vendor: hex(function.vendorID.value, digits: 4)
      case .device: hex(function.deviceID.value, digits: 4)
      case .subsystemVendor: hex(function.subsystemVendorID.value, digits: 4)
      case .subsystemDevice: hex(function.subsystemDeviceID.value, digits: 4)
      case .classCode: hex(function.classCode.value?.value, digits: 6)
      }
    return text.map { text in values.contains { $0.matches(text) } } ?? false
  }
}
