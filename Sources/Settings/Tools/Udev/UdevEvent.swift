import Host
import PCI

/// What a rule does to one function, and whether that is certain.
public struct UdevReading: Sendable, Hashable {
  public let rule: UdevRule
  /// Nil of a function whose address is not known.
  public let function: Address?
  public let kind: FunctionEffect.Kind
  /// False: a condition of the rule, or of one that jumps over it, could not be told.
  public let isCertain: Bool
}

extension UdevRules {
  /// What the rules do as this device appears, in their order. `others`: the functions that a target means beside the
  /// device's own; none of one that does not exist.
  public func readings(_ device: UdevDevice, others: (FunctionEffect.Target) -> [Address]) -> [UdevReading] {
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
        for effect in rule.effects where effect.kind != .driver("") || answer == .yes {
          let isCertain = answer == .yes
          for function in Self.functions(effect.target, device, others: others) {
            if case .driver = effect.kind, isCertain { found.removeAll { $0.takesDriver(of: function) } }
            if effect.kind == .driver("") { continue }
            found.append(UdevReading(rule: rule, function: function, kind: effect.kind, isCertain: isCertain))
          }
        }
        // A jump goes forward only; one to a label that is not there is none.
        if let label = rule.goto, file[(place + 1)...].contains(where: { $0.label == label }) {
          jump = (label, answer == .yes)
        }
      }
    }
    return found
  }

  /// Nil among them stands for one whose address is not known.
  private static func functions(
    _ target: FunctionEffect.Target, _ device: UdevDevice, others: (FunctionEffect.Target) -> [Address]
  ) -> [Address?] {
    switch target {
    case .device: [device.function]
    case .function(let text): [Address(text)]
    case .unknown: [nil]
    case .pattern, .interface, .ids, .onDriver: others(target)
    }
  }
}

extension UdevReading {
  fileprivate func takesDriver(of address: Address?) -> Bool {
    if case .driver = kind { function == address } else { false }
  }
}
