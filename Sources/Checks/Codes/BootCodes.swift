extension FindingExplanation {
  static let bootClaim = Self(
    meaning:
      "A kernel argument gives devices to a guest driver by their ids, or a setting of another tool that does so had no effect.",
    harm: "It takes every device with these ids, a second card too.",
    remedyIdea: "Pin the function that you mean, then remove the argument.",
    source:
      "vfio-pci.ids=, pci-stub.ids= and xen-pciback.hide= of /proc/cmdline and the boot loader's files; driverctl's files, udev's rules and driver_override",
    subject: .host)

  static let bootArgument = Self(
    meaning: "A kernel argument affects which devices can go to guests.",
    harm: "None by itself; the finding says what it does.", remedyIdea: "None is needed.",
    source: "/proc/cmdline, and the boot loader's files", subject: .host)

  static let bootDrift = Self(
    meaning: "The next boot gets other kernel arguments than this boot.",
    harm: "The host may not be ready after the next boot.",
    remedyIdea: "Run the boot loader's update, or add the argument to its file.",
    source: "/proc/cmdline against /etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries, /boot/grub/grub.cfg",
    subject: .host)

  static let initramfsStale = Self(
    meaning: "An initramfs contains other pins than /etc/hostdev/pins.d.",
    harm: "At boot a host driver takes a pinned function first, or a function that is no longer pinned goes to guests.",
    remedyIdea: "Rebuild the initramfs.", source: "/etc/hostdev/pins.d against the images in /boot", subject: .host)

  static let crashDump = Self(
    meaning: "After a crash, a pin or setting gives away the disk or network card that the dump is written to.",
    harm: "The kernel that writes the dump cannot write it.",
    remedyIdea: "Rebuild that kernel's initramfs, or take the setting out of it.",
    source:
      "/etc/kdump.conf, /etc/sysconfig/kdump, /etc/default/kdump-tools, and the images in /boot and /var/lib/kdump, against what the host uses",
    subject: .host)

  static let rivalTools = Self(
    meaning: "Two tools are configured to bind one function.", harm: "The tool that runs last gets it.",
    remedyIdea: "Keep one of them.",
    source:
      "/etc/hostdev/pins.d, /proc/cmdline, modprobe.d, /etc/driverctl.d, udev's rules, libvirt's and Proxmox's files",
    subject: .host)

  static let unreadSettings = Self(
    meaning: "A file of settings could not be read, or is malformed.",
    harm: "What it says about devices is unknown.", remedyIdea: "Run hostdev as root, or correct the file.",
    source: "The files that the finding names", subject: .host)
}
