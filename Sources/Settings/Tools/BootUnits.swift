import Host
import Sysfs

/// Which of hostdev's units systemd starts at boot, as `systemctl enable` leaves it: systemd.unit(5).
public struct BootUnits: Sendable, Equatable {
  public enum State: Sendable, Equatable {
    /// By this link in a `.wants` or `.requires` folder, or by this line of another unit.
    case enabled(link: String)
    /// The link is below /run: the next boot has it no more.
    case untilReboot(link: String)
    case disabled
    /// By this file or link.
    case masked(path: String)
    /// There is no file of this name.
    case notInstalled
    /// Neither the unit nor the folder of enabled units is there: another init, or a capture that does not have them.
    case unknown
  }

  /// The order in which systemd looks, but for /run.
  public static let folders = [
    "/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
  ]
  static let runtime = "/run/systemd/system"

  /// The file of each unit, or of its template.
  public var files: [String: String] = [:]
  /// The link of each unit that is enabled for every boot.
  public var links: [String: String] = [:]
  public var runtimeLinks: [String: String] = [:]
  public var masks: [String: String] = [:]
  /// There is a folder for what is enabled.
  public var hasFolder = false

  public init() {}

  init(_ files: inout SettingFiles) {
    hasFolder = files.sysfs.exists(Self.folders[0])
    for folder in Self.folders { readUnits(folder, &files) }
    // A link to nothing hides those of its name in folders that systemd looks in later.
    var hidden: Set<String> = []
    for folder in Self.folders {
      for (unit, wants, link) in wanted(in: folder, &files) where hidden.insert("\(wants)/\(unit)").inserted {
        if !Self.isNothing(link, files.sysfs), links[unit] == nil { links[unit] = link }
      }
    }
    for folder in Self.folders.prefix(2) { readDependencies(folder, &files) }
    for (unit, _, link) in wanted(in: Self.runtime, &files) where !Self.isNothing(link, files.sysfs) {
      runtimeLinks[unit] = link
    }
  }

  public func state(of unit: String) -> State {
    let template = Self.template(of: unit)
    if let mask = masks[unit] ?? masks[template] { return .masked(path: mask) }
    if let link = links[unit] { return .enabled(link: link) }
    if let link = runtimeLinks[unit] { return .untilReboot(link: link) }
    if files[unit] != nil || files[template] != nil { return .disabled }
    return hasFolder ? .notInstalled : .unknown
  }

  /// `hostdev@.service` of `hostdev@NAME.service`.
  static func template(of unit: String) -> String {
    guard let mark = unit.firstIndex(of: "@"), let end = unit.lastIndex(of: ".") else { return unit }
    return String(unit[...mark] + unit[end...])
  }

  private mutating func readUnits(_ folder: String, _ files: inout SettingFiles) {
    for name in files.names(folder) where Self.isOurs(name) && self.files[name] == nil && masks[name] == nil {
      let path = "\(folder)/\(name)"
      if Self.isNothing(path, files.sysfs) { masks[name] = path } else { self.files[name] = path }
    }
  }

  /// What the folders of this one have started: the unit, the folder's name, and the link.
  private func wanted(in folder: String, _ files: inout SettingFiles) -> [(unit: String, wants: String, link: String)] {
    var found: [(String, String, String)] = []
    for wants in files.names(folder) {
      guard Self.isStarted(wants) else { continue }
      for name in files.names("\(folder)/\(wants)") where Self.isOurs(name) {
        found.append((name, wants, "\(folder)/\(wants)/\(name)"))
      }
    }
    return found
  }

  /// `multi-user.target.wants`: an ordinary boot starts what is in this folder.
  static func isStarted(_ folder: String) -> Bool {
    guard let dot = folder.lastIndex(of: "."), [".wants", ".requires", ".upholds"].contains(folder[dot...]) else {
      return false
    }
    return !neverBooted.contains(String(folder[..<dot]))
  }

  static func isOurs(_ name: String) -> Bool {
    ["hostdev.", "hostdev@", "hostdev-verify."].contains { name.hasPrefix($0) } && name.hasSuffix(".service")
  }

  /// A link to /dev/null, or an empty file.
  static func isNothing(_ path: String, _ sysfs: any Sysfs) -> Bool {
    if let target = try? sysfs.linkTarget(path) { return target == "/dev/null" }
    return (try? sysfs.read(path))?.isEmpty == true
  }

  /// Targets of systemd.special(7) that an ordinary boot does not reach.
  private static let neverBooted: Set = [
    "rescue.target", "emergency.target", "shutdown.target", "poweroff.target", "reboot.target", "halt.target",
    "kexec.target", "sleep.target", "suspend.target", "hibernate.target", "hybrid-sleep.target",
    "suspend-then-hibernate.target", "exit.target", "soft-reboot.target",
  ]
}
