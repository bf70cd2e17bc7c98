extension FindingExplanation {
  static let rootStorage = Self(
    meaning: "A file system, swap, a volume or a configured disk of the host is on it, at any depth.",
    harm: "It vanishes the moment the driver is unbound: the kernel does not refuse.",
    remedyIdea: "Unmount and stop what uses it, or give the guest another disk.",
    source:
      "/proc/self/mountinfo, /proc/swaps, /sys/class/block/*/holders, /etc/fstab, /etc/crypttab, the kernel's root=",
    force: .unless("/, /boot, /usr or swap is on it"))

  static let hostNetwork = Self(
    meaning:
      "An interface with an address, a route or a master is on it, or one that the host is configured to bring up.",
    harm: "The interface vanishes, and with it what runs over it; maybe your own SSH connection.",
    remedyIdea: "Move addresses and routes to another interface first.",
    source:
      "/sys/class/net, /proc/net/route, /proc/net/fib_trie; the files of netplan, networkd, NetworkManager, ifupdown",
    force: .always)

  static let hostDisplay = Self(
    meaning: "The host shows something on it: its only display, a console, a frame buffer, an open DRM node.",
    harm: "The screens go dark, and what draws on them may crash.",
    remedyIdea: "Stop what draws on it, and let the firmware start with another display.",
    source: "boot_vga, /sys/class/drm, /sys/class/graphics, /sys/class/vtconsole, BOOTFB in /proc/iomem",
    force: .always)

  static let hostInput = Self(
    meaning: "The host's last keyboard, or another device that is plugged in, hangs off it.",
    harm: "The host's own console takes no keys any more.", remedyIdea: "Plug it into another controller.",
    source: "/sys/class/input, /sys/bus/usb/devices", force: .always)

  static let hostConsole = Self(
    meaning: "A serial console, watchdog, TPM, management controller or UPS of the host is behind it.",
    harm: "The host loses what watches over it and what it is reached by when all else fails.",
    remedyIdea: "Stop what uses it, or keep the function.",
    source: "console= of /proc/cmdline, /proc/consoles, /sys/class/tty, watchdog, tpm, ipmi and hidraw", force: .always)

  static let heldOpen = Self(
    meaning: "A process has a device node of the function open.",
    harm: "It loses the device in the middle of its work, and the unbind may wait for it.",
    remedyIdea: "Stop the process or its unit.", source: "/proc/*/fd and /proc/*/maps", force: .always)

  static let hasData = Self(
    meaning: "A disk that the host does not use now has a partition table, a file system or a member of a volume.",
    harm: "What a guest writes there is lost to the host.", remedyIdea: "Look what is on it before a guest gets it.",
    source: "/sys/class/block; udev's records in /run/udev/data")

  static let unknownStorage = Self(
    meaning: "What the host has on the disks of the set could not be found out.",
    harm: "A file system of the host may vanish.", remedyIdea: "Run as root on the host itself, or look for yourself.",
    source: "/proc/self/mountinfo, /proc/swaps, /sys/class/block, /etc/fstab, /etc/crypttab", force: .always)

  static let unknownNetwork = Self(
    meaning: "What the host does with the interfaces of the set could not be found out.",
    harm: "The host may lose its network.", remedyIdea: "Run as root on the host itself, or look for yourself.",
    source: "/sys/class/net, /proc/net, the files of netplan, networkd, NetworkManager, ifupdown", force: .always)

  static let unknownDisplay = Self(
    meaning: "What the host shows on the displays of the set could not be found out.",
    harm: "The host's screens may go dark.", remedyIdea: "Run as root on the host itself, or look for yourself.",
    source: "/sys/class/drm, /sys/class/graphics, /sys/class/vtconsole, /proc/iomem", force: .always)

  static let unknownInput = Self(
    meaning: "Which keyboards hang off the set could not be found out.",
    harm: "The host may lose its last keyboard.", remedyIdea: "Run as root on the host itself, or look for yourself.",
    source: "/sys/class/input, /sys/bus/usb/devices", force: .always)

  static let unknownHolders = Self(
    meaning: "Which processes have device nodes of the set open could not be found out.",
    harm: "A guest may be using it, and the unbind would wait for that guest.",
    remedyIdea: "Run as root on the host itself, or look for yourself.", source: "/proc/*/fd", force: .always)

  static let unknownData = Self(
    meaning: "What is written on a disk that the host does not use could not be found out.",
    harm: "What a guest writes there is lost to the host.", remedyIdea: "Let udev read the disk, then look at it.",
    source: "udev's records in /run/udev/data")

  static let unknownNamespace = Self(
    meaning: "The program does not run in the host's own namespaces.",
    harm: "What the host does with the set cannot be seen from here.", remedyIdea: "Run it on the host itself.",
    source: "/proc/self/ns and /proc/1/ns", force: .always)
}
