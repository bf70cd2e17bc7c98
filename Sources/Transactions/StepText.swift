import Planning
import Host

extension Step {
  /// In words, for a message: `bind 0000:01:00.0 to vfio-pci`.
  public var text: String {
    let name = function.map(\.description) ?? ""
    switch self {
    case .load(let words, _): return "modprobe \(words.joined(separator: " "))"
    case .expectDriver(let driver, _): return "verify that \(name) is \(driver.map { "on \($0)" } ?? "unbound")"
    case .expectAnswer: return "verify that \(name) answers"
    case .unbind(_, let driver): return "unbind \(name) from \(driver)"
    case .bind(_, let driver): return "bind \(name) to \(driver)"
    case .reset: return "reset \(name)"
    case .offer: return "let the host's drivers probe \(name)"
    case .override(let driver, _, _):
      return driver.map { "set driver_override of \(name) to \($0)" } ?? "clear driver_override of \(name)"
    case .attribute(let attribute, let value, _, _): return "set \(attribute) of \(name) to \(value)"
    case .link(let command, _, _, _): return "set \(command.setting.rawValue) of \(name) to \(command.value)"
    }
  }
}

extension Duration {
  var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
