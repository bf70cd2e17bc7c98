import Host
import PCI

/// How a held function differs from what hostdev left.
public enum HoldDrift: Sendable, Equatable, CustomStringConvertible {
  case gone
  case replaced
  case changed(State)

  public var description: String {
    switch self {
    case .gone: "gone"
    case .replaced: "another device is at its address"
    case .changed(let state): "another program changed it: \(state)"
    }
  }
}

extension Hold {
  /// Nil where it is as it was left, or where that cannot be told since a write is under way.
  ///
  /// `function`: as it is now, with its override read; nil where it is gone.
  public func drift(from function: Function?, isPending: Bool) -> HoldDrift? {
    guard let function else { return .gone }
    if !identity.agrees(with: Identity(function)) { return .replaced }
    if isPending { return nil }
    let isOther =
      function.driver.isOther(than: state.driver.name) || function.driverOverride.isOther(than: state.override)
    return isOther ? .changed(State(driver: function.driver.value, override: function.driverOverride.value)) : nil
  }
}

extension Fact where Value == String {
  /// Known to be something else: a fact that could not be read is not.
  fileprivate func isOther(than expected: String?) -> Bool { !isUnknown && value != expected }
}
