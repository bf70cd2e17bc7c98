import Host
import PCI

/// What a rule does to one function, and whether that is certain.
public struct UdevReading: Sendable, Equatable {
  public let rule: UdevRule
  /// Nil of a function whose address is not known.
  public let function: Address?
  public let kind: UdevEffect.Kind
  /// False: a condition of the rule, or of one that jumps over it, could not be told.
  public let isCertain: Bool
}

extension UdevRules {
  /// What the rules do as this device appears, in their order. `owner`: the function that an interface belongs to.
  public func readings(_ device: UdevDevice, owner: (String) -> Address?) -> [UdevReading] {
    var variables: [String: Fact<String>] = Dictionary(
      uniqueKeysWithValues: foreignVariables.filter { device.variables[$0] == nil }.map { ($0, .unknown) })
    var found: [UdevReading] = []
    for file in files {
      var jump: (label: String, isCertain: Bool)?
      for (place, rule) in file.enumerated() {
        if let label = jump?.label, rule.label == label { jump = nil }
        if jump?.isCertain == true { continue }
        var answer = rule.answer(device, variables: variables)
        if jump != nil { answer = min(answer, .unknown) }
        if answer == .no { continue }
        for token in rule.variables {
          variables[token.attribute] = answer == .yes && token.sign == .assign ? .known(token.value) : .unknown
        }
        for effect in rule.effects {
          guard let function = Self.function(effect.target, device, owner: owner) else { continue }
          let isCertain = answer == .yes
          if case .driver = effect.kind, isCertain { found.removeAll { $0.takesDriver(of: function.address) } }
          if effect.kind == .driver("") { continue }
          found.append(
            UdevReading(rule: rule, function: function.address, kind: effect.kind, isCertain: isCertain))
        }
        // A jump goes forward only; one to a label that is not there is none.
        if let label = rule.goto, file[(place + 1)...].contains(where: { $0.label == label }) {
          jump = (label, answer == .yes)
        }
      }
    }
    return found
  }

  /// The outer value is nil if the effect is on a function that does not exist.
  private static func function(
    _ target: UdevEffect.Target, _ device: UdevDevice, owner: (String) -> Address?
  ) -> (address: Address?, Void)? {
    switch target {
    case .device: (device.function, ())
    case .function(let text): Address(text).map { ($0, ()) }
    case .interface(let name): owner(name).map { ($0, ()) }
    }
  }
}

extension UdevReading {
  fileprivate func takesDriver(of address: Address?) -> Bool {
    if case .driver = kind { function == address } else { false }
  }
}
