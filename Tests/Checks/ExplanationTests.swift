import System
import TestSupport
import Testing

@testable import Checks

@Suite("Every code explains itself")
struct ExplanationTests {
  @Test("in sentences, and names what decides", arguments: FindingCode.allCases)
  func sentences(code: FindingCode) throws {
    let phrases = try Self.unwanted()
    #expect(!phrases.isEmpty)
    let explanation = code.explanation
    for text in [explanation.meaning, explanation.harm, explanation.remedyIdea] {
      #expect(
        text.hasSuffix(".")
          && text.first?.isLowercase == ["vfio-pci", "pcie_acs", "hostdev"].contains(where: text.hasPrefix),
        "\(text)")
      // As whole words: another word may end or begin with such a phrase.
      let words = text.lowercased().split { !$0.isLetter && $0 != "'" }.joined(separator: " ")
      for phrase in phrases { #expect(!" \(words) ".contains(" \(phrase) "), "\(text)") }
    }
    #expect(!explanation.source.isEmpty && !explanation.source.hasSuffix("."))
  }

  /// The phrases that our text must not have: the first column of the guide's table.
  private static func unwanted() throws -> [String] {
    let guide = String(decoding: try Root(Fixture.repository).read("/.github/WORDS.md"), as: UTF8.self)
    var phrases: [String] = []
    for row in guide.split(separator: "\n") where row.hasPrefix("| `") {
      let quoted = row.split(separator: "|")[0].split(separator: "`")
      phrases += quoted.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
    return phrases
  }

  @Test("no two in the same words")
  func different() {
    #expect(Set(FindingCode.allCases.map(\.explanation.meaning)).count == FindingCode.allCases.count)
  }

  @Test("what could not be read can be overruled, if a check depends on it")
  func unknown() {
    for code in FindingCode.allCases where code.rawValue.hasPrefix("unknown-") {
      #expect((code.explanation.force == .always) == (code != .unknownData), "\(code)")
    }
  }

  @Test("a finding can be overruled as its code says, unless its rule says otherwise")
  func force() {
    #expect(Finding(.heldOpen, .error, message: "").isForceable)
    #expect(!Finding(.dead, .error, message: "").isForceable)
    #expect(!Finding(.rootStorage, .error, message: "").isForceable)
    #expect(Finding(.rootStorage, .error, message: "", isForceable: true).isForceable)
  }
}
