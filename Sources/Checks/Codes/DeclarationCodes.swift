extension FindingExplanation {
  static let identityMismatch = Self(
    meaning: "The function at a pin's place is not the pinned one.",
    harm: "A guest gets the wrong device.",
    remedyIdea: "Compare both, then pin the right one again.",
    source: "/etc/hostdev/pins.d against ids, serial number and place of the function", subject: .both)

  static let unknownIdentity = Self(
    meaning: "The function could not be compared with the pinned one.",
    harm: "A guest may get the wrong device.",
    remedyIdea: "Wake the function, or read it as root on the host itself.",
    source: "The device serial number, or vital product data, of the function", force: .always)

  static let interrupted = Self(
    meaning: "An earlier run was interrupted.", harm: "Functions may be between two drivers.",
    remedyIdea: "Recover that run first.", source: "/run/hostdev/journal", subject: .both)

  static let undeclared = Self(
    meaning: "A function is on a VFIO driver, and no hold, pin or setting explains it.",
    harm: "After the next boot the host uses it again.", remedyIdea: "Pin it, or release it.",
    source: "/sys/bus/pci/devices/*/driver; /run/hostdev/held, /etc/hostdev/pins.d and other tools' files",
    subject: .host)

  static let holdDrift = Self(
    meaning: "A function that hostdev holds has changed since hostdev bound it.",
    harm: "Another tool or the kernel moved it; a guest may not find it.",
    remedyIdea: "Bind it again, or release it.",
    source: "/run/hostdev/held against /sys/bus/pci/devices/ADDRESS", subject: .host)

  static let pinDrift = Self(
    meaning: "A pinned function is missing, or is not on the driver that its pin names.",
    harm: "A guest may not find it.", remedyIdea: "Apply the pin.",
    source: "/etc/hostdev/pins.d against /sys/bus/pci/devices", subject: .host)

  static let pinMalformed = Self(
    meaning: "A pin's file is malformed, or users other than root can write to it.", harm: "hostdev ignores the pin.",
    remedyIdea: "Correct the file, its owner or its mode.", source: "/etc/hostdev/pins.d", subject: .host)

  static let pinsOff = Self(
    meaning: "The kernel command line has hostdev=off.", harm: "No pin is applied at boot.",
    remedyIdea: "Boot without it.", source: "/proc/cmdline, and the boot loader's files", subject: .host)
}
