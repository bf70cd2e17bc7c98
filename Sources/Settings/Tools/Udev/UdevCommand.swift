import Host
import Sysfs

/// What a program that udev runs does to drivers, as far as its command line says it.
enum UdevCommand {
  /// The text speaks of what moves a function between drivers.
  static func mentionsDrivers(_ text: String) -> Bool {
    ["driver_override", "sriov_numvfs", "vfio", "pci-stub", "pciback", "set-override", "new_id"].contains(
      where: text.contains)
  }

  static func effects(_ text: String, isOwn: Bool) -> [UdevEffect] {
    let words = words(text)
    guard let program = words.first else { return [] }
    if ["sh", "bash", "dash", "ash", "busybox"].contains(lastName(program)), let place = words.firstIndex(of: "-c") {
      return script(words[(place + 1)...].joined(separator: " "), isOwn: isOwn)
    }
    return one(words, isOwn: isOwn)
  }

  /// `'echo vfio-pci > /sys/…/driver_override; …'`: command by command.
  static func script(_ text: String, isOwn: Bool) -> [UdevEffect] {
    var plain = text.replacing("&&", with: ";").replacing("||", with: ";").replacing("\n", with: ";")
    if let quote = plain.first, quote == "'" || quote == "\"" {
      plain.removeFirst()
      if plain.last == quote { plain.removeLast() }
    }
    return plain.split(separator: ";").flatMap { command -> [UdevEffect] in
      let words = words(command.replacing(">", with: " > ").replacing("|", with: " | "))
        .map { $0.replacing("'", with: "").replacing("\"", with: "").replacing("\\", with: "") }
      return redirected(words) ?? one(words, isOwn: isOwn)
    }
  }

  /// `echo VALUE > PATH`, `printf VALUE > PATH`, `echo VALUE | tee PATH`; nil for anything else.
  private static func redirected(_ words: [String]) -> [UdevEffect]? {
    guard let first = words.first, ["echo", "printf"].contains(lastName(first)),
      let end = words.firstIndex(where: { $0 == ">" || $0 == "|" })
    else { return nil }
    let value = words[1..<end].filter { $0 != "-n" && $0 != "-e" && $0 != "%s" }.joined(separator: " ")
    let paths = words[end...].filter { $0.contains("/") && !["tee"].contains(lastName($0)) }
    guard !paths.isEmpty else { return mentionsDrivers(words.joined(separator: " ")) ? [unclear] : [] }
    return paths.compactMap { UdevEffect.written(value, to: $0) }
  }

  private static let unclear = UdevEffect(.unclear(names: true), on: .device)

  /// A program and its arguments.
  private static func one(_ words: [String], isOwn: Bool) -> [UdevEffect] {
    guard let first = words.first else { return [] }
    let text = words.joined(separator: " ")
    switch lastName(first) {
    // A module that is loaded takes nothing by itself; with ids it does.
    case "modprobe", "insmod": return text.contains("ids=") ? [unclear] : []
    case "driverctl": return override(words).map { [$0] } ?? []
    case "[", "test", "true", ":", "sleep", "logger": return []
    default: break
    }
    if mentionsDrivers(text) { return [unclear] }
    // A script of the administrator's own: what it does is not known.
    let isScript = ["/usr/local/", "/opt/", "/etc/", "/root/", "/home/", "/srv/"].contains(where: first.hasPrefix)
    return isOwn && (isScript || first.hasSuffix(".sh")) ? [UdevEffect(.unclear(names: false), on: .device)] : []
  }

  /// `driverctl [--nosave] set-override ADDRESS DRIVER`.
  private static func override(_ words: [String]) -> UdevEffect? {
    guard let place = words.firstIndex(of: "set-override") else { return nil }
    let rest = words[(place + 1)...].filter { !$0.hasPrefix("-") }
    guard rest.count == 2 else { return unclear }
    return UdevEffect.written(rest[1], to: "/sys/bus/pci/devices/\(rest[0])/driver_override")
  }
}
