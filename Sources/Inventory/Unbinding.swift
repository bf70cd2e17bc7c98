import Host
import PCI
import Sysfs

extension Scanner {
  /// Functions whose unbind waits for a guest to close them.
  ///
  /// The `driver` link vanishes when an unbind starts. VFIO's own device (`vfio-dev/`) stays until the unbind ends on
  /// Debian's 6.1, but not on its 6.12. Until the unbind ends the kernel holds the function's device lock. On many
  /// kernels (Debian's 6.1 among them) a read of its `uevent` or `driver_override` waits for that lock, and not even
  /// SIGKILL ends the read.
  func functionsBeingUnbound(among devices: [Address: String]) -> Set<Address> {
    Set(devices.keys.filter { driver($0).isAbsent })
  }

  /// VFIO's own device of each function that has one, by one listing; nil if this kernel or capture has none. That of a
  /// mediated device stands below the device, not below the function.
  func vfioDevices() -> [Address: String]? {
    let vfio = "/sys/class/vfio-dev"
    guard let names = try? sysfs.entries(vfio) else { return nil }
    var found: [Address: String] = [:]
    for name in names {
      // ../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/vfio-dev/vfio0
      guard let parts = (try? sysfs.linkTarget("\(vfio)/\(name)"))?.split(separator: "/"), parts.count > 2,
        let address = Address(parts[parts.count - 3])
      else { continue }
      found[address] = name
    }
    return found
  }

  /// The same if `uevent` could be read: it names the driver until the unbind is through.
  func isLeaving(_ address: Address, _ driver: String) -> Bool {
    VFIODriver.isVFIO(driver) && self.driver(address).isAbsent && sysfs.exists("/sys/bus/pci/drivers/\(driver)")
  }
}
