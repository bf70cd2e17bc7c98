import Planning
import Host
import Operations
import PCI
import PCINames
import Transactions

extension Rendering {
  /// What became of an operation. `verb`: what a function is when it is done: `bound`.
  public init(_ result: OperationResult, verb: String, in host: Host, names: Names, as format: Format) {
    // Nothing was tried: the diagnostic is all that there is.
    if let diagnostic = result.diagnostic, result.outcome == nil {
      self.init(diagnostic, isJSON: format.isJSON)
      return
    }
    self.init(result.status)
    if format.isJSON {
      json { json in
        write(result.set, to: &json)
        if let outcome = result.outcome { writeOutcome(outcome, &json) }
        result.diagnostic?.write(to: &json)
      }
    }
    switch result.ending {
    case .refused: if !format.isJSON { text(result.set.text(in: host, names: names, style: format.style)) }
    case .planned: if !format.isJSON { text(Self.dryRun(result.set)) }
    case .failed: if let diagnostic = result.diagnostic { progress(diagnostic) }
    case .done:
      for line in result.resetsNotMade { progress(line) }
      if !format.isJSON { text(result.moved(verb, format.style)) }
    }
  }

  private static func dryRun(_ set: AssessedSet) -> String {
    set.findingsComments + (set.plan.isEmpty ? "# nothing to do\n" : "")
      + Step.shellLines(set.plan).map { $0 + "\n" }.joined()
  }
}

extension OperationResult {
  /// A reset on the way to a host driver may fail.
  fileprivate var resetsNotMade: [String] {
    (outcome?.steps ?? []).filter { set.plan[$0.index].isOptional(in: set.plan) }.compactMap { step in
      guard let errno = step.errno, let function = set.plan[step.index].function else { return nil }
      return "\(function): the kernel would not reset it (\(errno)); its driver meets it as the guest left it"
    }
  }

  /// A line per function that was moved, made or taken away.
  fileprivate func moved(_ verb: String, _ style: Style) -> String {
    func line(_ address: Address, _ word: String, state: State?) -> String {
      "\(style.good("✓")) \(address) \(word)\(state.map(\.description) ?? "")\n"
    }
    var text = ""
    for address in set.functions {
      text += line(
        address, "\(verb): ", state: state(of: address) ?? before.first { $0.function == address }?.state)
    }
    let gone = set.virtualFunctions?.gone ?? []
    let made = set.virtualFunctions?.made ?? []
    for address in gone { text += "\(style.good("✓")) \(address) gone\n" }
    let others = Set(set.plan.compactMap(\.function)).subtracting(set.functions + made).subtracting(gone)
    for address in others.sorted() { text += line(address, "", state: state(of: address)) }
    for address in made { text += line(address, "made: ", state: state(of: address)) }
    return text + (set.plan.isEmpty ? "nothing to do\n" : "")
  }
}

extension Progress {
  /// As it is told while an operation is under way; nil where that is not wanted.
  public func text(_ format: Format) -> Rendering.Piece? {
    switch self {
    case .note(let line): .progress(line)
    case .assessed(let set): format.isJSON ? nil : .text(set.findingsText(format.style))
    }
  }
}
