import Checks
import Host
import Operations
import PCI
import PCINames

extension AssessedSet {
  /// A line per function, what was found, and the verdict.
  func text(in host: Host, names: Names, as format: Format) -> String {
    let found = findingsText(format)
    return functions.compactMap { host[$0] }.map { line(of: $0, names: names, style: format.style) }.joined()
      + (found.isEmpty ? "" : "\n" + found + "\n") + verdictText(format)
  }

  private func line(of function: Function, names: Names, style: Style) -> String {
    let driver = function.driver.isAbsent ? "no driver" : function.driver.text { $0 }
    return style.bold("\(function.address)") + "  "
      + printable(
        "\(describe(function, names.names(of: function)))  (\(driver), group \(function.iommuGroup.text { "\($0)" }))")
      + "\n"
  }

  func findingsText(_ format: Format) -> String {
    FindingsText(format: format, forced: forced).text(assessment.findings)
  }

  /// Lines that `sh` passes over.
  var findingsComments: String {
    assessment.findings.map { "# \($0.severity.rawValue) \($0.code): \(printable($0.message))\n" }.joined()
  }

  func verdictText(_ format: Format) -> String {
    let style = format.style
    if blocking.isEmpty { return "\(style.done) assignable\n" }
    let codes = Set(blocking.map(\.code.rawValue)).sorted().joined(separator: ", ")
    return "\(style.bold("refused")): \(codes)\n" + completedText + forceText
  }

  /// What gives this set, which is in place, to a guest.
  fileprivate var xmlCommand: String { "hostdev xml \(functions.map(\.description).joined(separator: " "))" }

  /// What binds this set, as it was checked.
  fileprivate func bindCommand(_ driver: String) -> String {
    let overruled = Set(assessment.findings.filter { $0.severity == .error }.map(\.code)).intersection(forced)
    return
      (["hostdev bind"] + (driver == VFIODriver.generic ? [] : ["--driver \(driver)"])
      + (overruled.isEmpty ? [] : ["--force=\(overruled.map(\.rawValue).sorted().joined(separator: ","))"])
      + functions.map(\.description)).joined(separator: " ")
  }

  private var isInterrupted: Bool { blocking.contains { $0.code == .interrupted } }

  /// The check of the set that the remedies name.
  private var completedText: String {
    // What holds after that run is recovered is not known.
    guard let withMissing, !isInterrupted else { return "" }
    let codes = Set(withMissing.map(\.code.rawValue)).sorted().joined(separator: ", ")
    let missing = assessment.missing.map(\.description).joined(separator: " ")
    return "with \(missing): \(codes.isEmpty ? "assignable" : "still refused, \(codes)")\n"
  }

  /// Which of the errors `--force` can overrule.
  private var forceText: String {
    let fixed = Set(blocking.filter { !$0.isForceable }.map(\.code.rawValue)).sorted()
    let open = Set(blocking.filter(\.isForceable).map(\.code.rawValue)).subtracting(fixed).sorted()
    if open.isEmpty || isInterrupted { return "" }
    let rest = fixed.isEmpty ? "" : " (nothing overrules \(enumerated(fixed)))"
    return "to overrule: --force=\(open.joined(separator: ","))\(rest)\n"
  }
}

extension Rendering {
  /// What `check` says of a set that is to go to `driver`.
  public init(_ set: AssessedSet, for driver: String, in host: Host, names: Names, as format: Format) {
    self.init()
    if format.isJSON {
      json { write(set, to: &$0) }
      return
    }
    text(set.text(in: host, names: names, as: format))
    guard set.blocking.isEmpty else { return }
    // If nothing has to move, the guest comes next.
    let next = set.plan.isEmpty ? set.xmlCommand : set.bindCommand(driver)
    text("\(format.style.arrow) \(next)\n")
  }
}
