import PCI
import Sysfs

/// The state of one function, which every expectation must leave as it was.
struct SavedState {
  private let address: Address
  private let driver: String?
  private let override: [UInt8]?
  private let methods: String?

  private var folder: String { "/sys/bus/pci/devices/\(address)" }

  init(_ address: Address, _ sysfs: any Sysfs) {
    self.address = address
    let folder = "/sys/bus/pci/devices/\(address)"
    driver = try? sysfs.linkName("\(folder)/driver")
    override = try? sysfs.read("\(folder)/driver_override")
    methods = try? sysfs.text("\(folder)/reset_method")
  }

  /// Restores the function; says what could not be restored.
  func restore(_ sysfs: any Sysfs) -> String? {
    if !sysfs.exists(folder) { write("1", "/sys/bus/pci/rescan", sysfs) }
    let now = try? sysfs.linkName("\(folder)/driver")
    if now != driver {
      if let driver { write(driver, "\(folder)/driver_override", sysfs) }
      if now != nil { write("\(address)", "\(folder)/driver/unbind", sysfs) }
      if let driver { write("\(address)", "/sys/bus/pci/drivers/\(driver)/bind", sysfs) }
    }
    if (try? sysfs.read("\(folder)/driver_override")) != override {
      let text = String(decoding: override ?? [], as: UTF8.self)
      write(text.hasPrefix("(null)") ? "\n" : text, "\(folder)/driver_override", sysfs)
    }
    if let count = try? sysfs.text("\(folder)/sriov_numvfs"), count != "0" {
      write("0", "\(folder)/sriov_numvfs", sysfs)
    }
    // A stale bus does not come back; nothing else depends on it.
    if let methods, (try? sysfs.text("\(folder)/reset_method")) != methods {
      write("default", "\(folder)/reset_method", sysfs)
    }
    let then = try? sysfs.linkName("\(folder)/driver")
    if then != driver { return "\(address) is on \(then ?? "no driver")" }
    if (try? sysfs.read("\(folder)/driver_override")) != override { return "\(address)'s override" }
    if let count = try? sysfs.text("\(folder)/sriov_numvfs"), count != "0" { return "\(address)'s VFs" }
    return nil
  }

  private func write(_ value: String, _ path: String, _ sysfs: any Sysfs) {
    try? sysfs.write(Array(value.utf8), to: path)
  }
}
