import Host
import PCI

/// Without interrupt remapping a guest can send the host any interrupt.
struct Interrupts: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests, !situation.host.hasNoGroups, Self.isUnsafe(situation.surroundings) else {
      return []
    }
    return [
      Finding(
        .unsafeInterrupts, .warning, on: situation.set,
        message: "Interrupts are not isolated: a guest with a device can raise any interrupt of the host.",
        evidence: [
          situation.surroundings.allowsUnsafeInterrupts.value == true
            ? "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts: Y"
            : "the IOMMU does not remap interrupts"
        ],
        remedy: Self.remedy(situation.surroundings))
    ]
  }

  /// Only what is not so already.
  private static func remedy(_ around: Surroundings) -> String {
    let off = (around.commandLine.value ?? []).filter { ["intremap=off", "nointremap"].contains($0) }
    return
      ([
        off.isEmpty
          ? around.interruptRemapping.value == true ? nil : "Enable interrupt remapping in the firmware setup"
          : "Boot without \(off.joined(separator: " "))",
        around.allowsUnsafeInterrupts.value == true
          ? "Remove allow_unsafe_interrupts from /etc/modprobe.d and the kernel command line" : nil,
      ] as [String?]).compactMap { $0 }.joined(separator: "; ")
  }

  private static func isUnsafe(_ around: Surroundings) -> Bool {
    around.allowsUnsafeInterrupts.value == true || around.interruptRemapping.value == false
  }
}

/// Can a guest raise the host's interrupts?
extension Interrupts: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    // Without an IOMMU there is nothing that could remap them.
    if examination.host.hasNoGroups { return [] }
    let around = examination.surroundings
    let words = (around.commandLine.value ?? []).filter { word in
      ["intremap=off", "nointremap"].contains(word)
        || word.hasPrefix("vfio_iommu_type1.allow_unsafe_interrupts=")
    }
    let lines = around.modprobeLines.filter {
      $0.module == "vfio_iommu_type1" && $0.arguments.contains("allow_unsafe_interrupts")
    }.map(\.source)
    let evidence = (words.flatMap { examination.sources(of: $0) } + lines).map { Finding.Evidence($0) }
    if let found = findings(in: examination.situation(examination.endpoints)).first {
      let removals = words.map { examination.boot.removal(of: $0) }.filter { !$0.isEmpty }
      let commands =
        lines.isEmpty ? ShellCommand.chain(removals) : examination.boot.without(lines, after: removals)
      return [found.ofHost(adding: evidence, remedy: commands.isEmpty ? found.remedy : commands)]
    }
    if around.interruptRemapping.value == true {
      return [
        Finding(
          .unsafeInterrupts, .ok, message: "Interrupts are remapped.",
          evidence: ["/proc/interrupts, or Extended Capability Register bit 3 of every unit in /sys/class/iommu"])
      ]
    }
    return [
      Finding(
        .unsafeInterrupts, .unknown, message: "Whether interrupts are remapped could not be read.",
        evidence: ["/proc/interrupts: no chip of a remapped interrupt, and none of another one"] + evidence,
        remedy: "dmesg | grep -i -e 'remapping' -e 'AMD-Vi'")
    ]
  }
}
