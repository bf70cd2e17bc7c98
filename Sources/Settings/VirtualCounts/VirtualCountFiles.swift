import Host
import Sysfs

/// Reads what tools other than udev were told about numbers of virtual functions.
enum VirtualCountFiles {
  static let attribute = "sriov_numvfs"

  static func read(_ files: inout SettingFiles) -> [VirtualCount] {
    NetplanFiles.virtualCounts(&files) + LinkFiles.virtualCounts(&files) + NetworkManagerFiles.virtualCounts(&files)
      + WrittenPath.all(&files).filter { $0.path.hasSuffix(attribute) }.map {
        count($0.tool, $0.path, value: $0.value, at: $0.source)
      } + BootScripts.virtualCounts(&files)
  }

  static func count(
    _ tool: VirtualCount.Tool, _ path: String, value: String, at source: SourceLine
  ) -> VirtualCount {
    VirtualCount(tool, .path(path), count: Int(trimmed(value).replacing("\"", with: "")), source: source)
  }
}
