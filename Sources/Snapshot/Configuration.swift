import Settings
import System

/// What the host is told to use, without the secrets that stand beside it: storage, and interfaces by ifupdown, netplan,
/// NetworkManager and systemd-networkd.
func copyConfiguration(_ copier: Copier) throws(SystemError) {
  for path in ["/etc/fstab", "/etc/mdadm/mdadm.conf", "/etc/mdadm.conf", "/etc/network/interfaces"] {
    try copyPlain(path, copier)
  }
  // Names of keys' files stand in it, no keys.
  try copier.file("/etc/crypttab")
  try copier.file("/etc/zfs/zpool.cache")
  for folder in ["/etc/initramfs-tools/conf.d", "/etc/network/interfaces.d"] {
    for name in copier.entries(folder) { try copyPlain("\(folder)/\(name)", copier) }
  }
  for folder in ["/etc", "/run", "/usr/lib"] {
    let connections = "\(folder)/NetworkManager/system-connections"
    for name in copier.entries(connections) { try copyPlain("\(connections)/\(name)", copier) }
    for name in copier.entries("\(folder)/netplan") where name.hasSuffix(".yaml") {
      try copyPlain("\(folder)/netplan/\(name)", copier)
    }
  }
  for folder in ["/etc", "/run", "/usr/local/lib", "/usr/lib"] {
    let network = "\(folder)/systemd/network"
    for name in copier.entries(network) {
      if name.hasSuffix(".network") || name.hasSuffix(".link") {
        try copyPlain("\(network)/\(name)", copier)
      } else if name.hasSuffix(".network.d") {
        for part in copier.entries("\(network)/\(name)") { try copyPlain("\(network)/\(name)/\(part)", copier) }
      }
    }
  }
  for slot in copier.entries("/sys/bus/pci/slots") { try copier.file("/sys/bus/pci/slots/\(slot)/address") }
}

private func copyPlain(_ path: String, _ copier: Copier) throws(SystemError) {
  guard (try? copier.source.kind(path)) == .file, let text = copier.whole(path) else { return }
  try copier.text(path, configurationWithoutSecrets(path, text))
}
