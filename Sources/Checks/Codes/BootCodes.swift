extension FindingExplanation {
  static let bootClaim = Self(
    meaning: "A kernel argument gives devices away by their ids.",
    harm: "Every device with these ids goes, a second card too.",
    remedyIdea: "Pin the function that is meant, then take the argument out.",
    source: "vfio-pci.ids=, pci-stub.ids= and xen-pciback.hide= of /proc/cmdline and the boot loader's files",
    subject: .host)

  static let bootArgument = Self(
    meaning: "A kernel argument has to do with giving devices to guests.",
    harm: "None by itself; the finding has what it does.", remedyIdea: "None is needed.",
    source: "/proc/cmdline, and the boot loader's files", subject: .host)

  static let bootDrift = Self(
    meaning: "The next boot gets other kernel arguments than this one got.",
    harm: "The host may not be ready after the next boot.",
    remedyIdea: "Run the boot loader's update, or write the argument down.",
    source: "/proc/cmdline against /etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries, /boot/grub/grub.cfg",
    subject: .host)

  static let initramfsStale = Self(
    meaning: "An initramfs has other pins than there are.",
    harm: "At boot the host's drivers come first, or functions go that are no longer pinned.",
    remedyIdea: "Make the initramfs anew.", source: "/etc/hostdev/pins.d against the images in /boot", subject: .host)

  static let rivalTools = Self(
    meaning: "Two tools were told to drive one function.", harm: "The one that comes last has it.",
    remedyIdea: "Keep one of them.",
    source:
      "/etc/hostdev/pins.d, /proc/cmdline, modprobe.d, /etc/driverctl.d, udev's rules, libvirt's and Proxmox's files",
    subject: .host)

  static let unreadSettings = Self(
    meaning: "A file of settings could not be read, or is malformed.",
    harm: "What it says about devices is not known.", remedyIdea: "Read it as root, or correct it.",
    source: "The files that the finding names", subject: .host)
}
