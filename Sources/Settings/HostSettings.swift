import Host
import PCI
import Sysfs

/// Everything that other tools, boot loaders and administrators were told about functions, with file and line.
public struct HostSettings: Sendable, Equatable {
  public var boot = BootConfiguration()
  /// How a dump is written after a crash; nil if none is.
  public var crashDump: CrashDump?
  public var driverctl: [DriverctlOverride] = []
  /// Driverctl's udev rule is installed; nil if that cannot be told.
  public var hasDriverctlRule: Bool?
  /// Modules that are loaded at boot with options, besides modprobe.d.
  public var moduleLines: [ModprobeLine] = []
  /// Modules that are loaded at boot by their names, before their devices ask for them.
  public var earlyModules: [EarlyModule] = []
  public var strayModuleLines: [StrayModuleLine] = []
  public var domains: [DomainFunction] = []
  public var machines: [ProxmoxFunction] = []
  public var udev = UdevRules()
  /// Interfaces, cards and more, as rules and other settings name them.
  public var classDevices: [ClassDevice] = []
  /// Numbers of virtual functions, beside those that udev's rules write.
  public var virtualCounts: [VirtualCount] = []
  /// What scripts, units and settings write to sysfs at boot, beside numbers of virtual functions.
  public var writes: [BootWrite] = []
  /// What takes functions off the bus, beside udev's rules.
  public var removals: [BusRemoval] = []
  /// A program for laptops was told to give the second graphics card to guests.
  public var graphicsToGuests: SourceLine?
  /// hostdev's own hook for it is installed.
  public var hasImageHook = false
  public var units = BootUnits()
  /// Files that are there and could not be read.
  public var unread: [Unread] = []
  /// Folders that are not there: no settings on a host; of a capture, which may not have taken them along, nothing known.
  public var missing: [String] = []
  /// Files that are not what they should be, each with its place and reason.
  public var malformed: [String] = []

  public init() {}

  /// What makes this host's initramfs.
  public var initramfs: InitramfsTool { boot.tools.initramfs }

  /// Reads all of it; a file that does not exist sets nothing.
  public init(reading sysfs: any Sysfs, functions: [Address]) {
    var files = SettingFiles(sysfs)
    boot = BootConfiguration(&files)
    let words = (KernelCommandLine.read(sysfs).value ?? []) + boot.promised.map(\.word)
    crashDump = CrashDump(
      CrashImages.find(&files), isReserved: words.contains { $0.hasPrefix("crashkernel=") }, reading: &files)
    driverctl = DriverctlFiles.read(&files)
    hasDriverctlRule = DriverctlFiles.hasRule(sysfs)
    moduleLines = ModuleLists.read(&files)
    earlyModules = EarlyModule.read(&files)
    strayModuleLines = StrayModuleLine.read(&files)
    let networks = LibvirtNetworks.read(&files, malformed: &malformed)
    domains = LibvirtDomains.read(&files, networks: networks, malformed: &malformed)
    machines = ProxmoxFiles.read(&files, existing: functions)
    udev = UdevRules(&files)
    classDevices = ClassDevice.all(sysfs)
    virtualCounts = VirtualCountFiles.read(&files) + networks.flatMap(\.pools)
    writes = BootWrites.read(&files)
    removals = BusRemoval.all(&files)
    graphicsToGuests = GPUSwitchers.toGuests(&files)
    hasImageHook = InitramfsTool.hooks.contains(where: sysfs.exists)
    units = BootUnits(&files)
    var seen: Set<Unread> = []
    unread = files.unread.filter { seen.insert($0).inserted }
    missing = ["/etc/modprobe.d", UdevRules.folder, DriverctlFiles.folder, LibvirtDomains.folder].filter {
      !sysfs.exists($0)
    }
  }
}
