import Host
import PCI

/// Without interrupt remapping a guest can send the host any interrupt.
struct Interrupts: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests, !situation.host.hasNoGroups, Self.isUnsafe(situation.surroundings) else {
      return []
    }
    return [
      Finding(
        .unsafeInterrupts, .warning, on: situation.set,
        message: "Interrupts are not isolated: a guest with this device can disturb the host.",
        evidence: [
          situation.surroundings.allowsUnsafeInterrupts.value == true
            ? "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts: Y"
            : "the IOMMU does not remap interrupts"
        ],
        remedy:
          "Enable interrupt remapping in the firmware setup, and remove allow_unsafe_interrupts from /etc/modprobe.d")
    ]
  }

  private static func isUnsafe(_ around: Surroundings) -> Bool {
    around.allowsUnsafeInterrupts.value == true || around.interruptRemapping.value == false
  }
}
