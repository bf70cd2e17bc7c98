import Host

/// Kernel arguments that turn an IOMMU on or off.
enum IOMMUArgument {
  /// It has to do with the IOMMU of this machine: Intel's and AMD's mean nothing to a kernel for ARM.
  static func isOne(_ word: String, onARM: Bool) -> Bool {
    if onARM {
      let key = ModuleNames.spelled(word.prefix { $0 != "=" })
      return key == "iommu.passthrough" || key == "iommu.strict" || key.hasPrefix("arm_smmu")
        || word.contains("arm_smmu") || word.contains("arm-smmu")
    }
    return word.hasPrefix("intel_iommu") || word.hasPrefix("amd_iommu") || word.hasPrefix("iommu=")
  }

  /// Words of this boot that turn it off.
  static func refusals(_ around: Surroundings) -> [String] {
    (around.commandLine.value ?? []).filter { around.isARM.value == true ? turnsOffARM($0) : turnsOff($0) }
  }

  private static func turnsOff(_ word: String) -> Bool {
    let key = String(word.prefix { $0 != "=" })
    let values = word.dropFirst(key.count + 1).split(separator: ",")
    switch key {
    case "intel_iommu", "amd_iommu": return values.contains("off")
    case "iommu": return values.contains { ["off", "soft", "noaperture"].contains($0) }
    default: return false
    }
  }

  /// `arm-smmu-v3.disable…=` of a driver, or the driver kept out.
  private static func turnsOffARM(_ word: String) -> Bool {
    let parts = word.split(separator: "=", maxSplits: 1).map { ModuleNames.spelled($0) }
    guard let key = parts.first else { return false }
    if key.hasPrefix("arm_smmu"), key.hasSuffix(".disable") { return parts.last != "0" && parts.last != "n" }
    return ["module_blacklist", "initcall_blacklist", "modprobe.blacklist"].contains(key)
      && parts.last?.contains("arm_smmu") ?? false
  }

  /// `intel_iommu=on`, alone or in a list (`intel_iommu_setup` of drivers/iommu/intel/iommu.c).
  static func turnsOnIntel(_ words: [String]) -> Bool {
    words.contains {
      $0.hasPrefix("intel_iommu=") && $0.dropFirst("intel_iommu=".count).split(separator: ",").contains("on")
    }
  }
}
