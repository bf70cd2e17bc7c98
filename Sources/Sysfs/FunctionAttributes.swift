import PCI

/// Who one PCI function is and which driver has it, as its folder says at this moment.
public struct FunctionAttributes: Sendable {
  private let sysfs: any Sysfs
  private let folder: String

  public init(_ sysfs: any Sysfs, of address: Address) {
    self.sysfs = sysfs
    folder = "/sys/bus/pci/devices/\(address)"
  }

  public var exists: Bool { sysfs.exists(folder) }

  /// The `driver` link; absent while unbound.
  public var driver: Fact<String> {
    do { return .known(try sysfs.linkName("\(folder)/driver")) } catch {
      guard error.errno == .noEntry else { return .unknown }
      return exists ? .absent : .unknown
    }
  }

  /// A write that never returned can block this read.
  public var driverOverride: Fact<String> { Self.driverOverride(try? sysfs.read("\(folder)/driver_override")) }

  /// What the bytes of `driver_override` say; `(null)` and an empty line are none. Unknown if it could not be read.
  public static func driverOverride(_ bytes: [UInt8]?) -> Fact<String> {
    guard var bytes else { return .unknown }
    if bytes.last == 0x0a { bytes.removeLast() }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.isEmpty || text == "(null)" ? .absent : .known(text)
  }

  public var vendorID: Fact<UInt16> { id("vendor") }
  public var deviceID: Fact<UInt16> { id("device") }
  public var subsystemVendorID: Fact<UInt16> { id("subsystem_vendor") }
  public var subsystemDeviceID: Fact<UInt16> { id("subsystem_device") }

  private func id(_ attribute: String) -> Fact<UInt16> {
    guard let text = try? sysfs.text("\(folder)/\(attribute)") else { return .unknown }
    return parseHex(text, as: UInt16.self).map { .known($0) } ?? .unknown
  }
}
