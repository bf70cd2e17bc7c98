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

  func uses(of function: FunctionWithDevices) -> [Use] {
    function.devices.compactMap { device in
      let node = device.node ?? device.name
      func use(_ what: Use.What, isIdle: Bool = false) -> Use {
        Use(what, of: function.address, chain: device.chain, isIdle: isIdle)
      }
      switch device.subsystem {
      case "tty": return consoles.contains(device.name) ? use(.console(node: node, name: device.name)) : nil
      case "watchdog":
        let name = sysfs.fact("\(device.path)/identity").value ?? "watchdog"
        let state = sysfs.fact("\(device.path)/state").value
        return use(.watchdog(node: node, identity: name, state: state), isIdle: state == "inactive")
      case "tpm": return use(.tpm(node: node))
      case "ipmi": return use(.ipmi(node: node))
      default: return nil
      }
    }
  }
}
