import Host
import Sysfs

/// Reads what tools other than udev were told about numbers of virtual functions.
enum VirtualCountFiles {
  static let attribute = "sriov_numvfs"

  static func read(_ files: inout SettingFiles) -> [VirtualCount] {
    NetplanFiles.virtualCounts(&files) + LinkFiles.virtualCounts(&files) + NetworkManagerFiles.virtualCounts(&files)
      + WrittenPath.all(&files).filter { $0.path.hasSuffix(attribute) }.map {
        count($0.tool, $0.path, value: $0.value, at: $0.source)
      } + moduleOptions(files.sysfs) + BootScripts.virtualCounts(&files)
  }

  /// `options igb max_vfs=7`: drivers that make virtual functions as they bind. Several numbers are of several ports.
  private static func moduleOptions(_ sysfs: any Sysfs) -> [VirtualCount] {
    ModprobeFiles.read(sysfs, commandLine: []).filter { $0.command == .options }.compactMap { line in
      let options = words(line.arguments).filter { $0.hasPrefix("max_vfs=") || $0.hasPrefix("num_vfs=") }
      guard let value = options.last?.split(separator: "=").last else { return nil }
      let numbers = Set(value.split(separator: ",").map(String.init))
      let count = numbers.count == 1 ? numbers.first.flatMap { Int($0) } : nil
      return VirtualCount(.modprobe, .driver(line.module), count: count, source: line.source)
    }
  }

  static func count(
    _ tool: VirtualCount.Tool, _ path: String, value: String, at source: SourceLine
  ) -> VirtualCount {
    VirtualCount(tool, .path(path), count: Int(trimmed(value).replacing("\"", with: "")), source: source)
  }
}
