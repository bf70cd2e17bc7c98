import ArgumentParser
import Checks
import Host

/// For the commands that findings refuse.
struct ForceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Overrule the findings with these codes, at your own risk; root-storage never for /, /boot, /usr and swap. \
      Possible codes: \(FindingCode.forceable.map(\.rawValue).joined(separator: ", ")).
      """,
      valueName: "code[,code]"),
    completion: .list(FindingCode.forceable.map(\.rawValue)), transform: CodeList.init)
  var force: [CodeList] = []

  var codes: Set<FindingCode> { Set(force.flatMap(\.codes)) }
}

/// `CODE[,CODE]`, each one that a set of functions can have.
struct CodeList {
  let codes: [FindingCode]

  init(_ argument: String) throws(ValidationError) {
    codes = try argument.split(separator: ",", omittingEmptySubsequences: false).map { word throws(ValidationError) in
      guard let code = FindingCode(ofSet: String(word)) else { throw Self.error(String(word)) }
      return code
    }
  }

  private static func error(_ word: String) -> ValidationError {
    if word.isEmpty { return ValidationError("a code is missing") }
    if FindingCode(rawValue: word) != nil {
      return ValidationError("'\(word)' is a finding of doctor's, and refuses nothing")
    }
    let codes = FindingCode.allCases.map(\.rawValue).filter { FindingCode(ofSet: $0) != nil }
    let meant = suggestion(for: word, among: codes).map { ". Did you mean '\($0)'?" } ?? ""
    return ValidationError("no finding has the code '\(word)'\(meant)")
  }
}
