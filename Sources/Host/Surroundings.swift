import PCI

/// What is known of the host around its functions.
public struct Surroundings: Sendable, Equatable {
  /// Words of `/proc/cmdline`.
  public var commandLine: Fact<[String]> = .unknown
  /// `uname -r`, from `/proc/sys/kernel/osrelease`.
  public var kernelRelease: Fact<String> = .unknown
  /// IOMMUs that the kernel runs: names in `/sys/class/iommu`.
  public var iommus: Fact<[String]> = .unknown
  /// Which of DMAR, IVRS and IORT firmware brought: `/sys/firmware/acpi/tables`.
  public var firmwareTables: Fact<[String]> = .unknown
  /// Interrupts are not remapped, or `allow_unsafe_interrupts` is on.
  public var unsafeInterrupts: Fact<Bool> = .unknown
  /// vfio_pci's `disable_denylist`.
  public var denylistDisabled: Fact<Bool> = .unknown
  /// `/proc/sys/kernel/modules_disabled`: no module can be loaded until the next boot.
  public var modulesDisabled: Fact<Bool> = .unknown
  /// Lines of modprobe.d that say something of a module.
  public var moduleLines: [ModuleLine] = []

  public init() {}
}

/// One `install`, `blacklist`, `options` or `softdep` line of modprobe.d.
public struct ModuleLine: Sendable, Equatable {
  public let file: String
  /// From 1.
  public let line: Int
  /// `install`, `blacklist`, …
  public let command: String
  /// With underscores, as the kernel names modules.
  public let module: String
  public let arguments: [String]

  public init(file: String, line: Int, command: String, module: String, arguments: [String]) {
    self.file = file
    self.line = line
    self.command = command
    self.module = module
    self.arguments = arguments
  }
}
