import Assignment

extension Step {
  /// In words, for a message: `bind 0000:01:00.0 to vfio-pci`.
  var words: String {
    let name = function.map(\.description) ?? ""
    switch operation {
    case .loadModule: return "modprobe \(value ?? "")"
    case .expect: return "verify that \(name) is \(value.map { "on \($0)" } ?? "unbound")"
    case .write:
      let driver = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
      if path.hasSuffix("/unbind") { return "unbind \(name) from \(driver)" }
      if path.hasSuffix("/bind") { return "bind \(name) to \(driver)" }
      if path.hasSuffix("/reset") { return "reset \(name)" }
      let attribute = path.split(separator: "/").last.map(String.init) ?? path
      return value == "\n" ? "clear \(attribute) of \(name)" : "set \(attribute) of \(name) to \(value ?? "")"
    }
  }
}

extension Duration {
  var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
