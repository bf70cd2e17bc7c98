import Host
import Sysfs

/// What a script, a unit or a setting does to PCI functions at boot, or as a guest starts.
public struct BootWrite: Sendable, Equatable {
  /// `a unit of systemd's`, `systemd-tmpfiles`.
  public let tool: String
  public let effect: FunctionEffect
  public let source: SourceLine
  /// The unit that runs it.
  public var unit: String?
  /// It is carried into the initramfs.
  public var isInImage = false
  /// It runs as a guest starts, not at boot.
  public var isOfGuests = false
}

/// Reads every place that runs commands as root at boot.
enum BootWrites {
  static func read(_ files: inout SettingFiles) -> [BootWrite] {
    units(&files) + scripts(&files) + settings(&files)
  }

  private static func units(_ files: inout SettingFiles) -> [BootWrite] {
    EnabledUnits.commands(&files).flatMap { command in
      writes("a unit of systemd's", command.text, in: command.source, reading: &files).map { write in
        var write = BootWrite(tool: write.tool, effect: write.effect, source: command.source)
        write.unit = command.unit
        return write
      }
    }
  }

  /// One of the places whose files are scripts, or have commands on lines of their own.
  private struct Place {
    let tool: String
    let folders: [String]
    var ending = ""
    /// The command of a line; nil: it has none. Without this the file is one script.
    var command: (@Sendable (String) -> String?)?
    var isInImage = false
    var isOfGuests = false
  }

  private static let script = "a script that runs at boot"

  private static let places = [
    Place(tool: script, folders: ["/etc/local.d"], ending: ".start"),
    Place(tool: "a dispatcher's script", folders: dispatchers),
    Place(tool: "ifupdown", folders: ["if-pre-up.d", "if-up.d"].map { "/etc/network/\($0)" }),
    Place(tool: "ifupdown", folders: ["/etc/network/interfaces.d"], command: interfaceCommand),
    Place(tool: "cron", folders: ["/etc/cron.d"], command: { cronCommand($0, hasUser: true) }),
    Place(
      tool: "cron", folders: ["/var/spool/cron/crontabs", "/var/spool/cron"],
      command: { cronCommand($0, hasUser: false) }),
    Place(tool: "a script of the initramfs", folders: imageFolders, isInImage: true),
    Place(
      tool: "libvirt's hook", folders: ["/etc/libvirt/hooks", "/etc/libvirt/hooks/qemu.d"], isOfGuests: true),
  ]

  private static let dispatchers =
    ["/etc", "/usr/lib"].flatMap { top in
      [
        "networkd-dispatcher/configuring.d", "networkd-dispatcher/configured.d", "networkd-dispatcher/routable.d",
        "networkd-dispatcher/carrier.d", "NetworkManager/dispatcher.d", "NetworkManager/dispatcher.d/pre-up.d",
      ].map { "\(top)/\($0)" }
    }

  private static let imageFolders =
    ["init-top", "init-premount", "init-bottom", "local-top", "local-premount", "local-bottom"].map {
      "/etc/initramfs-tools/scripts/\($0)"
    } + ["/etc/initcpio/hooks", "/usr/lib/initcpio/hooks"]

  private static func scripts(_ files: inout SettingFiles) -> [BootWrite] {
    var found: [BootWrite] = []
    for file in ["/etc/rc.local", "/etc/rc.d/rc.local"] { found += whole(file, script, reading: &files) }
    found += lines(of: "/etc/crontab", "cron", reading: &files) { cronCommand($0, hasUser: true) }
    found += lines(of: "/etc/network/interfaces", "ifupdown", reading: &files, command: interfaceCommand)
    for place in places {
      // Folders in there have an ending of their own.
      for path in files.files(in: place.folders, ending: place.ending) where !path.hasSuffix(".d") {
        let writes =
          place.command.map { lines(of: path, place.tool, reading: &files, command: $0) }
          ?? whole(path, place.tool, reading: &files)
        found += writes.map { write in
          var write = write
          write.isInImage = place.isInImage
          write.isOfGuests = place.isOfGuests
          return write
        }
      }
    }
    return found + dracut(&files)
  }

  /// Modules of dracut's that no package brought are told by what they do: all of them are read.
  private static func dracut(_ files: inout SettingFiles) -> [BootWrite] {
    let top = "/usr/lib/dracut/modules.d"
    return files.names(top).filter { !$0.contains("hostdev") }.flatMap { module in
      files.names("\(top)/\(module)").filter { $0.hasSuffix(".sh") }.flatMap { name in
        whole("\(top)/\(module)/\(name)", "a script of the initramfs", reading: &files).map { write in
          var write = write
          write.isInImage = true
          return write
        }
      }
    }
  }

  /// A file that is one script.
  private static func whole(_ path: String, _ tool: String, reading files: inout SettingFiles) -> [BootWrite] {
    guard let lines = files.lines(path) else { return [] }
    let text = lines.joined(separator: "\n")
    let isShell = !text.hasPrefix("#!") || lines[0].contains("sh")
    if !isShell {
      // Another language: it is not known what it does, but for what it never speaks of.
      guard let place = lines.firstIndex(where: DriverCommand.mentionsDrivers) else { return [] }
      return [BootWrite(tool: tool, effect: .unclear, source: SourceLine(path, place + 1, text: trimmed(lines[place])))]
    }
    return writes(tool, text, in: SourceLine(path, nil, text: ""), reading: &files)
  }

  private static func lines(
    of path: String, _ tool: String, reading files: inout SettingFiles, command: (String) -> String?
  ) -> [BootWrite] {
    (files.lines(path) ?? []).enumerated().flatMap { index, line -> [BootWrite] in
      guard let text = command(line) else { return [] }
      return writes(tool, text, in: SourceLine(path, index + 1, text: trimmed(line)), reading: &files)
    }
  }

  /// What a text's commands do. `place` without a line: the text is the file.
  private static func writes(
    _ tool: String, _ text: String, in place: SourceLine, reading files: inout SettingFiles
  ) -> [BootWrite] {
    var command = DriverCommand(files: files, isOwn: true, isEvent: false)
    let found = command.effects(text)
    if let read = command.files { files = read }
    let lines = place.line == nil ? text.split(separator: "\n", omittingEmptySubsequences: false) : []
    return found.filter { $0.effect.isOfDrivers }.map { effect, line in
      let source =
        place.line != nil
        ? place : SourceLine(place.file, line, text: trimmed(line <= lines.count ? lines[line - 1] : ""))
      return BootWrite(tool: tool, effect: effect, source: source)
    }
  }

  /// The command of a `pre-up`, `up` or `post-up` line.
  @Sendable private static func interfaceCommand(_ line: String) -> String? {
    let plain = trimmed(line)
    guard let key = ["pre-up ", "up ", "post-up "].first(where: plain.hasPrefix) else { return nil }
    return String(plain.dropFirst(key.count))
  }

  /// `@reboot root COMMAND`, `0 * * * * root COMMAND`.
  private static func cronCommand(_ line: String, hasUser: Bool) -> String? {
    let plain = trimmed(line)
    if plain.isEmpty || plain.hasPrefix("#") || ShellScript.assignment(plain) != nil { return nil }
    let before = (plain.hasPrefix("@") ? 1 : 5) + (hasUser ? 1 : 0)
    let parts = plain.split(maxSplits: before, whereSeparator: \.isWhitespace)
    return parts.count > before ? String(parts[before]) : nil
  }

  /// `w /sys/…/driver_override - - - - vfio-pci` and its like: a path and a value.
  private static func settings(_ files: inout SettingFiles) -> [BootWrite] {
    var found: [BootWrite] = []
    for setting in WrittenPath.all(&files) {
      guard let effect = FunctionEffect.written(setting.value, to: setting.path), effect.isOfDrivers else { continue }
      found.append(BootWrite(tool: setting.tool.rawValue, effect: effect, source: setting.source))
    }
    for line in ModprobeFiles.read(files.sysfs, commandLine: []) where line.command == .install {
      found += writes("modprobe's install line", line.arguments, in: line.source, reading: &files)
    }
    // `BUS ID DRIVER` of DPDK's own script.
    for (index, line) in (files.lines("/etc/dpdk/interfaces") ?? []).enumerated() where !line.hasPrefix("#") {
      let fields = words(line)
      guard fields.count == 3, fields[0] == "pci" else { continue }
      found.append(
        BootWrite(
          tool: "DPDK's /etc/dpdk/interfaces", effect: FunctionEffect(.driver(fields[2]), on: .named(fields[1])),
          source: SourceLine("/etc/dpdk/interfaces", index + 1, text: line)))
    }
    return found
  }
}

extension FunctionEffect {
  /// Numbers of virtual functions are read elsewhere.
  fileprivate var isOfDrivers: Bool { if case .virtuals = kind { false } else { kind != .driver("") } }
}

extension FunctionEffect.Target {
  static func named(_ text: String) -> Self { FunctionEffect.named(text) }
}
