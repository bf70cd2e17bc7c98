import Assessment
import Host
import PCI

/// Can a guest raise the host's interrupts?
struct InterruptRemapping: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let around = examination.surroundings
    // Without an IOMMU there is nothing that could remap them.
    if examination.host.hasNoGroups { return [] }
    let words = (around.commandLine.value ?? []).filter { word in
      ["intremap=off", "nointremap"].contains(word)
        || word.hasPrefix("vfio_iommu_type1.allow_unsafe_interrupts=")
    }
    let lines = around.modprobeLines.filter {
      $0.module == "vfio_iommu_type1" && $0.arguments.contains("allow_unsafe_interrupts")
    }.map(\.source)
    let evidence = words.flatMap { examination.sources(of: $0) }.map(\.description) + lines.map(\.description)
    let finding = Assessment.hostFindings(in: examination.situation(examination.endpoints))
      .first { $0.code == .unsafeInterrupts }
    if let finding {
      let commands: [String?] =
        words.map { examination.settings.boot.removal(of: $0) }.filter { !$0.isEmpty }
        + lines.map(ShellCommand.commentOut) + (lines.isEmpty ? [] : [examination.settings.initramfs.update])
      return [
        ReadinessCheck(
          .unsafeInterrupts, .warning, finding.message, evidence: finding.evidence.map(\.description) + evidence,
          remedy: commands.isEmpty ? finding.remedy : ShellCommand.chain(commands))
      ]
    }
    if around.interruptRemapping.value == true {
      return [
        ReadinessCheck(
          .unsafeInterrupts, .ok, "Interrupts are remapped.",
          evidence: ["/proc/interrupts, or Extended Capability Register bit 3 of every unit in /sys/class/iommu"])
      ]
    }
    return [
      ReadinessCheck(
        .unsafeInterrupts, .unknown, "Whether interrupts are remapped could not be read.",
        evidence: ["/proc/interrupts: no chip of a remapped interrupt, and none of another one"] + evidence,
        remedy: "dmesg | grep -i -e 'remapping' -e 'AMD-Vi'")
    ]
  }
}
