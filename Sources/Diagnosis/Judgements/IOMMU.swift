import Assessment
import Host
import PCI
import Settings

/// Is there an IOMMU, and does the kernel use it?
struct IOMMU: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let host = examination.host
    let around = examination.surroundings
    if host.hasNoGroups { return [off(examination)] }
    if !host.groupsReadable && host.functions.allSatisfy({ $0.iommuGroup.isUnknown }) {
      return [
        ReadinessCheck(
          .iommuOff, .unknown, "Whether there are IOMMU groups could not be read.",
          evidence: ["/sys/kernel/iommu_groups"], remedy: "ls /sys/kernel/iommu_groups")
      ]
    }
    let units = around.iommus.value.map { $0.isEmpty ? "" : " (\($0.joined(separator: ", ")))" } ?? ""
    var checks = [
      ReadinessCheck(
        .iommuOff, .ok, "The IOMMU is on\(units): \(host.groups.count) groups.", evidence: ["/sys/kernel/iommu_groups"])
    ]
    let alone = host.functions.filter { $0.isEndpoint && $0.iommuGroup.isAbsent }.map(\.address)
    if !alone.isEmpty {
      checks.append(
        ReadinessCheck(
          .iommuOff, .info, on: alone, "\(alone.count) functions have no IOMMU group and cannot go to a guest.",
          evidence: alone.map { "/sys/bus/pci/devices/\($0): no iommu_group" }))
    }
    return checks
  }

  private func off(_ examination: Examination) -> ReadinessCheck {
    let finding = Assessment.hostFindings(in: examination.situation(examination.endpoints))
      .first { $0.code == .iommuOff }
    return ReadinessCheck(
      .iommuOff, .error,
      finding?.message ?? "This host has no IOMMU group: the IOMMU is off or missing.",
      evidence: (finding?.evidence.map(\.description) ?? [])
        + words(examination).flatMap { examination.sources(of: $0) }.filter {
          $0.file != "/proc/cmdline"
        }.map(\.description),
      remedy: wayOut(examination) ?? finding?.remedy ?? "")
  }

  private static let refusals: Set = [
    "intel_iommu=off", "amd_iommu=off", "iommu=off", "iommu=soft", "iommu=noaperture",
  ]

  private func words(_ examination: Examination) -> [String] {
    (examination.surroundings.commandLine.value ?? []).filter { Self.refusals.contains($0) }
  }

  /// What to write into the boot loader's file, where the firmware has tables and the file is known.
  private func wayOut(_ examination: Examination) -> String? {
    guard let tables = examination.surroundings.firmwareTables.value, !tables.isEmpty else { return nil }
    let boot = examination.settings.boot
    let asked = words(examination)
    if !asked.isEmpty {
      let removals = asked.map { boot.removal(of: $0) }.filter { !$0.isEmpty }
      return removals.isEmpty
        ? "Boot without \(asked.joined(separator: " "))" : ShellCommand.chain(removals + ["systemctl reboot"])
    }
    guard tables.contains("DMAR") else { return nil }
    return boot.addition(of: "intel_iommu=on").map { ShellCommand.chain([$0, "systemctl reboot"]) }
  }
}

extension BootConfiguration {
  /// The commands after which the next boot gets a word more; nil where there is no file that is known to be edited.
  func addition(of word: String) -> String? {
    if files.contains("/etc/default/grub") {
      // A line of its own, so that whatever stands in the file is left as it is.
      return ShellCommand.chain([
        "echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX \(word)\"' >> /etc/default/grub", grubUpdate,
      ])
    }
    if files.contains("/etc/kernel/cmdline") {
      return ShellCommand.chain(["sed -i '1s/$/ \(word)/' /etc/kernel/cmdline", kernelInstallUpdate])
    }
    let entries = files.filter { $0.contains("/loader/entries/") }
    return entries.isEmpty
      ? nil : "sed -i 's/^options .*/& \(word)/' \(entries.map(ShellWord.quoted).joined(separator: " "))"
  }
}
