import Checks
import Host
import Operations
import PCI
import PCINames

extension AssessedSet {
  /// Its functions a line each, what was found, and the verdict.
  func text(in host: Host, names: Names, style: Style) -> String {
    functions.compactMap { host[$0] }.map { line(of: $0, names: names, style: style) }.joined() + findingsText(style)
      + verdictText(style)
  }

  private func line(of function: Function, names: Names, style: Style) -> String {
    let driver = function.driver.isAbsent ? "unbound" : function.driver.text { "on \($0)" }
    return style.bold("\(function.address)") + " "
      + printable(
        "\(describe(function, names.names(of: function))), \(driver), group \(function.iommuGroup.text { "\($0)" })")
      + "\n"
  }

  func findingsText(_ style: Style) -> String {
    assessment.findings.map { $0.text(style, forced: forced) }.joined()
  }

  /// Lines that `sh` passes over.
  var findingsComments: String {
    assessment.findings.map { "# \($0.severity.rawValue) \($0.code): \(printable($0.message))\n" }.joined()
  }

  func verdictText(_ style: Style) -> String {
    if blocking.isEmpty { return style.good("assignable") + "\n" }
    var text = style.bold("refused") + ": " + Set(blocking.map(\.code.rawValue)).sorted().joined(separator: ", ") + "\n"
    if !assessment.missing.isEmpty {
      text += "must come along: \(assessment.missing.map(\.description).joined(separator: " "))\n"
    }
    return text
  }
}

extension Rendering {
  /// What `check` says of a set.
  public init(_ set: AssessedSet, in host: Host, names: Names, as format: Format) {
    self.init(set.blocking.isEmpty ? .done : .refused)
    if format.isJSON {
      json { write(set, to: &$0) }
    } else {
      text(set.text(in: host, names: names, style: format.style))
    }
  }
}
