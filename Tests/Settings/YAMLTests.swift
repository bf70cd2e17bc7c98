import Testing

@testable import Settings

@Suite("YAML, which netplan's files are written in")
struct YAMLTests {
  private func read(_ text: String) throws -> YAMLValue { try YAMLReader.read(Array(text.utf8)) }

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

  @Test("texts in quotes, with escapes, and over several lines")
  func texts() throws {
    let value = try read("a: \"e\\x6eo\\u0031\"\nb: |\n  one\n  two\nc: >-\n  one\n  two\nd: 'it''s'\ne: one\n  two\n")
    #expect(
      value.entries.map { "\($0.line) \($0.value.text ?? "?")" }
        == ["1 eno1", "2 one\ntwo\n", "5 one two", "8 it's", "9 one two"])
  }

  @Test("what an alias stands for is what its anchor has; the entries keep their lines")
  func aliases() throws {
    let value = try read("a: &x\n  b: &y 1\nc: *x\n*y : &x [2]\ne: *x\n")
    #expect(value["c"] == value["a"])
    #expect(value["c"]?.entries.map(\.line) == [2])
    #expect(value["1"]?.texts == ["2"])
    #expect(value["e"]?.texts == ["2"])
  }

  @Test("what is merged gives way to what the map says itself, and the first of several counts")
  func merging() throws {
    let value = try read(
      "a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc: {l: 3, <<: [*b, *a], n: 3}\nd:\n  <<: {k: 4}\n  '<<': 5\n")
    let merged = try #require(value["c"])
    #expect(merged.entries.map { "\($0.key) \($0.value.text ?? "?")" } == ["l 3", "n 3", "k 2", "m 2"])
    #expect(value["d"]?["k"]?.text == "4")
    #expect(value["d"]?["<<"]?.text == "5")
  }

  @Test(
    "what is none is an error with its line",
    arguments: [
      ("a: 1\n  b: 2\n", 2), ("a: [b\n", 1), ("a: \"b\n", 1), ("<<: *a\n", 1), ("just words\n", 1), ("- a\n", 1),
      ("a: 1\nb: *x\n", 2), ("a: 1\nb: &x [*x]\n", 2), ("a:\n  b: 1\nc\n\n\n", 3), ("a: &x 1\n<<: *x\n", 2),
      ("a: \"\\q\"\n", 1), ("a: 1\n? [b]\n: 2\n", 2), ("a:\n\tb: 1\n", 2), ("a: 1\nb: \u{1}\n", 2),
    ])
  func errors(_ text: String, _ line: Int) throws {
    #expect(throws: YAMLValue.Unclear(line: line)) { try read(text) }
  }

  @Test("bytes that are not text are an error with their line")
  func bytes() {
    #expect(throws: YAMLValue.Unclear(line: 2)) { try YAMLReader.read([0x61, 0x3a, 0x0a, 0xff, 0x0a]) }
  }

  @Test(
    "the first document counts, and an empty one has nothing", arguments: ["", "---\n", "# x\n", "--- {}\n---\na: 1\n"])
  func documents(_ text: String) throws {
    #expect(try read(text) == .map([]))
  }

  @Test("depth, expansion by aliases and directives have limits")
  func limits() throws {
    func nested(_ depth: Int) -> String {
      "a: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try read(nested(60))
    #expect(throws: YAMLValue.Unclear(line: 1)) { try read(nested(70)) }
    #expect(throws: YAMLValue.Unclear(line: 1)) { try read(nested(100_000)) }
    // Ten times a long text, and a list of ten of those.
    let long = String(repeating: "x", count: 20_000)
    let ten = Array(repeating: "*a", count: 10).joined(separator: ",")
    _ = try read("a: &a \(long)\nb: [\(ten)]\n")
    #expect(throws: YAMLValue.Unclear(line: 3)) {
      try read("a: &a \(long)\nb: &b [\(ten)]\nc: [\(ten.replacing("a", with: "b"))]\n")
    }
    let tags = (1...40_000).map { "%TAG !a\($0)! x\n" }.joined()
    #expect(throws: YAMLValue.Unclear(line: 33)) { try read(tags + "---\na: 1\n") }
  }
}
