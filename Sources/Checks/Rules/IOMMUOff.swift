import Host
import PCI
import Settings

/// No IOMMU group anywhere, and why.
struct IOMMUOff: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests, situation.host.hasNoGroups else { return [] }
    let around = situation.surroundings
    var evidence: [Finding.Evidence] = ["/sys/kernel/iommu_groups is empty"]
    if let words = around.commandLine.value {
      let asked = words.filter { IOMMUArgument.isOne($0, onARM: around.isARM.value == true) }
      evidence.append(
        Finding.Evidence(
          path: "/proc/cmdline",
          value: asked.isEmpty
            ? around.isARM.value == true
              ? "no iommu.passthrough= or arm-smmu argument" : "no intel_iommu=, amd_iommu= or iommu= argument"
            : asked.joined(separator: " ")))
    }
    if case .known(let tables) = around.firmwareTables {
      evidence.append(
        Finding.Evidence(
          path: "/sys/firmware/acpi/tables",
          value: tables.isEmpty ? "no DMAR, IVRS or IORT" : tables.joined(separator: " ")))
    }
    return [
      Finding(
        .iommuOff, .error, on: situation.set,
        message:
          "This host has no IOMMU groups: the IOMMU is off or missing. Without it a guest's device can access all of the host's memory.",
        evidence: evidence, remedy: Self.remedy(around, of: situation.host))
    ]
  }

  private static func remedy(_ around: Surroundings, of host: Host) -> String {
    let maker = IOMMUMaker(around, of: host)
    if host.isVirtual, around.firmwareTables.value?.isEmpty != false {
      return
        "This host is itself a guest of QEMU: give it an IOMMU there (\(maker == .arm ? "-machine virt,iommu=smmuv3" : "-device intel-iommu,intremap=on"); of libvirt: <iommu>), then start it again."
    }
    if maker == .arm { return "Enable the SMMU in the firmware setup, then reboot." }
    if around.firmwareTables.value?.isEmpty == true {
      switch maker {
      case .intel: return "Enable VT-d in the firmware setup, then reboot."
      case .amd: return "Enable AMD-Vi (IOMMU) in the firmware setup, then reboot."
      default: return "Enable VT-d (Intel) or AMD-Vi/IOMMU (AMD) in the firmware setup, then reboot."
      }
    }
    if maker == .amd {
      return
        "Enable AMD-Vi (IOMMU) in the firmware setup, then reboot; to see what the kernel found: dmesg | grep -i AMD-Vi"
    }
    // What is on the command line already is not advised.
    if IOMMUArgument.turnsOnIntel(around.commandLine.value ?? []) {
      return "Enable VT-d in the firmware setup, then reboot; to see what the kernel found: dmesg | grep -i dmar"
    }
    return
      "Enable VT-d or AMD-Vi in the firmware setup; on Intel, boot with intel_iommu=on; on AMD, boot without amd_iommu=off."
  }
}

/// Is there an IOMMU, and does the kernel use it?
extension IOMMUOff: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let host = examination.host
    if host.hasNoGroups { return [off(examination)] }
    if !host.groupsReadable && host.functions.allSatisfy({ $0.iommuGroup.isUnknown }) {
      return [
        Finding(
          .iommuOff, .unknown, message: "The IOMMU groups could not be read.",
          evidence: ["/sys/kernel/iommu_groups"], remedy: "ls /sys/kernel/iommu_groups")
      ]
    }
    let iommus = examination.surroundings.iommus.value
    let units = iommus.map { $0.isEmpty ? "" : " (\($0.joined(separator: ", ")))" } ?? ""
    let on = Finding(
      .iommuOff, .ok, message: "The IOMMU is on\(units): \(counted(host.groups.count, "group")).",
      evidence: ["/sys/kernel/iommu_groups"])
    let alone = host.functions.filter { $0.isEndpoint && $0.iommuGroup.isAbsent }.map(\.address)
    if alone.isEmpty { return [on] }
    return [
      on,
      Finding(
        .iommuOff, .info, on: alone,
        message:
          "\(counted(alone.count, "function")) \(alone.count == 1 ? "has" : "have") no IOMMU group and cannot go to a guest.",
        evidence: alone.map { "/sys/bus/pci/devices/\($0): no iommu_group" }),
    ]
  }

  private func off(_ examination: Examination) -> Finding {
    let found =
      findings(in: examination.situation(examination.endpoints)).first
      ?? Finding(.iommuOff, .error, message: "This host has no IOMMU groups: the IOMMU is off or missing.")
    let refusals = IOMMUArgument.refusals(examination.surroundings).flatMap { examination.sources(of: $0) }
    return found.ofHost(
      adding: refusals.filter { $0.file != "/proc/cmdline" }.map { Finding.Evidence($0) },
      remedy: wayOut(examination) ?? found.remedy)
  }

  /// What to write into the boot loader's file, where the firmware has tables and the file is known.
  private func wayOut(_ examination: Examination) -> String? {
    let around = examination.surroundings
    guard let tables = around.firmwareTables.value, !tables.isEmpty else { return nil }
    let boot = examination.boot
    let asked = IOMMUArgument.refusals(around)
    if !asked.isEmpty {
      let removals = asked.map { boot.removal(of: $0) }.filter { !$0.isEmpty }
      return removals.isEmpty
        ? "Boot without \(asked.joined(separator: " "))" : ShellCommand.chain(removals + ["systemctl reboot"])
    }
    guard tables.contains("DMAR"), !IOMMUArgument.turnsOnIntel(around.commandLine.value ?? []) else { return nil }
    let word = "intel_iommu=on"
    // The next boot gets it as it is.
    if boot.next.choice != .unseen, boot.promised.has(word) { return "systemctl reboot" }
    return boot.addition(of: word).map { ShellCommand.chain([$0, "systemctl reboot"]) }
  }
}
