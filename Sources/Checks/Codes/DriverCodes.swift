extension FindingExplanation {
  static let denylisted = Self(
    meaning: "The device is on vfio-pci's deny list.",
    harm: "vfio-pci refuses it (EINVAL), because a guest can use it to harm the host.",
    remedyIdea: "Give guests its virtual functions, or load vfio-pci with disable_denylist=1 if you trust the guest.",
    source:
      "vfio_pci_dev_in_denylist() of drivers/vfio/pci/vfio_pci.c; /sys/module/vfio_pci/parameters/disable_denylist"
  )

  static let driverMismatch = Self(
    meaning: "The requested driver does not support the function.",
    harm: "With an override it probes the device anyway, which can crash the host.",
    remedyIdea: "Name a driver whose aliases match.",
    source: "/lib/modules/RELEASE/modules.alias against /sys/bus/pci/devices/ADDRESS/modalias")

  static let unknownDriver = Self(
    meaning: "The function's driver, or whether the requested driver supports it, could not be read.",
    harm: "hostdev cannot put it back as it was.", remedyIdea: "Read it as root on the host itself.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; /lib/modules/RELEASE/modules.alias", force: .always)

  static let staleOverride = Self(
    meaning: "A driver_override that no pin, hold or tool set keeps drivers away.",
    harm: "Once the function is unbound, no other driver takes it.", remedyIdea: "Clear the override.",
    source: "/sys/bus/pci/devices/ADDRESS/driver_override; pci_match_device() of drivers/pci/pci-driver.c",
    subject: .both)

  static let moduleMissing = Self(
    meaning: "vfio-pci is not in the kernel and cannot be loaded.", harm: "No function can go to a guest.",
    remedyIdea: "Install the kernel package that has it, or remove the setting that blocks it.",
    source:
      "/lib/modules/RELEASE/modules.dep, /proc/sys/kernel/modules_disabled, module_blacklist= of /proc/cmdline, install lines of modprobe.d",
    subject: .both)

  static let moduleOptions = Self(
    meaning: "A line of modprobe.d gives devices to vfio-pci, or changes how vfio-pci is loaded.",
    harm: "After the next boot a function may be on another driver than now.",
    remedyIdea: "Pin the function that you mean, then remove the line.",
    source: "/etc/modprobe.d, /run/modprobe.d, /usr/lib/modprobe.d, /etc/modules", subject: .both)

  static let lockdown = Self(
    meaning: "The kernel is locked down and loads only signed modules.",
    harm: "vfio-pci is loaded only if it is signed.", remedyIdea: "Check who signed the module.",
    source: "/sys/kernel/security/lockdown; module_sig_check() of kernel/module/signing.c", subject: .both)
}
