import Host
import Sysfs

/// What makes this host's initramfs.
public enum InitramfsTool: String, Sendable, Equatable {
  case initramfsTools = "initramfs-tools"
  case dracut
  case mkinitcpio
  case booster
  /// Alpine's.
  case mkinitfs
  /// Made with the rest of the system, of its configuration.
  case nixos
  case guix = "Guix"
  /// The one that the image of the system has, unless one is asked for.
  case ostree = "rpm-ostree"
  case unknown

  /// What hostdev installs for each.
  public static let hooks = [
    "/usr/share/initramfs-tools/hooks/hostdev", "/etc/initramfs-tools/hooks/hostdev",
    "/usr/lib/dracut/modules.d/90hostdev",
  ]

  init(_ sysfs: any Sysfs, _ distribution: Distribution, isOSTree: Bool, booted image: String) {
    func has(_ paths: String...) -> Bool { paths.contains { sysfs.exists($0) } }
    let name = image.split(separator: "/").last ?? ""
    if distribution.isLike("nixos") || has("/etc/NIXOS") {
      self = .nixos
    } else if distribution.isLike("guix") || has("/run/current-system/configuration.scm") {
      self = .guix
    } else if isOSTree {
      self = .ostree
    } else if name.hasPrefix("booster") {
      self = .booster
    } else if has("/usr/sbin/update-initramfs", "/usr/share/initramfs-tools/hook-functions") {
      self = .initramfsTools
    } else if has("/etc/mkinitcpio.d", "/etc/mkinitcpio.conf", "/usr/bin/mkinitcpio") {
      self = .mkinitcpio
    } else if has("/etc/booster.yaml", "/usr/lib/booster/regenerate_images", "/usr/bin/booster") {
      self = .booster
    } else if has("/etc/initramfs-tools", "/usr/share/initramfs-tools") {
      self = .initramfsTools
    } else if has("/etc/dracut.conf", "/etc/dracut.conf.d", "/usr/lib/dracut", "/usr/bin/dracut") {
      self = .dracut
    } else if has("/etc/mkinitfs", "/sbin/mkinitfs") {
      self = .mkinitfs
    } else if distribution.isLike("debian", "ubuntu") {
      self = .initramfsTools
    } else if distribution.isLike("fedora", "rhel", "suse", "opensuse", "gentoo", "void", "endeavouros") {
      self = .dracut
    } else if distribution.isLike("arch") {
      self = .mkinitcpio
    } else if distribution.isLike("alpine") {
      self = .mkinitfs
    } else {
      self = .unknown
    }
  }

  /// Makes all images anew: what is in modprobe.d goes into them.
  public var update: String? {
    switch self {
    case .initramfsTools: "update-initramfs -u -k all"
    case .dracut: "dracut --regenerate-all --force"
    case .mkinitcpio: "mkinitcpio -P"
    case .booster: "/usr/lib/booster/regenerate_images"
    case .mkinitfs: "mkinitfs"
    case .nixos: "nixos-rebuild boot"
    case .guix: "guix system reconfigure /etc/config.scm"
    case .ostree, .unknown: nil
    }
  }

  /// Hostdev's hook is installed for it, so that pins get into the image.
  public var takesPins: Bool { self == .initramfsTools || self == .dracut }

  /// Makes one kernel's image anew.
  public func update(kernel: String) -> String? {
    let kernel = ShellWord.quoted(kernel)
    switch self {
    case .initramfsTools: return "update-initramfs -u -k \(kernel)"
    case .dracut: return "dracut --force --kver \(kernel)"
    case .mkinitcpio, .booster, .mkinitfs, .nixos, .guix, .ostree, .unknown: return update
    }
  }
}
