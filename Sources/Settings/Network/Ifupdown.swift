import Sysfs
import System

/// `/etc/network/interfaces` and what it includes: `interfaces(5)` of ifupdown and ifupdown2.
struct Ifupdown {
  private struct Stanza {
    let file: String
    let line: Int
    let name: String
    /// `inet dhcp`.
    let method: String
    var options: [(key: String, value: String, line: Int)] = []
  }

  private var stanzas: [Stanza] = []
  /// Names and patterns of `auto` and `allow-hotplug`.
  private var automatic: [String] = []
  private var seen: Set<String> = []

  static func settings(_ files: inout SettingFiles) -> [InterfaceSetting] {
    var own = Self()
    own.read("/etc/network/interfaces", &files)
    return own.stanzas.flatMap { own.settings(of: $0) }
  }

  private mutating func read(_ file: String, _ files: inout SettingFiles) {
    guard seen.count < 200, seen.insert(file).inserted else { return }
    var pending = ""
    var start = 1
    for (index, raw) in (files.lines(file) ?? []).enumerated() {
      if pending.isEmpty { start = index + 1 }
      if raw.hasSuffix("\\") {
        pending += raw.dropLast() + " "
        continue
      }
      let fields = words(trimmed(pending + raw))
      pending = ""
      guard let key = fields.first, !key.hasPrefix("#") else { continue }
      switch key {
      case "auto": automatic += fields.dropFirst()
      case "iface":
        if fields.count >= 2 {
          stanzas.append(
            Stanza(file: file, line: start, name: fields[1], method: fields.dropFirst(2).joined(separator: " ")))
        }
      case "source": fields.dropFirst().forEach { include($0, &files) }
      case "source-directory": fields.dropFirst().forEach { include($0 + "/*", &files) }
      case "mapping", "rename", "no-auto-down", "no-scripts", "template": continue
      default:
        if key.hasPrefix("allow-") {
          automatic += fields.dropFirst()
        } else if !stanzas.isEmpty {
          stanzas[stanzas.count - 1].options.append(
            (key.replacing("_", with: "-"), fields.dropFirst().joined(separator: " "), start))
        }
      }
    }
  }

  /// Patterns of names in the last part of the path, as the shell has them.
  private mutating func include(_ pattern: String, _ files: inout SettingFiles) {
    let path = pattern.hasPrefix("/") ? pattern : "/etc/network/" + pattern
    let name = lastName(path)
    let folder = String(path.dropLast(name.utf8.count + 1))
    let wanted = WildcardPattern(name)
    if let name = wanted.literal { return read("\(folder)/\(name)", &files) }
    for file in files.files(in: [folder], ending: "") where wanted.matches(lastName(file)) { read(file, &files) }
  }

  private func isAutomatic(_ name: String) -> Bool {
    automatic.contains { own in
      let pattern = own.hasPrefix("/") ? String(own.dropFirst()) : String(own.prefix { $0 != "=" })
      return WildcardPattern(pattern).matches(name)
    }
  }

  private func settings(of stanza: Stanza) -> [InterfaceSetting] {
    if stanza.name == "lo" || stanza.method.hasSuffix("loopback") { return [] }
    // `eth0:1` is a label of eth0, `eth0.7` a VLAN on it; of `eth0=home` the part before counts.
    let plain = String(stanza.name.prefix { $0 != ":" && $0 != "=" })
    let pattern = plain.hasPrefix("/") ? String(plain.dropFirst()) : plain
    let base = String(pattern.prefix { $0 != "." })
    let isUp = isAutomatic(stanza.name)
    func setting(_ name: String, _ detail: String, line: Int? = nil, upper: String? = nil) -> InterfaceSetting {
      InterfaceSetting(
        file: stanza.file, line: line ?? stanza.line, match: InterfaceMatch(names: [name]), detail: detail,
        upper: upper, isAutomatic: isUp || isAutomatic(name))
    }
    let commands = ["up", "pre-up", "post-up", "address"]
    let isPlain = stanza.method.hasSuffix("manual") || stanza.method.isEmpty
    let isVirtual = stanza.options.contains { option in
      ["bridge-ports", "bond-slaves", "slaves", "vlan-raw-device", "bond-mode"].contains(option.key)
    }
    var found: [InterfaceSetting] = []
    if !isVirtual, !isPlain || stanza.options.contains(where: { commands.contains($0.key) }) {
      found.append(setting(base, stanza.method, upper: base == pattern ? nil : pattern))
    }
    for option in stanza.options {
      let names = words(option.value).filter { $0 != "none" }
      switch option.key {
      case "bridge-ports", "bond-slaves", "slaves", "vlan-raw-device":
        let what = option.key == "vlan-raw-device" ? "carries the VLAN" : "port of"
        found += Self.ports(names).map {
          setting($0, "\(what) \(stanza.name)", line: option.line, upper: stanza.name)
        }
      case "bond-master":
        found += names.map { setting(base, "port of \($0)", line: option.line, upper: $0) }
      default: continue
      }
    }
    return found
  }

  /// `eth0 eth1`, `all`, `regex eth.*`: what follows `regex` may be any interface.
  private static func ports(_ names: [String]) -> [String] {
    if names.first == "all" || names.contains("regex") || names.contains("glob") { return ["*"] }
    return names.map { String($0.prefix { $0 != "." }) }
  }
}
