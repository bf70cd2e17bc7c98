import System
import TestSupport
import Testing

@testable import Checks

@Suite("No rule is left out")
struct RuleListTests {
  private struct Conformance: Hashable {
    let type: String
    let rule: String
  }

  /// Every `struct X: SetRule` and `extension X: HostRule` of this project.
  private func written() throws -> Set<Conformance> {
    let root = try Root(Fixture.repository)
    var open = ["/Sources"]
    var found: Set<Conformance> = []
    while let path = open.popLast() {
      guard path.hasSuffix(".swift") else {
        open += ((try? root.entries(path)) ?? []).map { "\(path)/\($0)" }
        continue
      }
      let text = String(decoding: try root.read(path), as: UTF8.self)
      for line in text.split(separator: "\n") {
        let words = line.split { " :,{".contains($0) }.map(String.init)
        guard let keyword = words.firstIndex(where: ["struct", "enum", "class", "actor", "extension"].contains),
          line.contains(":"), words.count > keyword + 1
        else { continue }
        for rule in words[(keyword + 2)...] where ["Rule", "SetRule", "HostRule"].contains(rule) {
          found.insert(Conformance(type: words[keyword + 1], rule: rule))
        }
      }
    }
    return found
  }

  @Test("what conforms is in a list, and once")
  func all() throws {
    let listed =
      Rules.ofSets.map { Conformance(type: "\(type(of: $0))", rule: "SetRule") }
      + Rules.ofHosts.map { Conformance(type: "\(type(of: $0))", rule: "HostRule") }
    #expect(try written() == Set(listed))
    #expect(listed.count == Set(listed).count && listed.count > 50)
  }
}
