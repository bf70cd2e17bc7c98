import Host
import PCI

/// Whose IOMMU this machine has: each kernel argument is of one of them.
enum IOMMUMaker: String {
  case intel = "Intel"
  case amd = "AMD"
  case arm = "ARM"

  /// By the kernel's units, the firmware's tables, or who made the host bridges; nil if these do not agree.
  init?(_ around: Surroundings, of host: Host) {
    if around.isARM.value == true {
      self = .arm
      return
    }
    let units = around.iommus.value ?? []
    let tables = around.firmwareTables.value ?? []
    let bridges = Set(
      host.functions.filter { $0.classCode.value.map { $0.value >> 8 == 0x0600 } ?? false }.compactMap(\.vendorID.value)
    )
    if units.contains(where: { $0.hasPrefix("ivhd") }) || tables.contains("IVRS") {
      self = .amd
    } else if units.contains(where: { $0.hasPrefix("dmar") }) || tables.contains("DMAR") {
      self = .intel
    } else if bridges == [0x1022] {
      self = .amd
    } else if bridges == [0x8086] {
      self = .intel
    } else {
      return nil
    }
  }

  /// It is an argument for another's IOMMU, which this kernel passes over.
  func ignores(_ word: String) -> Bool {
    switch word.prefix(while: { $0 != "=" }) {
    case "intel_iommu": self != .intel
    case "amd_iommu", "amd_iommu_intr": self != .amd
    default: false
    }
  }

  /// What the argument was meant to do, done by what this machine has.
  var advice: String {
    switch self {
    case .intel: "intel_iommu=on is what turns it on"
    case .amd: "its IOMMU is on unless amd_iommu=off turns it off, or the firmware setup does"
    case .arm: "its SMMU is on if the firmware has it on"
    }
  }
}

extension Examination {
  var iommuMaker: IOMMUMaker? { IOMMUMaker(surroundings, of: host) }
}

extension Host {
  /// A guest of QEMU: its devices are QEMU's own, by their ids or those of their subsystems.
  var isVirtual: Bool {
    functions.contains {
      $0.vendorID.value == 0x1b36 || $0.subsystemVendorID.value == 0x1af4 && $0.vendorID.value == 0x8086
    }
  }
}

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
