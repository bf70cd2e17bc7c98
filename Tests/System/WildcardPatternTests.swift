import Testing

@testable import System

@Suite("Patterns as fnmatch(3) takes them")
struct WildcardPatternTests {
  @Test(
    "what fits",
    arguments: [
      ("en*", "eno1"), ("*", ""), ("e?o[0-9]", "eno3"), ("*s0f*", "enp2s0f1"), ("[!a]b", "cb"),
      ("enp[[:digit:]]s0", "enp2s0"), ("en\\*", "en*"), ("en\\o1", "eno1"), ("[^a]b", "cb"), ("[]]", "]"),
      ("a[b", "a[b"),
      ("pci-*", "pci-0000:01:00.0"), ("*/x", "a/b/x"), ("*", ".hidden"), ("é", "é"),
    ])
  func fits(_ pattern: String, _ text: String) { #expect(WildcardPattern(pattern).matches(text)) }

  @Test(
    "what does not",
    arguments: [
      ("en*", "wlan0"), ("e?o", "eno1"), ("eno[2-4]", "eno1"), ("", "a"), ("[!a]b", "ab"),
      ("enp[[:digit:]]s0", "enpxs0"), ("en\\*", "eno1"), ("a\\", "a"), ("a\0*", "a"), ("a*", "a\0b"),
      ("[[:digit:]", "1:"),
    ])
  func fitsNot(_ pattern: String, _ text: String) { #expect(!WildcardPattern(pattern).matches(text)) }

  @Test("a text without wildcards is meant as it is, its escapes taken off")
  func literals() {
    for (pattern, text) in [("eno1", "eno1"), ("en\\*", "en*"), ("a\\\\b", "a\\b"), ("", "")] {
      #expect(WildcardPattern(pattern).literal == text)
    }
    for pattern in ["en*", "e?", "[ab]", "\\**", "a\\"] { #expect(WildcardPattern(pattern).literal == nil) }
  }

  @Test("many stars take no longer than their length")
  func stars() {
    let pattern = WildcardPattern(String(repeating: "*a", count: 500) + "b")
    let clock = ContinuousClock()
    let took = clock.measure { #expect(!pattern.matches(String(repeating: "a", count: 5000))) }
    #expect(took < .seconds(2))
  }
}
