import Host
import PCI
import Transactions

extension Change {
  /// What was unplugged cannot be given back: the record of it goes, and everything else that is held stays. `selectors`:
  /// nil for all such records. Returns the selectors that name more than what is gone, and what is forgotten.
  func forgetGone(
    _ held: [Hold], named selectors: [String]?
  ) throws(Diagnostic) -> (remaining: [String]?, forgotten: [Address]) {
    let gone = held.filter { workspace.host[$0.function] == nil }
    guard let selectors else {
      for hold in gone { try forget(hold) }
      return (nil, gone.map(\.function))
    }
    var remaining: [String] = []
    var forgotten: Set<Address> = []
    for text in selectors {
      guard let selector = try? Selector(parsing: text) else {
        remaining.append(text)
        continue
      }
      let named = gone.filter { selector.names($0) }
      for hold in named where forgotten.insert(hold.function).inserted { try forget(hold) }
      if named.isEmpty || workspace.host.functions.contains(where: { selector.names($0.address) }) {
        remaining.append(text)
      }
    }
    return (remaining, forgotten.sorted())
  }

  private func forget(_ hold: Hold) throws(Diagnostic) {
    if invocation.isDryRun {
      invocation.report(.note("\(hold.function) does not exist any more; its record would be removed"))
      return
    }
    try records.forgetting(hold.function)
    invocation.report(.note("\(hold.function) does not exist any more; its record is removed"))
  }
}

extension Selector {
  /// It names the place of this hold, or the pin that it is held for.
  fileprivate func names(_ hold: Hold) -> Bool {
    switch self {
    case .pin(let name): hold.pin == name
    case .several(let selectors): selectors.contains { $0.names(hold) }
    default: names(hold.function)
    }
  }

  /// By its place alone: of a function that is gone nothing else can be asked.
  fileprivate func names(_ function: Address) -> Bool {
    switch self {
    case .function(let address): address == function
    case .functions(let slot, let range): slot == function.slot && range.contains(function.function)
    case .slot(let slot): slot == function.slot
    case .several(let selectors): selectors.contains { $0.names(function) }
    default: false
    }
  }
}
