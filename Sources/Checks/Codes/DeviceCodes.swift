extension FindingExplanation {
  static let slotIncomplete = Self(
    meaning:
      "The function has no working reset of its own; the only one that works also resets functions outside the set.",
    harm: "The card keeps one guest's state for the next guest, and a reset of it disrupts its neighbours.",
    remedyIdea: "Include all functions that the reset reaches.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method; pci_parent_bus_reset() of drivers/pci/pci.c",
    force: .unless("the command is a reset"))

  static let noReset = Self(
    meaning: "No reset works for the function.", harm: "The second guest gets the device as the first one left it.",
    remedyIdea: "Power the host off and on between guests.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method; pci_init_reset_methods() of drivers/pci/pci.c")

  static let unknownReset = Self(
    meaning: "The function's reset methods could not be read.",
    harm: "A reset may also reach its neighbours, or no reset may work.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/reset_method and config", force: .always)

  static let driverBound = Self(
    meaning: "The function to reset is on a host driver.",
    harm: "The driver is left with a wiped device.", remedyIdea: "Bind it to vfio-pci first, then reset it.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; reset_store() of drivers/pci/pci-sysfs.c asks no driver",
    force: .unless("the host uses storage on it"))

  static let splitCompanion = Self(
    meaning: "A function that works with this one stays behind: a GPU's audio, USB or UCSI function, or a device link.",
    harm: "Host and guest drive two parts of one device and disturb each other.",
    remedyIdea: "Include the companions.",
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
    harm: "The next one may crash the guest.", remedyIdea: "Read the kernel's log; reseat or replace the card.",
    source: "TOTAL_ERR_FATAL of /sys/bus/pci/devices/ADDRESS/aer_dev_fatal; drivers/pci/pcie/aer.c")
}
