import Host
import PCI

/// What becomes of a set if the functions that it lacks are added: whether the check that advises that would pass.
public struct Completion: Sendable, Equatable {
  /// With what was missing, in the order of addresses.
  public let functions: [Address]
  /// Errors that stand against it.
  public let obstacles: [Finding]

  public init(functions: [Address], obstacles: [Finding]) {
    self.functions = functions
    self.obstacles = obstacles
  }
}

extension Completion {
  /// By what the situation knows. Operations that read the host look at the missing functions first.
  init(of situation: Situation, adding missing: [Address]) {
    var whole = situation
    whole.set = Set(situation.set).union(missing).sorted()
    self.init(functions: whole.set, obstacles: Assessment(of: whole).blocking(forced: []))
  }

  /// Why it is refused, as `CODE of ADDRESS`, each once.
  fileprivate var reasons: String {
    var reasons: [String] = []
    for obstacle in obstacles {
      let names = obstacle.functions.map(\.description).joined(separator: ", ")
      let reason = "\(obstacle.code)" + (names.isEmpty ? "" : " of \(names)")
      if !reasons.contains(reason) { reasons.append(reason) }
    }
    return reasons.joined(separator: "; ")
  }
}

extension Situation {
  /// What to do about functions that the set lacks, the same for every rule that misses one: one complete command that
  /// `check` passes; or why there is none.
  var completingRemedy: String {
    guard let completion else { return "" }
    let names = completion.functions.map(\.description).joined(separator: " ")
    if completion.obstacles.isEmpty { return "hostdev bind \(names)" }
    if isHeldUpBySetAlone(completion) {
      return "not possible on this host yet: first resolve \(completion.reasons), then: hostdev check \(names)"
    }
    return
      "not possible on this host: they must move together, and that is refused (\(completion.reasons))."
      + (isCardInChipsetGroup ? " Their group is the chipset's: put the card into another slot." : "")
      + " To see why: hostdev check \(names)"
  }

  /// What speaks against the whole speaks against the set as it is, too, and has a remedy of its own there.
  private func isHeldUpBySetAlone(_ completion: Completion) -> Bool {
    let missing = Swift.Set(completion.functions).subtracting(set)
    return completion.obstacles.allSatisfy { missing.isDisjoint(with: $0.functions) }
  }

  /// A card shares its group with functions of the chipset: another slot may be in another group.
  private var isCardInChipsetGroup: Bool {
    let groups = Set(
      functions.filter { host.isRootBus($0.address.segment).value == false }.compactMap(\.iommuGroup.value))
    return groups.contains { number in
      host.functions(inGroup: number).contains { $0.blocksGroup && ChipsetFunction($0, in: host) != nil }
    }
  }
}
