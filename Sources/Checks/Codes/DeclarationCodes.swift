extension FindingExplanation {
  static let identityMismatch = Self(
    meaning: "The function at a pin's place is not the one that was pinned.",
    harm: "A guest would get another device than the one that was meant.",
    remedyIdea: "Look at both, then pin what is meant anew.",
    source: "/etc/hostdev/pins.d against ids, serial number and place of the function", subject: .both)

  static let unknownIdentity = Self(
    meaning: "Whether the function is the one that was pinned could not be read.",
    harm: "A guest may get another device than the one that was meant.",
    remedyIdea: "Wake the function, or read it as root on the host itself.",
    source: "The device serial number, or vital product data, of the function", force: .always)

  static let interrupted = Self(
    meaning: "An earlier run was interrupted.", harm: "Functions may be between two drivers.",
    remedyIdea: "Recover it first.", source: "/run/hostdev/journal", subject: .both)

  static let undeclared = Self(
    meaning: "A function is on a VFIO driver, and no hold, pin or setting says why.",
    harm: "After the next boot the host has it.", remedyIdea: "Pin it, or give it back.",
    source: "/sys/bus/pci/devices/*/driver; /run/hostdev/held, /etc/hostdev/pins.d and other tools' files",
    subject: .host)

  static let holdDrift = Self(
    meaning: "What hostdev holds is no longer as it left it.",
    harm: "Another tool or the kernel moved it; a guest may not find it.",
    remedyIdea: "Bind it again, or give it back.",
    source: "/run/hostdev/held against /sys/bus/pci/devices/ADDRESS", subject: .host)

  static let pinDrift = Self(
    meaning: "A pinned function is not where its pin wants it, or is not there.",
    harm: "A guest may not find it.", remedyIdea: "Apply the pin.",
    source: "/etc/hostdev/pins.d against /sys/bus/pci/devices", subject: .host)

  static let pinMalformed = Self(
    meaning: "A pin's file is malformed, or others than root may write it.", harm: "The pin counts for nothing.",
    remedyIdea: "Correct the file, its owner or its mode.", source: "/etc/hostdev/pins.d", subject: .host)

  static let pinsOff = Self(
    meaning: "The kernel command line has hostdev=off.", harm: "No pin is applied at boot.",
    remedyIdea: "Boot without it.", source: "/proc/cmdline, and the boot loader's files", subject: .host)
}
