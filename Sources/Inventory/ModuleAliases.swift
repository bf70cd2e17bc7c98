import Host
import PCI
import Sysfs

/// Which kernel modules know a function: `modules.alias` of the running kernel, and the built-in table beside it.
public struct ModuleAliases: Sendable {
  /// One `alias PATTERN MODULE`.
  struct Line: Sendable {
    let pattern: [UInt8]
    let module: String
  }

  private let lines: [Line]
  private let sysfs: any Sysfs
  /// Modules that a `blacklist` line names: they are loaded only when asked for by name.
  private let blacklisted: Set<String>
  /// A table could be read at all.
  public let isKnown: Bool

  /// Reads the tables of this kernel release.
  public init(_ sysfs: any Sysfs, _ surroundings: Surroundings) {
    self.sysfs = sysfs
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
      return Line(pattern: Array(words[1]), module: String(decoding: words[2], as: UTF8.self))
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
      return Line(pattern: Array(pattern), module: String(decoding: record[..<equals].dropLast(6), as: UTF8.self))
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
    return lines.filter { $0.pattern.starts(with: "vfio_pci:".utf8) && Self.matches($0.pattern[...], alias[...]) }
      .min { Self.wildcards($0) < Self.wildcards($1) }?.module
  }

  /// Whether a driver's own table has the function; nil where no table could be read.
  public func knows(_ function: Function, driver name: String) -> Bool? {
    guard isKnown else { return nil }
    return modules(of: function, prefix: "pci:").contains { driver(of: $0) == name || Self.same($0, name) }
      || modules(of: function, prefix: "vfio_pci:").contains { driver(of: $0) == name || Self.same($0, name) }
  }

  /// The PCI driver of a module: what `/sys/module/M/drivers` says while it is loaded, else by the names that mainline
  /// drivers have.
  public func driver(of module: String) -> String {
    let loaded = ((try? sysfs.entries("/sys/module/\(module)/drivers")) ?? []).first { $0.hasPrefix("pci:") }
    return loaded.map { String($0.dropFirst(4)) } ?? Self.renamed[module] ?? module
  }

  /// The module to load for a driver: the one that carries it, or the name itself.
  public func module(of driver: String, for function: Function?) -> String {
    let known = function.map { modules(of: $0, prefix: "pci:") + modules(of: $0, prefix: "vfio_pci:") } ?? []
    return known.first { self.driver(of: $0) == driver || Self.same($0, driver) }
      ?? Self.renamed.first { $0.value == driver }?.key ?? driver
  }

  /// Drivers whose name is not their module's, in mainline.
  private static let renamed = [
    "vfio_pci": "vfio-pci", "pci_stub": "pci-stub", "xhci_pci": "xhci_hcd", "ehci_pci": "ehci-pci",
    "ohci_pci": "ohci-pci",
    "i2c_i801": "i801_smbus", "virtio_pci": "virtio-pci", "sdhci_pci": "sdhci-pci", "mlx5_vfio_pci": "mlx5_vfio_pci",
    "intel_lpss_pci": "intel-lpss",
  ]

  private static func same(_ one: String, _ other: String) -> Bool {
    one.replacing("-", with: "_") == other.replacing("-", with: "_")
  }

  private func modules(of function: Function, prefix: String) -> [String] {
    guard let alias = Self.modalias(of: function, prefix: prefix) else { return [] }
    var found: [String] = []
    for line in lines where line.pattern.starts(with: prefix.utf8) && Self.matches(line.pattern[...], alias[...]) {
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

  private static func wildcards(_ line: Line) -> Int { line.pattern.count { $0 == UInt8(ascii: "*") } }

  /// `fnmatch(3)` as far as aliases use it: `*`, `?` and `[…]`.
  static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    // Behind the last `*`, and where in the text that stands: only the last one need ever be tried again.
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        if pattern.isEmpty { return true }
        retry = (pattern, text)
      } else if pattern.isEmpty && text.isEmpty {
        return true
      } else if let byte = text.first, let rest = step(pattern, byte) {
        pattern = rest
        text = text.dropFirst()
      } else {
        guard let last = retry, !last.text.isEmpty else { return false }
        retry = (last.pattern, last.text.dropFirst())
        pattern = last.pattern
        text = last.text.dropFirst()
      }
    }
  }

  /// The pattern behind its first element, where that takes this byte.
  private static func step(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
    guard let first = pattern.first else { return nil }
    switch first {
    case UInt8(ascii: "["):
      guard let close = pattern.firstIndex(of: UInt8(ascii: "]")),
        inSet(pattern[(pattern.startIndex + 1)..<close], byte)
      else { return nil }
      return pattern[(close + 1)...]
    case UInt8(ascii: "?"): return pattern.dropFirst()
    default: return first == byte ? pattern.dropFirst() : nil
    }
  }

  private static func inSet(_ members: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
    var place = members.startIndex
    while place < members.endIndex {
      if place + 2 < members.endIndex, members[place + 1] == UInt8(ascii: "-") {
        if members[place] <= byte, byte <= members[place + 2] { return true }
        place += 3
      } else {
        if members[place] == byte { return true }
        place += 1
      }
    }
    return false
  }
}
