extension FindingExplanation {
  static let denylisted = Self(
    meaning: "The device is on vfio-pci's own deny list.",
    harm: "vfio-pci refuses it (EINVAL): a guest can make the device hurt the host.",
    remedyIdea: "Give out its virtual functions, or load vfio-pci with disable_denylist=1 for a guest that you trust.",
    source:
      "vfio_pci_dev_in_denylist() of drivers/vfio/pci/vfio_pci.c; /sys/module/vfio_pci/parameters/disable_denylist"
  )

  static let driverMismatch = Self(
    meaning: "The driver that was asked for does not know the function.",
    harm: "An override makes it probe a device that it was not written for, which can crash the host.",
    remedyIdea: "Name a driver whose aliases match.",
    source: "/lib/modules/RELEASE/modules.alias against /sys/bus/pci/devices/ADDRESS/modalias")

  static let unknownDriver = Self(
    meaning: "What drives the function, or whether the driver that was asked for knows it, could not be read.",
    harm: "It could not be put back as it was.", remedyIdea: "Read it as root on the host itself.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; /lib/modules/RELEASE/modules.alias", force: .always)

  static let staleOverride = Self(
    meaning: "An override that no pin, hold or tool asked for keeps drivers away.",
    harm: "No other driver takes the function once it is unbound.", remedyIdea: "Clear the override.",
    source: "/sys/bus/pci/devices/ADDRESS/driver_override; pci_match_device() of drivers/pci/pci-driver.c",
    subject: .both)

  static let moduleMissing = Self(
    meaning: "vfio-pci is not in the kernel and cannot be loaded.", harm: "No guest can be given a function.",
    remedyIdea: "Install the kernel package that has it, or take away what keeps it from being loaded.",
    source:
      "/lib/modules/RELEASE/modules.dep, /proc/sys/kernel/modules_disabled, module_blacklist= of /proc/cmdline, install lines of modprobe.d",
    subject: .both)

  static let moduleOptions = Self(
    meaning: "A line of modprobe.d decides over functions, or over how vfio-pci is loaded.",
    harm: "After the next boot functions may be on another driver than now.",
    remedyIdea: "Pin the function that is meant, and take the line out.",
    source: "/etc/modprobe.d, /run/modprobe.d, /usr/lib/modprobe.d, /etc/modules", subject: .both)

  static let lockdown = Self(
    meaning: "The kernel is locked down and loads signed modules alone.",
    harm: "vfio-pci is loaded only if its maker signed it.", remedyIdea: "Look who signed the module.",
    source: "/sys/kernel/security/lockdown; module_sig_check() of kernel/module/signing.c", subject: .both)
}
