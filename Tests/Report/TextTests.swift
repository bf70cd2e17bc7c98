import Checks
import Foundation
import Operations
import PCI
import Testing

@testable import Report

@Suite struct TableTests {
  private let plain = Style(isColoured: false)

  @Test func columnsAreAsWideAsTheirWidestCell() {
    var table = Table(header: ["ADDRESS", "N"])
    table.row(["0000:01:00.0", "x"])
    table.row(["a", "long and free"])
    #expect(
      table.text(plain) == """
        ADDRESS       N
        0000:01:00.0  x
        a             long and free

        """)
  }

  @Test func nothingTrailsALine() {
    var table = Table()
    table.row(["a", "", ""])
    table.row(["bbb", "c", "d"])
    #expect(table.text(plain) == "a\nbbb  c  d\n")
    #expect(Table().text(plain).isEmpty)
  }

  @Test func rowsMayDifferInLength() {
    var table = Table()
    table.row(["a"])
    table.row(["b", "c", "d"])
    table.row(["ee", "f"])
    #expect(table.text(plain) == "a\nb   c  d\nee  f\n")
  }

  @Test func onlyTheHeaderIsBold() {
    var table = Table(header: ["H"])
    table.row(["x"])
    #expect(table.text(Style(isColoured: true)) == "\u{1b}[1mH\u{1b}[0m\nx\n")
    var bare = Table()
    bare.row(["x"])
    #expect(bare.text(Style(isColoured: true)) == "x\n")
  }

  @Test(arguments: [
    ("abc", 3), ("", 0), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ｶ", 1), ("Ａ", 2), ("한", 2), ("\u{1f600}", 2),
    ("a\u{200d}b", 2), ("→", 1), ("\u{20000}", 2),
  ])
  func widthIsWhatATerminalTakes(text: String, width: Int) {
    #expect(displayWidth(text) == width)
  }

  @Test func wideCellsKeepTheColumns() {
    var table = Table()
    table.row(["日本", "x"])
    table.row(["abcde", "y"])
    #expect(table.text(plain) == "日本   x\nabcde  y\n")
  }
}

@Suite struct PrintableTests {
  @Test(arguments: [
    ("plain é 日本", "plain é 日本"), ("\u{1b}[2J", "\u{fffd}[2J"), ("a\nb", "a\u{fffd}b"), ("\u{7f}", "\u{fffd}"),
    ("\u{9b}31m", "\u{fffd}31m"), ("\r\n", "\u{fffd}\u{fffd}"), ("", ""),
    ("a\u{202e}b", "a\u{fffd}b"), ("\u{200b}\u{61c}", "\u{fffd}\u{fffd}"),
  ])
  func noTextMovesTheTerminal(text: String, shown: String) { #expect(printable(text) == shown) }

  /// Of all that is printed, the colours that are ours alone.
  @Test(arguments: [
    ("\u{1b}[1;31mx\u{1b}[0m\n", "\u{1b}[1;31mx\u{1b}[0m\n"), ("\u{1b}[8mx", "\u{fffd}[8mx"),
    ("\u{1b}[mx", "\u{fffd}[mx"),
    ("\u{9b}8m", "\u{fffd}8m"), ("\u{1b}]0;x", "\u{fffd}]0;x"), ("\u{2028}", "\u{fffd}"),
  ])
  func onlyOurColoursReachTheTerminal(text: String, shown: String) { #expect(terminalText(text) == shown) }
}

@Suite struct DiagnosticTests {
  private let diagnostic = Diagnostic(
    .rolledBack, "bind 0000:01:00.0 to vfio-pci", path: "/sys/bus/pci/drivers/vfio-pci/bind", errno: "EBUSY",
    state: "everything was put back as it was", next: "see dmesg")

  @Test func textSaysWhatWhereWhyAndWhatNext() {
    #expect(
      diagnostic.text == """
        hostdev: bind 0000:01:00.0 to vfio-pci: /sys/bus/pci/drivers/vfio-pci/bind: EBUSY
          state: everything was put back as it was
          next:  see dmesg

        """)
  }

  @Test func textLeavesOutWhatThereIsNot() {
    #expect(Diagnostic(.usage, "parse", state: "", next: "").text == "hostdev: parse\n")
    #expect(Diagnostic(.notFound, "find \u{1b}x", next: "").text.contains("\u{1b}") == false)
    #expect(Diagnostic(.notRoot, "bind", next: "sudo").state == "nothing was changed")
  }

  @Test func jsonHasTheKeysOfTheContract() throws {
    let bytes = JSONWriter.document { diagnostic.write(to: &$0) }
    let read = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(read["schema"] as? String == "hostdev/1")
    let error = try #require(read["error"] as? [String: Any])
    #expect(Set(error.keys) == ["status", "operation", "path", "errno", "state", "next"])
    #expect(error["status"] as? Int == 2)
    #expect(error["errno"] as? String == "EBUSY")
    let bare = JSONWriter.document { Diagnostic(.missing, "x", next: "y").write(to: &$0) }
    let other = try #require(try JSONSerialization.jsonObject(with: Data(bare)) as? [String: Any])
    let nulls = try #require(other["error"] as? [String: Any]).filter { $0.value is NSNull }
    #expect(Set(nulls.keys) == ["path", "errno"])
  }

  @Test(arguments: [
    (Diagnostic.Status.rolledBack, 2), (.partial, 3), (.timeout, 4), (.usage, 64), (.malformed, 65), (.notFound, 66),
    (.missing, 69), (.locked, 75), (.notRoot, 77),
  ])
  func statusesAreThoseOfTheContract(status: Diagnostic.Status, number: Int) {
    #expect(Int(status.rawValue) == number)
  }
}

@Suite struct FindingTextTests {
  private func finding(
    _ severity: Finding.Severity, remedy: String, forceIf condition: String? = nil, isForceable: Bool
  ) -> Finding {
    Finding(
      .heldOpen, severity, on: [], message: "m\u{1b}", evidence: ["e"], remedy: remedy, forceIf: condition,
      isForceable: isForceable)
  }

  @Test func everyPartHasItsLine() {
    let text = text([finding(.error, remedy: "do it", isForceable: true)])
    #expect(
      text == """
        error held-open  m\u{fffd}
            e
            -> do it

        """)
  }

  private func text(_ findings: [Finding], _ format: Format? = nil, forced: Set<FindingCode> = []) -> String {
    let plain = Format(isJSON: false, style: Style(isColoured: false))
    return FindingsText(format: format ?? plain, forced: forced).text(findings)
  }

  @Test func aRemedyThatSeveralShareIsPrintedOnce() {
    let first = finding(.error, remedy: "do it", isForceable: true)
    let other = Finding(.dead, .error, message: "n", remedy: "do something else")
    let warning = Finding(.noReset, .warning, message: "o", remedy: "do it")
    #expect(
      text([first, other, warning]) == """
        error held-open  m\u{fffd}
            e
        error dead       n
            -> do something else
        warning no-reset   o
        -> do it

        """)
  }

  @Test func aConditionOfForceIsPartOfTheRemedy() {
    let finding = finding(.error, remedy: "do it", forceIf: "it may go", isForceable: true)
    #expect(finding.remedy == "do it; or, if it may go: --force=held-open")
  }

  @Test func whatIsOverruledHasNoRemedy() {
    let first = finding(.error, remedy: "do it", isForceable: true)
    let said = text([first], forced: [.heldOpen])
    #expect(said.hasSuffix("    overruled: --force=held-open\n") && !said.contains("do it"))
    let fixed = finding(.error, remedy: "do it", isForceable: false)
    #expect(text([fixed], forced: [.heldOpen]).contains("-> do it"))
  }

  @Test func marksAreForLocalesThatHaveThem() {
    let format = Format(isJSON: false, style: Style(isColoured: false, isUnicode: true))
    #expect(text([finding(.error, remedy: "do it", isForceable: true)], format).hasPrefix("✗ held-open  m"))
    let arrow = Finding(.dead, .error, message: "a → b …", evidence: ["c → d"])
    #expect(text([arrow]) == "error dead  a -> b ...\n    c -> d\n")
    #expect(text([arrow], format) == "✗ dead  a → b …\n    c → d\n")
  }

  @Test func aMessageIsWrappedToTheTerminalAndACommandIsNot() {
    let words = Array(repeating: "word", count: 30).joined(separator: " ")
    let finding = Finding(.dead, .error, message: words, remedy: words)
    let said = text([finding], Format(isJSON: false, style: Style(isColoured: false), columns: 60))
    let lines = said.split(separator: "\n").map(String.init)
    #expect(lines.dropLast().allSatisfy { displayWidth($0) <= 60 } && lines.count > 3, "\(said)")
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    ") })
    #expect(lines.last == "    -> " + words)
    #expect(lines.dropLast().joined(separator: " ").split(separator: " ").count == 32, "no word is lost")
  }

  @Test func colourIsOnlyWhereItIsWanted() {
    for severity in [Finding.Severity.info, .warning, .error] {
      let finding = finding(severity, remedy: "x", isForceable: false)
      #expect(!text([finding]).contains("\u{1b}"))
      #expect(text([finding], Format(isJSON: false, style: Style(isColoured: true))).contains("\u{1b}"))
    }
  }
}
