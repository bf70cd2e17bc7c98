import Host
import PCI

/// No way to reset: nothing stops the move, but the second guest start meets a dirty device.
struct NoReset: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.filter(\.isEndpoint).compactMap { function in
      let forecast = ResetForecast(of: function, in: situation.host)
      guard forecast.reach == .none else { return nil }
      return Finding(
        "no-reset", .warning, [function.address],
        message:
          "Nothing resets \(function.address): a second guest start will meet the device as the first one left it.",
        evidence: [
          "/sys/bus/pci/devices/\(function.address)/reset_method: "
            + (function.kernelResetMethods.value.map { $0.isEmpty ? "empty" : $0.joined(separator: " ") + " (stale)" }
              ?? "not there")
        ],
        remedy: "Restart the guest's device from within the guest, or power the host off and on between guests.",
        isForceable: false)
    }
  }
}

/// D3cold is normal for a sleeping GPU, and some never wake from it.
struct Asleep: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.filter { $0.powerState.value == "D3cold" }.map { function in
      Finding(
        "d3cold", .warning, [function.address],
        message: "\(function.address) sleeps in D3cold; most devices wake when they are bound, some never do.",
        evidence: Self.evidence(function, situation.usage.conditions[function.address]),
        remedy: "hostdev show --wake \(function.address)",
        isForceable: false)
    }
  }
}

extension Asleep {
  private static func evidence(_ function: Function, _ condition: Condition?) -> [String] {
    let folder = "/sys/bus/pci/devices/\(function.address)"
    return ["\(folder)/power_state: D3cold; its config is not read, since that would wake it"]
      + [
        condition?.allowsD3cold.map { "\(folder)/d3cold_allowed: \($0 ? 1 : 0)" },
        condition?.runtimeStatus.map { "\(folder)/power/runtime_status: \($0)" },
      ].compactMap { $0 }
  }
}

/// Fatal errors that the kernel counted. It may have recovered from each of them: what is dead reads all ones.
struct FatalErrors: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      guard let count = situation.usage.conditions[function.address]?.fatalErrors, count > 0 else { return nil }
      return Finding(
        "aer-fatal", .warning, [function.address],
        message:
          "The kernel has counted \(count) fatal PCI Express errors of \(function.address); under a guest the next one may take the guest with it.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/aer_dev_fatal: TOTAL_ERR_FATAL \(count)"],
        remedy: "journalctl -k --grep \(function.address)", isForceable: false)
    }
  }
}

/// An override that nobody here asked for and that keeps the driver away.
struct StaleOverride: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      guard let override = function.driverOverride.value, override != function.driver.value, function.driver.isAbsent,
        !situation.held.contains(function.address), !Self.isCaptured(function, override, in: situation.host)
      else { return nil }
      return Finding(
        "stale-override", .warning, [function.address],
        message:
          "An override to \(override) stands on \(function.address), which is unbound: no other driver will take it.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/driver_override: \(override)"],
        remedy: "echo > /sys/bus/pci/devices/\(function.address)/driver_override", isForceable: false)
    }
  }

  /// A PF on vfio-pci captures its VFs: the kernel sets their override itself (`vfio_pci_bus_notifier`).
  private static func isCaptured(_ function: Function, _ override: String, in host: Host) -> Bool {
    guard let physical = function.physicalFunction.value, let driver = host[physical]?.driver.value else {
      return false
    }
    return VFIODriver.isVFIO(driver) && VFIODriver.isVFIO(override)
  }
}

/// Without interrupt remapping a guest can send the host any interrupt.
struct Interrupts: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard !situation.candidates.isEmpty, !situation.host.hasNoGroups, Self.isUnsafe(situation.surroundings) else {
      return []
    }
    return [
      Finding(
        "unsafe-interrupts", .warning, situation.set,
        message: "Interrupts are not isolated: a guest with this device can disturb the host.",
        evidence: [
          situation.surroundings.allowsUnsafeInterrupts.value == true
            ? "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts: Y"
            : "the IOMMU does not remap interrupts"
        ],
        remedy:
          "Enable interrupt remapping in the firmware setup, and remove allow_unsafe_interrupts from /etc/modprobe.d",
        isForceable: false)
    ]
  }

  private static func isUnsafe(_ around: Surroundings) -> Bool {
    around.allowsUnsafeInterrupts.value == true || around.interruptRemapping.value == false
  }
}

/// pcie_acs_override makes groups out of what is not isolated.
struct ACSOverride: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard !situation.candidates.isEmpty,
      let word = situation.surroundings.commandLine.value?.first(where: { $0.hasPrefix("pcie_acs_override") })
    else { return [] }
    return [
      Finding(
        "acs-override", .warning, situation.set,
        message:
          "\(word) is on the kernel command line: the groups are a fiction, and devices in different ones may reach each other's memory.",
        evidence: ["/proc/cmdline: \(word)"],
        remedy: "Boot without it, and look which groups are real: hostdev list --all",
        isForceable: false)
    ]
  }
}
