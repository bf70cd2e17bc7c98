extension FindingExplanation {
  static let slotIncomplete = Self(
    meaning: "The function has no reset of its own; the only one that works also reaches functions that stay behind.",
    harm: "The card keeps one guest's state for the next, and a reset of it wipes what its neighbours do.",
    remedyIdea: "Take all functions that the reset reaches.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method; pci_parent_bus_reset() of drivers/pci/pci.c",
    force: .unless("a reset is what was asked for"))

  static let noReset = Self(
    meaning: "Nothing resets the function.", harm: "A second guest start meets the device as the first one left it.",
    remedyIdea: "Power the host off and on between guests.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method; pci_init_reset_methods() of drivers/pci/pci.c")

  static let unknownReset = Self(
    meaning: "How the function can be reset could not be read.",
    harm: "Its neighbours may be reset with it, or nothing resets it.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method and config", force: .always)

  static let driverBound = Self(
    meaning: "A reset is asked for while a driver of the host has the function.",
    harm: "The driver is left with a wiped device.", remedyIdea: "Bind it to vfio-pci first, then reset it.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; reset_store() of drivers/pci/pci-sysfs.c asks no driver",
    force: .unless("the host has storage on it"))

  static let splitCompanion = Self(
    meaning: "A function that works with this one stays behind: a GPU's audio, USB or UCSI function, or a device link.",
    harm: "Host and guest drive two halves of one device and work against each other.",
    remedyIdea: "Take the companions along.",
    source:
      "The class codes of the slot; /sys/bus/pci/devices/ADDRESS/consumer:* and supplier:*; drivers/pci/quirks.c makes the links",
    force: .always)

  static let dead = Self(
    meaning: "Configuration space reads all ones: the function does not answer, or is gone.",
    harm: "A driver that binds to it may hang.", remedyIdea: "Power the host off and on, or replace the card.",
    source: "The first bytes of /sys/bus/pci/devices/ADDRESS/config")

  static let asleep = Self(
    meaning: "The function sleeps in D3cold.", harm: "Some devices never wake from it.",
    remedyIdea: "Wake it before a guest needs it.",
    source: "/sys/bus/pci/devices/ADDRESS/power_state, d3cold_allowed and power/runtime_status")

  static let fatalErrors = Self(
    meaning: "The kernel has counted fatal PCI Express errors of the function.",
    harm: "The next one may take the guest with it.", remedyIdea: "Read the kernel's log; reseat or replace the card.",
    source: "TOTAL_ERR_FATAL of /sys/bus/pci/devices/ADDRESS/aer_dev_fatal; drivers/pci/pcie/aer.c")
}
