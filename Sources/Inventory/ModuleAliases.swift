import Host
import PCI
import Sysfs

/// Which kernel modules know a function: `modules.alias` of the running kernel, the built-in table beside it, and which
/// driver each loaded module has. All of it is read once.
public struct ModuleAliases: Sendable {
  /// One `alias PATTERN MODULE`.
  struct Line: Sendable {
    let pattern: AliasPattern
    let module: String
  }

  private let lines: [Line]
  /// The PCI driver of each module that is loaded and has one.
  private let loaded: [String: String]
  /// Modules that a `blacklist` line names: they are loaded only when asked for by name.
  private let blacklisted: Set<String>
  /// A table could be read at all.
  public let isKnown: Bool

  /// Reads the tables of this kernel release.
  public init(_ sysfs: any Sysfs, _ surroundings: Surroundings) {
    loaded = Self.loadedDrivers(sysfs)
    blacklisted = Set(surroundings.modprobeLines.filter { $0.command == .blacklist }.map(\.module))
    var found: [Line] = []
    var isKnown = false
    // A capture may have lost its release and still have the one folder.
    let releases = surroundings.kernelRelease.value.map { [$0] } ?? (try? sysfs.entries("/lib/modules")) ?? []
    for release in releases.prefix(1) {
      let folder = "/lib/modules/\(release)"
      if let bytes = try? sysfs.read(folder + "/modules.alias") {
        isKnown = true
        found += Self.aliases(bytes)
      }
      if let bytes = try? sysfs.read(folder + "/modules.builtin.modinfo") { found += Self.builtIn(bytes) }
    }
    lines = found
    self.isKnown = isKnown
  }

  /// Lines `alias pci:v000010EEd… xclmgmt`; only those of PCI and of VFIO's variants.
  private static func aliases(_ bytes: [UInt8]) -> [Line] {
    bytes.split(separator: 0x0a).compactMap { line in
      let words = line.split(separator: 0x20)
      guard words.count == 3, words[0].elementsEqual("alias".utf8), isPCI(words[1]) else { return nil }
      return Line(pattern: AliasPattern(words[1]), module: String(decoding: words[2], as: UTF8.self))
    }
  }

  /// Records `nvme.alias=pci:v…`, each ended by a NUL.
  private static func builtIn(_ bytes: [UInt8]) -> [Line] {
    bytes.split(separator: 0).compactMap { record in
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")),
        record[..<equals].suffix(6).elementsEqual(".alias".utf8)
      else { return nil }
      let pattern = record[(equals + 1)...]
      guard isPCI(pattern) else { return nil }
      return Line(
        pattern: AliasPattern(pattern), module: String(decoding: record[..<equals].dropLast(6), as: UTF8.self))
    }
  }

  private static func isPCI(_ pattern: some Sequence<UInt8>) -> Bool {
    pattern.starts(with: "pci:".utf8) || pattern.starts(with: "vfio_pci:".utf8)
  }

  /// Modules whose id tables have the function, in the table's order; VFIO's own and blacklisted ones left out.
  public func homeModules(of function: Function) -> [String] {
    modules(of: function, prefix: "pci:").filter {
      !blacklisted.contains($0) && !VFIODriver.isVFIO(driver(of: $0)) && $0 != "pci_stub"
    }
  }

  /// The variant of vfio-pci for this function: of the `vfio_pci:` lines that match, the one with the fewest wildcards.
  public func variant(for function: Function) -> String? {
    guard let alias = Self.modalias(of: function, prefix: "vfio_pci:") else { return nil }
    return lines.filter { $0.pattern.bytes.starts(with: "vfio_pci:".utf8) && $0.pattern.matches(alias) }
      .min { $0.pattern.wildcards < $1.pattern.wildcards }?.module
  }

  /// Whether a driver's own table has the function; nil if no table could be read.
  public func knows(_ function: Function, driver name: String) -> Bool? {
    guard isKnown else { return nil }
    return modules(of: function, prefix: "pci:").contains { driver(of: $0) == name || Self.same($0, name) }
      || modules(of: function, prefix: "vfio_pci:").contains { driver(of: $0) == name || Self.same($0, name) }
  }

  /// What `/sys/module/M/drivers` says: `pci:nvme`.
  private static func loadedDrivers(_ sysfs: any Sysfs) -> [String: String] {
    sysfs.names(in: "/sys/module").reduce(into: [:]) { drivers, module in
      let driver = sysfs.names(in: "/sys/module/\(module)/drivers").first { $0.hasPrefix("pci:") }
      drivers[module] = driver.map { String($0.dropFirst(4)) }
    }
  }

  /// The PCI driver of a module: what the kernel says while it is loaded, else by the names that mainline drivers have.
  public func driver(of module: String) -> String {
    loaded[module] ?? ModuleNames.renamedDriver(of: module) ?? module
  }

  /// The module to load for a driver: the one that carries it, or the name itself.
  public func module(of driver: String, for function: Function?) -> String {
    let known = function.map { modules(of: $0, prefix: "pci:") + modules(of: $0, prefix: "vfio_pci:") } ?? []
    return known.first { self.driver(of: $0) == driver || Self.same($0, driver) }
      ?? ModuleNames.module(ofRenamed: driver) ?? driver
  }

  private static func same(_ one: String, _ other: String) -> Bool {
    ModuleNames.spelled(one) == ModuleNames.spelled(other)
  }

  private func modules(of function: Function, prefix: String) -> [String] {
    guard let alias = Self.modalias(of: function, prefix: prefix) else { return [] }
    var found: [String] = []
    for line in lines where line.pattern.bytes.starts(with: prefix.utf8) && line.pattern.matches(alias) {
      if !found.contains(line.module) { found.append(line.module) }
    }
    return found
  }

  /// The kernel's own form: `pci:v000010EEd00005000sv000010EEsd0000000Ebc12sc00i00`.
  static func modalias(of function: Function, prefix: String) -> [UInt8]? {
    guard let vendor = function.vendorID.value, let device = function.deviceID.value,
      let code = function.classCode.value
    else { return nil }
    func upper(_ value: some FixedWidthInteger & UnsignedInteger, _ digits: Int) -> String {
      hexText(value, digits: digits).uppercased()
    }
    let text =
      prefix + "v" + upper(vendor, 8) + "d" + upper(device, 8) + "sv" + upper(function.subsystemVendorID.value ?? 0, 8)
      + "sd" + upper(function.subsystemDeviceID.value ?? 0, 8) + "bc" + upper(code.base, 2)
      + "sc" + upper(UInt8(code.subclass & 0xff), 2) + "i" + upper(code.interface, 2)
    return Array(text.utf8)
  }
}
