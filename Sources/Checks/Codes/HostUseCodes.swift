extension FindingExplanation {
  static let rootStorage = Self(
    meaning:
      "The host has a file system, swap, a volume or a configured disk on it, directly or through other devices.",
    harm: "It disappears as soon as the driver is unbound; the kernel does not refuse.",
    remedyIdea: "Unmount and stop what uses it, or give the guest another disk.",
    source:
      "/proc/self/mountinfo, /proc/swaps, /sys/class/block/*/holders, /etc/fstab, /etc/crypttab, the kernel's root=",
    subject: .both, force: .unless("/, /boot, /usr or swap is on it"))

  static let hostNetwork = Self(
    meaning:
      "A network interface on it has an address, a route or a master, or the host is configured to bring it up.",
    harm: "The interface disappears, with every connection over it; maybe your own SSH connection.",
    remedyIdea: "Move addresses and routes to another interface first.",
    source:
      "/sys/class/net, /proc/net/route, /proc/net/fib_trie; the files of netplan, networkd, NetworkManager, ifupdown",
    subject: .both, force: .always)

  static let hostDisplay = Self(
    meaning: "The host shows something on it: its only display, a console, a frame buffer, an open DRM node.",
    harm: "The screens go dark, and what draws on them may crash.",
    remedyIdea: "Stop what draws on it, and choose another boot display in the firmware setup.",
    source: "boot_vga, /sys/class/drm, /sys/class/graphics, /sys/class/vtconsole, BOOTFB in /proc/iomem",
    subject: .both, force: .always)

  static let hostInput = Self(
    meaning: "The host's last keyboard, or another plugged-in device, is behind it.",
    harm: "You cannot type at the host's console any more.", remedyIdea: "Plug it into another controller.",
    source: "/sys/class/input, /sys/bus/usb/devices", subject: .both, force: .always)

  static let hostConsole = Self(
    meaning: "A serial console, watchdog, TPM, management controller or UPS of the host is behind it.",
    harm: "The host loses a device that monitors it, or that gives access when the network is down.",
    remedyIdea: "Stop what uses it, or keep the function on the host.",
    source: "console= of /proc/cmdline, /proc/consoles, /sys/class/tty, watchdog, tpm, ipmi and hidraw", subject: .both,
    force: .always)

  static let heldOpen = Self(
    meaning: "A process has a device node of the function open.",
    harm: "The process loses the device while it works, and the unbind may wait for it.",
    remedyIdea: "Stop the process or its unit.", source: "/proc/*/fd and /proc/*/maps", subject: .both, force: .always)

  static let hasData = Self(
    meaning: "A disk that the host does not use now has a partition table, a file system or a volume member.",
    harm: "A guest may overwrite it.", remedyIdea: "Check what is on it before a guest gets it.",
    source: "/sys/class/block; udev's records in /run/udev/data")

  static let unknownStorage = Self(
    meaning: "How the host uses the disks of the set could not be determined.",
    harm: "A file system of the host may disappear.",
    remedyIdea: "Run hostdev as root on the host itself, or check it yourself.",
    source: "/proc/self/mountinfo, /proc/swaps, /sys/class/block, /etc/fstab, /etc/crypttab", force: .always)

  static let unknownNetwork = Self(
    meaning: "How the host uses the network interfaces of the set could not be determined.",
    harm: "The host may lose its network.", remedyIdea: "Run hostdev as root on the host itself, or check it yourself.",
    source: "/sys/class/net, /proc/net, the files of netplan, networkd, NetworkManager, ifupdown", force: .always)

  static let unknownDisplay = Self(
    meaning: "How the host uses the displays of the set could not be determined.",
    harm: "The host's screens may go dark.",
    remedyIdea: "Run hostdev as root on the host itself, or check it yourself.",
    source: "/sys/class/drm, /sys/class/graphics, /sys/class/vtconsole, /proc/iomem", force: .always)

  static let unknownInput = Self(
    meaning: "Which keyboards are behind the set could not be determined.",
    harm: "The host may lose its last keyboard.",
    remedyIdea: "Run hostdev as root on the host itself, or check it yourself.",
    source: "/sys/class/input, /sys/bus/usb/devices", force: .always)

  static let unknownHolders = Self(
    meaning: "Which processes have device nodes of the set open could not be determined.",
    harm: "A guest may have it open; an unbind then waits for that guest.",
    remedyIdea: "Run hostdev as root on the host itself, or check it yourself.", source: "/proc/*/fd", force: .always)

  static let unknownData = Self(
    meaning: "What is on a disk that the host does not use could not be determined.",
    harm: "A guest may overwrite it.", remedyIdea: "Let udev read the disk, then check it.",
    source: "udev's records in /run/udev/data")

  static let unknownNamespace = Self(
    meaning: "hostdev does not run in the host's own namespaces.",
    harm: "From here it cannot see how the host uses the set.", remedyIdea: "Run it on the host itself.",
    source: "/proc/self/ns and /proc/1/ns", force: .always)
}
