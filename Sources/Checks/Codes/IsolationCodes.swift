extension FindingExplanation {
  static let iommuOff = Self(
    meaning: "The host has no IOMMU group: the IOMMU is off or missing.",
    harm: "Nothing keeps a guest's device out of the host's memory, and VFIO gives no device to a guest.",
    remedyIdea: "Enable VT-d or AMD-Vi in the firmware setup, boot with intel_iommu=on on Intel, and boot again.",
    source: "/sys/kernel/iommu_groups; /proc/cmdline; the ACPI tables DMAR, IVRS and IORT", subject: .both)

  static let noGroup = Self(
    meaning: "The function has no IOMMU group, and other functions of the host have one.",
    harm: "No IOMMU translates its addresses, so VFIO cannot isolate it.",
    remedyIdea: "Find out which IOMMU covers it; give the guest a device that has a group.",
    source: "/sys/bus/pci/devices/ADDRESS/iommu_group; pci_device_group() of drivers/iommu/iommu.c")

  static let groupBlocked = Self(
    meaning: "Another member of the IOMMU group has a driver that VFIO does not allow beside it.",
    harm: "The group cannot be opened, and the guest does not start.",
    remedyIdea: "Take the other endpoints along; unbind a bridge from any driver but pcieport.",
    source:
      "/sys/kernel/iommu_groups/N/devices/*/driver; iommu_group_claim_dma_owner() of drivers/iommu/iommu.c, and driver_managed_dma of each driver"
  )

  static let unknownGroup = Self(
    meaning: "The group of the function, or what drives a member of it, could not be read.",
    harm: "Whether the group can be opened, and who shares it, is not known.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/iommu_group; /sys/kernel/iommu_groups/N/devices/*/driver", force: .always)

  static let notEndpoint = Self(
    meaning: "The function is a bridge.",
    harm: "vfio-pci does not take a bridge, and without it the host loses what is below.",
    remedyIdea: "Name the endpoints below it.",
    source:
      "The header type at 0x0e of configuration space; vfio_pci_core_register_device() of drivers/vfio/pci/vfio_pci_core.c"
  )

  static let reservedRegion = Self(
    meaning: "Firmware keeps memory mapped for the group at all times (RMRR).",
    harm: "The kernel refuses the group when the guest starts.",
    remedyIdea:
      "Turn off in the firmware setup what uses the device: management, a RAID option ROM, USB legacy support.",
    source:
      "/sys/kernel/iommu_groups/N/reserved_regions, kind direct; device_is_rmrr_locked() of drivers/iommu/intel/iommu.c"
  )

  static let unknownReservedRegion = Self(
    meaning: "Whether firmware keeps memory mapped for the group could not be read.",
    harm: "The kernel may refuse the group when the guest starts.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/kernel/iommu_groups/N/reserved_regions", force: .always)

  static let unsafeInterrupts = Self(
    meaning: "The IOMMU does not remap interrupts, or the kernel was told to do without.",
    harm: "A guest with a device can raise any interrupt of the host.",
    remedyIdea: "Enable interrupt remapping in the firmware setup, and remove allow_unsafe_interrupts.",
    source:
      "/proc/interrupts; Extended Capability Register bit 3 of Intel's units; /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
    subject: .both)

  static let acsOverride = Self(
    meaning:
      "pcie_acs_override is on the kernel command line: a patched kernel splits groups that the hardware does not.",
    harm: "Devices in different groups may reach each other's memory.",
    remedyIdea: "Boot without it, and look which groups are real.", source: "/proc/cmdline", subject: .both)
}
