import Sysfs

/// A file of the host's configuration with nothing in it but what is read here, each on its own line: passwords and
/// keys of networks and shares stand in the same files. What is not on the list goes, so that a new secret does too.
public func configurationWithoutSecrets(_ path: String, _ text: String) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let kept: [String]
  if path.contains("/NetworkManager/") {
    kept = keyLines(lines) { connectionKeys[$0]?.contains($1) ?? false }
  } else if path.contains("/systemd/network/") {
    kept = keyLines(lines) { section, key in
      ["Match", "Network", "Link", "Address", "Route"].contains(section)
        || (section, key) == ("SR-IOV", "VirtualFunction")
    }
  } else if path.contains("/netplan/") {
    kept = NetplanFiles.plain(text)
  } else if path.contains("/network/interfaces") {
    kept = lines.map(interfaceLine)
  } else if path.hasSuffix("/fstab") {
    kept = lines.map(fstabLine)
  } else if path.hasSuffix("/grub.cfg") {
    kept = lines.map(menuLine)
  } else if path.hasSuffix("/mdadm.conf") {
    kept = lines.map { words($0).first?.uppercased() == "ARRAY" ? $0 : "" }
  } else {
    kept = lines.map { trimmed($0).hasPrefix("RESUME=") ? $0 : "" }
  }
  return kept.joined(separator: "\n")
}

private let connectionKeys: [String: Set<String>] = {
  let card: Set = ["mac-address", "parent"]
  return [
    "connection": [
      "id", "uuid", "type", "interface-name", "autoconnect", "master", "controller", "slave-type", "port-type",
    ], "ethernet": card, "802-3-ethernet": card, "wifi": card, "802-11-wireless": card, "infiniband": card,
    "vlan": ["parent", "id"], "macvlan": ["parent"], "ipvlan": ["parent"],
    "match": ["interface-name", "driver", "path"], "ipv4": ["method"], "ipv6": ["method"], "sriov": ["total-vfs"],
  ]
}()

/// Section heads, and the lines whose section and key are wanted.
private func keyLines(_ lines: [String], _ isWanted: (_ section: String, _ key: String) -> Bool) -> [String] {
  let wanted = Set(KeyLine.all(lines).filter { isWanted($0.section, $0.key) }.map(\.line))
  return lines.enumerated().map { index, line in
    let text = trimmed(line)
    return wanted.contains(index + 1) || text.hasPrefix("[") && text.hasSuffix("]") ? line : ""
  }
}

/// `wpa-psk` and the like, and commands, stand beside addresses and ports. Of a command it counts that there is one.
private func interfaceLine(_ line: String) -> String {
  guard let key = words(line).first?.replacing("_", with: "-") else { return "" }
  if ["up", "pre-up", "post-up"].contains(key) { return "  \(key) left-out" }
  let plain: Set = [
    "auto", "iface", "source", "source-directory", "mapping", "rename", "address", "netmask", "gateway", "slaves",
    "vlan-raw-device", "mtu",
  ]
  let isPlain = plain.contains(key) || ["allow-", "bridge-", "bond-"].contains { key.hasPrefix($0) }
  return isPlain ? line : line.hasSuffix("\\") ? "\\" : ""
}

/// What makes entries, and no `password_pbkdf2`.
private func menuLine(_ line: String) -> String {
  let plain: Set = [
    "set", "menuentry", "submenu", "linux", "linuxefi", "linux16", "initrd", "initrdefi", "initrd16", "multiboot",
    "multiboot2", "module", "module2", "blscfg", "function", "if", "elif", "else", "fi", "}", "###", "load_env",
  ]
  guard let key = words(line).first else { return "" }
  return plain.contains(key) || line.contains("custom.cfg") ? line : ""
}

/// Options of network file systems may hold a password.
private func fstabLine(_ line: String) -> String {
  if trimmed(line).hasPrefix("#") { return "#" }
  let fields = words(line)
  guard fields.count > 3 else { return line }
  let options = fields[3].split(separator: ",", omittingEmptySubsequences: false).map { option -> String in
    guard let equals = option.firstIndex(of: "=") else { return String(option) }
    let key = option[..<equals].lowercased()
    return ["pass", "secret", "token", "user", "cred"].contains { key.contains($0) }
      ? "\(option[..<equals])=left-out" : String(option)
  }.joined(separator: ",")
  return options == fields[3]
    ? line : (fields[..<3] + [options] + fields[4...]).joined(separator: " ")
}
