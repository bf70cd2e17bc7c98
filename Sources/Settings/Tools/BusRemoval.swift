import Host

/// A program other than udev that takes functions off the PCI bus, or their power, before hostdev sees them.
public struct BusRemoval: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    /// A laptop's second graphics card, with all its functions.
    case graphics
    /// By the path of the attribute that is written, or a pattern.
    case path(String)
  }

  /// `supergfxd`, `a script that runs at boot`.
  public let tool: String
  public let target: Target
  public let source: SourceLine
  /// The command that has it back; nil: the file is opened at its line.
  public let wayBack: String?

  init(_ tool: String, _ target: Target, by source: SourceLine, wayBack: String? = nil) {
    self.tool = tool
    self.target = target
    self.source = source
    self.wayBack = wayBack
  }

  static func all(_ files: inout SettingFiles) -> [BusRemoval] {
    GPUSwitchers.read(&files) + scripts(&files)
  }

  /// `echo 1 > /sys/bus/pci/devices/0000:01:00.0/remove` at boot, or a call of ACPI that turns a card off.
  private static func scripts(_ files: inout SettingFiles) -> [BusRemoval] {
    var found: [BusRemoval] = []
    for (file, tool) in BootScripts.files(&files) {
      for (index, line) in (files.lines(file) ?? []).enumerated() where !line.hasPrefix("#") {
        let source = SourceLine(file, index + 1, text: line)
        if line.contains("/proc/acpi/call"), line.contains("OFF") {
          found.append(BusRemoval("acpi_call", .graphics, by: source))
        }
        let paths = line.split { " \t\"'>;".contains($0) }
        for path in paths where path.hasPrefix("/sys/") && path.hasSuffix("/remove") {
          found.append(BusRemoval(tool.rawValue, .path(String(path)), by: source))
        }
      }
    }
    return found
  }
}
