extension FindingExplanation {
  static let iommuOff = Self(
    meaning: "The host has no IOMMU groups: the IOMMU is off or missing.",
    harm: "A guest's device could access all of the host's memory, so VFIO refuses every device.",
    remedyIdea:
      "Enable VT-d or AMD-Vi in the firmware setup; on Intel, also boot with intel_iommu=on; on ARM, enable the SMMU.",
    source: "/sys/kernel/iommu_groups; /proc/cmdline; the ACPI tables DMAR, IVRS and IORT", subject: .both)

  static let noGroup = Self(
    meaning: "The function has no IOMMU group, although other functions of the host have one.",
    harm: "No IOMMU translates its addresses, so VFIO cannot isolate it.",
    remedyIdea: "Find out which IOMMU covers it, or give the guest a device that has a group.",
    source: "/sys/bus/pci/devices/ADDRESS/iommu_group; pci_device_group() of drivers/iommu/iommu.c")

  static let groupBlocked = Self(
    meaning: "Another member of the IOMMU group has a driver that makes the group not viable for VFIO.",
    harm: "The group cannot be opened, and the guest does not start.",
    remedyIdea: "Include the other endpoints; unbind a bridge from any driver but pcieport.",
    source:
      "/sys/kernel/iommu_groups/N/devices/*/driver; iommu_group_claim_dma_owner() of drivers/iommu/iommu.c, and driver_managed_dma of each driver"
  )

  static let unknownGroup = Self(
    meaning: "The function's group, or the driver of another member, could not be read.",
    harm: "Whether the group can be opened, and which functions share it, is unknown.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/iommu_group; /sys/kernel/iommu_groups/N/devices/*/driver", force: .always)

  static let notEndpoint = Self(
    meaning: "The function is a bridge.",
    harm: "vfio-pci does not take a bridge, and without the bridge the host loses the devices below it.",
    remedyIdea: "Name the endpoints below it.",
    source:
      "The header type at 0x0e of configuration space; vfio_pci_core_register_device() of drivers/vfio/pci/vfio_pci_core.c"
  )

  static let reservedRegion = Self(
    meaning: "Firmware keeps memory mapped for the group at all times (RMRR).",
    harm: "The kernel refuses the group when the guest starts.",
    remedyIdea:
      "In the firmware setup, turn off what uses the device: management, a RAID option ROM, USB legacy support.",
    source:
      "/sys/kernel/iommu_groups/N/reserved_regions, kind direct; device_is_rmrr_locked() of drivers/iommu/intel/iommu.c"
  )

  static let unknownReservedRegion = Self(
    meaning: "Whether firmware keeps memory mapped for the group could not be read.",
    harm: "The kernel may refuse the group when the guest starts.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/kernel/iommu_groups/N/reserved_regions", force: .always)

  static let unsafeInterrupts = Self(
    meaning: "The IOMMU does not remap interrupts, or allow_unsafe_interrupts is set.",
    harm: "A guest with a device can raise any interrupt of the host.",
    remedyIdea: "Enable interrupt remapping in the firmware setup, and remove allow_unsafe_interrupts.",
    source:
      "/proc/interrupts; Extended Capability Register bit 3 of Intel's units; /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
    subject: .both)

  static let acsOverride = Self(
    meaning:
      "pcie_acs_override is on the kernel command line: a patched kernel splits groups that the hardware does not.",
    harm: "Devices in different groups may reach each other's memory.",
    remedyIdea: "Boot without it, and check which groups are real.", source: "/proc/cmdline", subject: .both)
}
