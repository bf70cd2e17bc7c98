import Host
import PCI
import Sysfs
import System

/// A line of the administrator's udev rules that decides over drivers.
public struct UdevLine: Sendable, Equatable {
  public let source: SourceLine
  /// Functions that the line names by address.
  public let functions: [Address]
  /// `ATTR{vendor}` and `ATTR{device}` if it names those.
  public let id: DeviceID?
  /// The driver that it writes, if that can be read off it.
  public let driver: String?
  /// What else it asks of a function.
  let patterns: [UdevPattern]

  /// Its patterns fit this function. A line that asks for neither a name nor both ids may mean anything.
  public func fits(_ function: Function) -> Bool {
    let keys = Set(patterns.map(\.key))
    guard keys.contains(.name) || keys.isSuperset(of: [.vendor, .device]) else { return false }
    return patterns.allSatisfy { $0.fits(function) }
  }
}

/// Reads `/etc/udev/rules.d`: what packages bring elsewhere is theirs, and driverctl's is known by its folder.
struct UdevRules {
  static let folder = "/etc/udev/rules.d"

  static func read(_ files: inout SettingFiles) -> [UdevLine] {
    var found: [UdevLine] = []
    for name in files.names(folder) where name.hasSuffix(".rules") && !name.contains("hostdev") {
      for (number, line) in (files.lines("\(folder)/\(name)") ?? []).enumerated() {
        guard !line.hasPrefix("#"), line.contains("driver_override") || line.contains("vfio-pci"),
          !line.contains("driverctl")
        else { continue }
        found.append(parse(line, SourceLine("\(folder)/\(name)", number + 1, text: line)))
      }
    }
    return found
  }

  static func parse(_ line: String, _ source: SourceLine) -> UdevLine {
    let tokens = line.split { !$0.isHexDigit && $0 != ":" && $0 != "." }
    let functions = Set(tokens.compactMap { Address($0.lowercased()) }).sorted()
    var id: DeviceID?
    if let vendor = hex(of: "ATTR{vendor}", line), let device = hex(of: "ATTR{device}", line) {
      id = DeviceID(vendor: vendor, device: device)
    }
    let written = quoted(after: "ATTR{driver_override}", line) ?? (line.contains("vfio-pci") ? "vfio-pci" : nil)
    let patterns = UdevPattern.Key.allCases.compactMap { key -> UdevPattern? in
      guard let text = quoted(after: key.rawValue + "==", line) else { return nil }
      return UdevPattern(key: key, values: text.split(separator: "|").map { WildcardPattern(String($0)) })
    }
    return UdevLine(source: source, functions: functions, id: id, driver: written, patterns: patterns)
  }

  private static func hex(of key: String, _ line: String) -> UInt16? {
    quoted(after: key, line).flatMap { parseHex($0, as: UInt16.self) }
  }

  /// `KEY=="value"`, or with another operator.
  private static func quoted(after key: String, _ line: String) -> String? {
    guard let range = line.firstRange(of: key) else { return nil }
    let parts = line[range.upperBound...].split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].allSatisfy({ "=:+!".contains($0) }) else { return nil }
    return String(parts[1])
  }
}
