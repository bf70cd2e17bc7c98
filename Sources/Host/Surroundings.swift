import PCI

/// What else of the host decides whether an assignment works: boot arguments, IOMMU, modules.
public struct Surroundings: Sendable, Equatable {
  /// `uname -r`.
  public var kernelRelease: Fact<String> = .unknown
  /// The kernel's command line, word by word.
  public var commandLine: Fact<[String]> = .unknown
  /// `dmar0`, `ivhd0`, `smmu3.0x…`: the IOMMUs that the kernel runs. Absent if it runs none.
  public var iommus: Fact<[String]> = .unknown
  /// Those of the ACPI tables `DMAR`, `IVRS`, `IORT` that the firmware gave: it knows an IOMMU, used or not.
  public var firmwareTables: Fact<[String]> = .unknown
  /// An ARM machine, whose IOMMU is an SMMU.
  public var isARM: Fact<Bool> = .unknown
  /// Interrupts are remapped, so that a guest cannot raise the host's.
  public var interruptRemapping: Fact<Bool> = .unknown
  /// `allow_unsafe_interrupts` of vfio_iommu_type1; absent while that is not loaded.
  public var allowsUnsafeInterrupts: Fact<Bool> = .unknown
  /// `disable_denylist` of vfio-pci; absent while that is not loaded.
  public var isDenylistDisabled: Fact<Bool> = .unknown
  /// `kernel.modules_disabled`: no module can be loaded until the next boot.
  public var areModulesDisabled: Fact<Bool> = .unknown
  /// The mode of kernel lockdown: `none`, `integrity`, `confidentiality`.
  public var lockdown: Fact<String> = .unknown
  /// The firmware started signed code alone, so that the kernel may want its modules signed.
  public var secureBoot: Fact<Bool> = .unknown
  public var vfioPCI: ModuleState = .unknown
  /// What holds the firmware's frame buffer, by its names in `/proc/iomem`: `BOOTFB`, `efifb`, `simpledrm`.
  public var bootFramebuffers: Fact<[String]> = .unknown
  /// Parameters of VFIO's and KVM's modules that the command line or modprobe.d sets, as the kernel has them now, by
  /// `module.parameter` with underscores.
  public var parameters: [String: String] = [:]
  /// Modules that are part of the kernel itself, with underscores (`modules.builtin`).
  public var builtInModules: Fact<Set<String>> = .unknown
  /// What the administrator and the distribution tell modprobe, in the order in which it reads them.
  public var modprobeLines: [ModprobeLine] = []

  /// Security modules that confine libvirt's guests.
  public var confinements: [Confinement] = []

  public init() {}

  /// `pcie_acs_override=` on the command line: a patched kernel splits groups that the hardware does not.
  public var overridesACS: Fact<Bool> {
    commandLine.map { words in words.contains { $0.hasPrefix("pcie_acs_override=") } }
  }
}

/// A security module that is enforced on libvirt's guests.
public struct Confinement: Sendable, Equatable {
  public enum Module: String, Sendable { case selinux = "SELinux", appArmor = "AppArmor" }

  public let module: Module
  /// Attribute and value that say so.
  public let evidence: String
  /// Rules that deny guests VFIO's device files.
  public let denies: [SourceLine]

  public init(module: Module, evidence: String, denies: [SourceLine]) {
    self.module = module
    self.evidence = evidence
    self.denies = denies
  }
}

/// Whether a module is or can be in the kernel.
public enum ModuleState: String, Sendable, Equatable {
  case loaded, builtIn = "built-in", loadable, missing, unknown
}

/// A line of `modprobe.d(5)` that changes what loading a module does.
public struct ModprobeLine: Sendable, Equatable {
  public enum Command: String, Sendable { case blacklist, install, options, softdep }

  /// A file, or `/proc/cmdline` with line 1 for `modprobe.blacklist=` and `module_blacklist=`.
  public let file: String
  /// From 1 on; of a continued line its first.
  public let line: Int
  public let command: Command
  /// With underscores: modprobe takes `-` and `_` for the same. Of `install` and `softdep` it may be a pattern.
  public let module: String
  /// What follows the module: options, the command to run, or `pre:` and `post:` modules.
  public let arguments: String

  public init(file: String, line: Int, command: Command, module: String, arguments: String) {
    self.file = file
    self.line = line
    self.command = command
    self.module = module
    self.arguments = arguments
  }

  public var source: SourceLine {
    SourceLine(file, line, text: "\(command.rawValue) \(module)\(arguments.isEmpty ? "" : " ")\(arguments)")
  }
}
