import Settings
import System

/// hostdev's own units, and the links that have systemd start them at boot. As they read: a link to /dev/null masks.
func copyUnits(_ copier: Copier) throws(SystemError) {
  if copier.exists("/etc/systemd/system") { try copier.folder("/etc/systemd/system") }
  let folders = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
  ]
  for folder in folders {
    for name in copier.entries(folder) {
      if isOurs(name) { try copyUnit("\(folder)/\(name)", copier) }
      guard [".wants", ".requires", ".upholds"].contains(where: { name.hasSuffix($0) }) else { continue }
      for unit in copier.entries("\(folder)/\(name)") where isOurs(unit) {
        try copyUnit("\(folder)/\(name)/\(unit)", copier)
      }
    }
  }
  // Of other units only the lines that start one of ours: the rest may have passwords.
  for folder in ["/etc/systemd/system", "/usr/local/lib/systemd/system"] {
    for name in BootUnits.files(among: copier.entries(folder), names: { copier.entries("\(folder)/\($0)") }) {
      let path = "\(folder)/\(name)"
      if isOurs(name) || copier.linkTarget(path) != nil { continue }
      if let text = copier.whole(path).flatMap({ BootUnits.dependencies(ofFile: $0) }) { try copier.text(path, text) }
    }
  }
}

private func isOurs(_ name: String) -> Bool { name.hasPrefix("hostdev") && name.hasSuffix(".service") }

private func copyUnit(_ path: String, _ copier: Copier) throws(SystemError) {
  if let text = copier.linkTarget(path) { try copier.literalLink(path, to: text) } else { try copier.file(path) }
}
