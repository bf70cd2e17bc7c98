import Host
import Sysfs

/// What makes this host's initramfs.
public enum InitramfsTool: String, Sendable, Equatable {
  case initramfsTools = "initramfs-tools"
  case dracut
  case unknown

  init(_ sysfs: any Sysfs) {
    func has(_ paths: String...) -> Bool { paths.contains { sysfs.exists($0) } }
    if has("/etc/initramfs-tools", "/usr/share/initramfs-tools") {
      self = .initramfsTools
    } else if has("/etc/dracut.conf", "/etc/dracut.conf.d", "/usr/lib/dracut") {
      self = .dracut
    } else {
      self = .unknown
    }
  }

  /// Makes all images anew: what is in modprobe.d goes into them.
  public var update: String? {
    switch self {
    case .initramfsTools: "update-initramfs -u -k all"
    case .dracut: "dracut --regenerate-all --force"
    case .unknown: nil
    }
  }

  /// Makes one kernel's image anew.
  public func update(kernel: String) -> String? {
    let kernel = ShellWord.quoted(kernel)
    switch self {
    case .initramfsTools: return "update-initramfs -u -k \(kernel)"
    case .dracut: return "dracut --force --kver \(kernel)"
    case .unknown: return nil
    }
  }
}
