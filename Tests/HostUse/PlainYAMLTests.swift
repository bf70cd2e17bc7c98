import Testing

@testable import HostUse

@Suite("The YAML that netplan's files are written in")
struct PlainYAMLTests {
  private func read(_ text: String) throws -> PlainYAML {
    try PlainYAML(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  @Test("maps, lists, brackets, quotes and comments")
  func forms() throws {
    let value = try read(
      """
      # written by hand
      ---
      network:
        version: 2   # the only one
        "ethernets":
          eno1:
            addresses:
            - "192.0.2.1/24"
            - 2001:db8::1/64
            routes:
              - to: default
                via: 192.0.2.254
              - {to: 198.51.100.0/24, via: 192.0.2.253}
            nameservers: {search: [a, b],
                          addresses: ['192.0.2.53']}
          eno2: {}
      """)
    let network = try #require(value["network"])
    #expect(network["version"]?.text == "2")
    let card = try #require(network["ethernets"]?["eno1"])
    #expect(card["addresses"]?.texts == ["192.0.2.1/24", "2001:db8::1/64"])
    #expect(card["nameservers"]?["search"]?.texts == ["a", "b"])
    #expect(network["ethernets"]?.entries.map(\.line) == [6, 16])
    guard case .list(let routes)? = card["routes"] else {
      Issue.record("no list of routes")
      return
    }
    #expect(routes.map { $0["via"]?.text } == ["192.0.2.254", "192.0.2.253"])
  }

  @Test(
    "what is beyond it is an error with its line",
    arguments: [
      ("a: &x 1\n", 1), ("a: 1\n  b: 2\n", 2), ("a:\n  b: |\n    text\n", 2), ("a: [b\n", 1), ("a: \"b\n", 1),
      ("a: {b}\n", 1), ("<<: *a\n", 1), ("just words\n", 1), ("a:\n  - b\n   - c\n", 3),
    ])
  func beyond(_ text: String, _ line: Int) throws {
    #expect(throws: PlainYAML.Unclear(line: line)) { try read(text) }
  }
}
