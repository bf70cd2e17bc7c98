import Planning
import Host
import Operations
import PCI
import PCINames
import Transactions

extension Rendering {
  /// The result of an operation.
  public init(_ result: OperationResult, verb: OperationVerb, in host: Host, names: Names, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        write(result.summary, to: &json)
        writeSights(of: result.set, &json)
        if verb == .released {
          json.key("declared_by")
          json.values(result.declaredBy)
        }
        if !result.forgotten.isEmpty {
          json.key("forgotten")
          json.values(result.forgotten.map(\.description))
        }
        result.diagnostic?.write(to: &json)
      }
    }
    switch result.ending {
    case .refused: if !format.isJSON { text(result.set.text(in: host, names: names, as: format)) }
    case .planned: if !format.isJSON { text(Self.dryRun(result.set) + result.stillDeclared(mark: "# ")) }
    case .failed: if let diagnostic = result.diagnostic { progress(diagnostic) }
    case .done:
      for line in result.resetsNotMade { progress(line) }
      if !format.isJSON {
        text(result.moved(verb, format.style) + (verb == .bound ? result.hints(in: host) : result.stillDeclared()))
      }
    }
  }

  private static func dryRun(_ set: AssessedSet) -> String {
    set.findingsComments + (set.plan.isEmpty ? "# unchanged: nothing to do\n" : "")
      + Step.shellLines(set.plan).map { $0 + "\n" }.joined()
  }
}

extension OperationResult {
  /// A reset on the way to a host driver may fail.
  fileprivate var resetsNotMade: [String] {
    (outcome?.steps ?? []).filter { set.plan[$0.index].isOptional(in: set.plan) }.compactMap { step in
      guard let errno = step.errno, let function = set.plan[step.index].function else { return nil }
      return "\(function): the kernel did not reset it (\(errno)); its driver gets it as the guest left it"
    }
  }

  /// A line per function that was moved, created or removed.
  fileprivate func moved(_ verb: OperationVerb, _ style: Style) -> String {
    if let idle { return unchanged(idle, verb) }
    var text = ""
    for address in set.functions { text += line(of: address, verb, style: style) }
    let gone = set.virtualFunctions?.gone ?? []
    let made = set.virtualFunctions?.made ?? []
    for address in gone { text += "\(style.done) \(address) removed\n" }
    let others = Set(set.plan.compactMap(\.function)).subtracting(set.functions + made).subtracting(gone)
    for address in others.sorted() { text += "\(style.done) \(address) \(placed(address))\n" }
    for address in made {
      text += "\(style.done) \(address) created: \(state(of: address)?.description ?? "")\n"
    }
    return text
  }

  private func line(of address: Address, _ verb: OperationVerb, style: Style) -> String {
    switch verb {
    case .bound, .released:
      let now = state(of: address)?.driver
      let was = before.first { $0.function == address }?.state.driver
      if !set.plan.contains(where: { $0.function == address }) { return "\(address) \(placed(address)). Unchanged.\n" }
      return "\(style.done) \(address) \(placed(address))\(past(was, now: now))\n"
    case .reset: return "\(style.done) \(address) was reset\n"
    case .virtualFunctions(let count): return "\(style.done) \(address) \(Self.virtuals(count))\n"
    }
  }

  private static func virtuals(_ count: Int) -> String { "has \(count == 0 ? "no VFs" : counted(count, "VF"))" }

  /// A line per function that is already where it was to go.
  private func unchanged(_ kind: Journal.Kind, _ verb: OperationVerb) -> String {
    if set.functions.isEmpty { return hasRemovedRecords ? "" : "hostdev holds nothing. Unchanged.\n" }
    return set.functions.map { address in
      let words =
        if kind == .release {
          "\(placed(address)); hostdev does not hold it"
        } else if case .virtualFunctions(let count) = verb {
          Self.virtuals(count)
        } else {
          placed(address)
        }
      return "\(address) \(words). Unchanged.\n"
    }.joined()
  }

  private func placed(_ address: Address) -> String {
    (state(of: address) ?? before.first { $0.function == address }?.state).map(placement) ?? "has no driver"
  }

  /// That the next run of `apply` undoes a release.
  fileprivate func stillDeclared(mark: String = "") -> String {
    stillDeclaredText(declaredBy, mark: mark)
  }

  /// What a person does next with what was bound.
  fileprivate func hints(in host: Host) -> String {
    if set.plan.isEmpty { return "" }
    let functions = set.functions.map(\.description).joined(separator: " ")
    var text = "To a guest: hostdev xml \(functions)\nBack to the host: hostdev release \(functions)\n"
    // The pin of a virtual function is its physical one's.
    let areVirtual = set.functions.contains { host[$0]?.physicalFunction.value != nil }
    if canBePinned, !areVirtual, let driver = set.functions.first.flatMap({ state(of: $0)?.driver.name }) {
      let option = driver == VFIODriver.generic ? "" : " --driver \(driver)"
      text += "The next boot undoes this. To declare it for every boot: hostdev pin NAME \(functions)\(option)\n"
    }
    return text
  }
}

/// That pins take again what was just given back. `mark`: before each line.
func stillDeclaredText(_ pins: [String], mark: String = "") -> String {
  pins.map { name in
    "\(mark)Pin \(name) declares this for guests: the next 'hostdev apply', or the next boot, takes it again. "
      + "If you do not want that: hostdev unpin \(name)\n"
  }.joined()
}

/// What an operation did with its functions.
public enum OperationVerb: Sendable, Equatable {
  case bound, released, reset
  case virtualFunctions(Int)
}

extension Progress {
  /// As it is told while an operation is under way; nil where that is not wanted.
  public func text(_ format: Format) -> Rendering.Piece? {
    switch self {
    case .note(let line): .progress(line)
    case .waiting(let step, let elapsed, let limit, let holders):
      .progress(
        "\(step.text): no answer from the kernel for \(elapsed.components.seconds) of \(limit.components.seconds) s"
          + (holders.map { "; open in \(printable($0))" } ?? ""))
    case .assessed(let set): format.isJSON ? nil : .text(set.findingsText(format))
    }
  }
}
