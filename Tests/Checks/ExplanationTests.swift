import Testing

@testable import Checks

@Suite("Every code explains itself")
struct ExplanationTests {
  @Test("in sentences, and names what decides", arguments: FindingCode.allCases)
  func sentences(code: FindingCode) {
    let explanation = code.explanation
    for text in [explanation.meaning, explanation.harm, explanation.remedyIdea] {
      #expect(
        text.hasSuffix(".")
          && text.first?.isLowercase == ["vfio-pci", "pcie_acs", "hostdev"].contains(where: text.hasPrefix),
        "\(text)")
      for word in ["nobody", "somebody", "whoever", "by way of", "stands on", "is said"] {
        #expect(!text.contains(word), "\(text)")
      }
    }
    #expect(!explanation.source.isEmpty && !explanation.source.hasSuffix("."))
  }

  @Test("no two in the same words")
  func different() {
    #expect(Set(FindingCode.allCases.map(\.explanation.meaning)).count == FindingCode.allCases.count)
  }

  @Test("what could not be read can be overruled, where a check depends on it")
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
