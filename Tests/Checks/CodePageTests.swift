import Foundation
import TestSupport
import Testing

@testable import Checks

/// `scripts/dist/doc/codes.md` is made of what the codes say of themselves.
///
/// `HOSTDEV_REWRITE_GOLDEN=1 swift test --filter CodePageTests` writes it.
@Suite struct CodePageTests {
  private static let path = Fixture.repository + "/scripts/dist/doc/codes.md"

  private static var page: String {
    var text = """
      # Finding codes

      Every code that `check`, the changing commands and `doctor` can print. A code does not change once it is released. A finding itself has the
      functions, the evidence and the commands for the host that it is found on.


      """
    for code in FindingCode.allCases.sorted() {
      let explanation = code.explanation
      text += """
        ## \(code)

        \(explanation.meaning) \(explanation.harm)

        - What to do: \(explanation.remedyIdea)
        - Found by: \(subject(explanation.subject))
        - `--force=\(code)`: \(force(explanation.force))
        - Decided by: \(explanation.source)


        """
    }
    return String(text.dropLast())
  }

  private static func subject(_ subject: FindingExplanation.Subject) -> String {
    switch subject {
    case .set: "`check` and the changing commands"
    case .host: "`doctor`"
    case .both: "`check`, the changing commands and `doctor`"
    }
  }

  private static func force(_ force: FindingExplanation.Force) -> String {
    switch force {
    case .never: "no"
    case .always: "yes"
    case .unless(let exception): "yes, unless \(exception)"
    }
  }

  @Test func everyCodeIsOnThePage() throws {
    if ProcessInfo.processInfo.environment["HOSTDEV_REWRITE_GOLDEN"] != nil {
      try Self.page.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: Self.path, encoding: .utf8) == Self.page)
  }
}
