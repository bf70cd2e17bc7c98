import Host
import Sysfs

/// The kernel that is started after a crash to write a dump (kdump): its command line, its images, and where the dump goes.
public struct CrashDump: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    /// The kernel's name of a block device.
    case device(String)
    /// The file system that has the folder.
    case mounted(String)
    /// Over this interface, if the setting names one.
    case network(interface: String?)
  }

  public var tool = Tool.kdumpctl
  public var target = Target.mounted("/")
  /// The line that names the target; nil if it is what the tool does by itself.
  public var targetSource: SourceLine?
  /// Words of its command line beside the running kernel's.
  public var appended: [BootArgument] = []
  /// Its own command line is given whole, and the running kernel's does not count.
  public var isWhole = false
  /// Keys of the running kernel's that it does not get.
  public var removed: Set<String> = []
  public var images: [InitramfsPlace] = []

  public init() {}

  /// Nil if the host has none.
  init?(_ images: [InitramfsPlace], isReserved: Bool, reading files: inout SettingFiles) {
    self.images = images
    let settings = ["/etc/sysconfig/kdump", "/etc/default/kdump-tools"].flatMap { path in
      files.text(path).map { ShellAssignment.read($0, file: path) } ?? []
    }
    let conf = files.lines(Self.conf)
    guard isReserved && (conf != nil || !settings.isEmpty) || !images.isEmpty else { return nil }
    let isDebian = settings.contains { $0.words.first?.source.file.hasSuffix("kdump-tools") == true }
    let isSUSE = settings.contains { $0.name == "KDUMP_SAVEDIR" }
    tool = isDebian ? .kdumpTools : isSUSE ? .mkdumprd : .kdumpctl
    for assignment in settings { read(assignment) }
    var folder = "/var/crash"
    for (index, line) in (conf ?? []).enumerated() { read(line, number: index + 1, folder: &folder, with: files.sysfs) }
    for assignment in settings { read(target: assignment, folder: &folder) }
    if target == .mounted("/") { target = .mounted(Self.mountPoint(of: folder, &files)) }
  }

  private static let conf = "/etc/kdump.conf"

  private mutating func read(_ assignment: ShellAssignment) {
    let words = assignment.words.map { BootArgument($0.text, spelling: $0.spelling, source: $0.source, loader: .crash) }
    switch assignment.name {
    case "KDUMP_COMMANDLINE_APPEND", "KDUMP_CMDLINE_APPEND": appended += words
    case "KDUMP_COMMANDLINE" where !words.isEmpty, "KDUMP_CMDLINE" where !words.isEmpty:
      isWhole = true
      appended += words
    case "KDUMP_COMMANDLINE_REMOVE": removed.formUnion(words.map { String($0.word.prefix { $0 != "=" }) })
    default: break
    }
  }

  /// `kdump.conf(5)`: the last target counts.
  private mutating func read(_ line: String, number: Int, folder: inout String, with sysfs: any Sysfs) {
    let fields = words(line.prefix { $0 != "#" })
    guard fields.count > 1 else { return }
    let source = SourceLine(Self.conf, number, text: line)
    switch fields[0] {
    case "path":
      folder = fields[1]
      targetSource = targetSource ?? source
    case "nfs", "ssh":
      target = .network(interface: nil)
      targetSource = source
    case "raw", "ext2", "ext3", "ext4", "xfs", "btrfs", "minix", "f2fs":
      target = .device(Self.device(fields[1], sysfs))
      targetSource = source
    default: break
    }
  }

  /// Debian's and SUSE's.
  private mutating func read(target assignment: ShellAssignment, folder: inout String) {
    guard let word = assignment.words.first else { return }
    switch assignment.name {
    case "NFS", "SSH", "FTP": target = .network(interface: nil)
    case "KDUMP_SAVEDIR" where word.text.contains("://") && !word.text.hasPrefix("file://"):
      target = .network(interface: nil)
    case "KDUMP_SAVEDIR": folder = word.text.hasPrefix("file://") ? String(word.text.dropFirst(7)) : word.text
    case "KDUMP_COREDIR": folder = word.text
    case "KDUMP_NETCONFIG":
      // `eth1:dhcp`; `auto` leaves it to the tool.
      let interface = String(word.text.prefix { $0 != ":" })
      if case .network = target, interface != "auto" { target = .network(interface: interface) }
      return
    default: return
    }
    targetSource = word.source
  }

  /// Of `/dev/sda1`, `UUID=…`, `/dev/disk/by-id/…` the kernel's name.
  private static func device(_ text: String, _ sysfs: any Sysfs) -> String {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != "\"" } }
    let path = parts.count == 2 ? "/dev/disk/by-\(parts[0].lowercased())/\(parts[1])" : text
    return (try? sysfs.linkName(path)) ?? lastName(path)
  }

  private static func mountPoint(of folder: String, _ files: inout SettingFiles) -> String {
    let points = (files.lines("/proc/mounts") ?? []).compactMap { words($0).dropFirst().first.map { unescaped($0) } }
    return points.filter { folder == $0 || folder.hasPrefix($0 == "/" ? "/" : $0 + "/") }.max { $0.count < $1.count }
      ?? "/"
  }
}

extension CrashDump {
  /// The words that it is started with.
  public func arguments(running: [String]) -> [BootArgument] {
    let kept = isWhole ? [] : running.filter { !removed.contains(String($0.prefix { $0 != "=" })) }
    return kept.map { BootArgument($0, source: SourceLine("/proc/cmdline", nil, text: $0), loader: .crash) } + appended
  }
}
