import Host
import PCI
import Sysfs

/// Small devices that the host leans on: a serial console, a watchdog, a TPM, a management controller.
struct ServiceUse {
  let sysfs: any Sysfs
  /// Names of terminals that kernel messages go to: `ttyS4`.
  private let consoles: Set<String>

  init(_ sysfs: any Sysfs) {
    self.sysfs = sysfs
    var consoles = Set(words(sysfs.fact("/sys/class/tty/console/active").value ?? ""))
    for word in words(sysfs.fact("/proc/cmdline").value ?? "") where word.hasPrefix("console=") {
      consoles.insert(String(word.dropFirst(8).prefix { $0 != "," }))
    }
    self.consoles = consoles
  }

  func uses(of function: Surveyed) -> [Use] {
    function.devices.compactMap { device in
      func use(_ kind: Use.Kind, _ detail: String, isIdle: Bool = false) -> Use {
        Use(
          function: function.address, kind: kind, subject: device.node ?? device.name, detail: detail,
          chain: device.chain, isIdle: isIdle)
      }
      switch device.subsystem {
      case "tty": return consoles.contains(device.name) ? use(.console, "console=\(device.name)") : nil
      case "watchdog":
        let name = sysfs.fact("\(device.path)/identity").value ?? "watchdog"
        let state = sysfs.fact("\(device.path)/state").value
        return use(.watchdog, state.map { "\(name), \($0)" } ?? name, isIdle: state == "inactive")
      case "tpm": return use(.tpm, "TPM")
      case "ipmi": return use(.ipmi, "IPMI")
      default: return nil
      }
    }
  }
}
