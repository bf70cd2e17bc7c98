import Testing

@testable import System

/// The native protocol of systemd-journald: one field per line, or with its length if it has lines of its own.
@Suite struct JournalFieldTests {
  @Test func aLineIsNameAndValue() {
    #expect(JournalField("HOSTDEV_PIN", "card").bytes == Array("HOSTDEV_PIN=card\n".utf8))
    #expect(JournalField("A", "").bytes == Array("A=\n".utf8))
  }

  @Test func aValueOfSeveralLinesCannotPassForAnotherField() {
    let field = JournalField("MESSAGE", "one\nPRIORITY=0")
    #expect(field.bytes == Array("MESSAGE\n".utf8) + [14, 0, 0, 0, 0, 0, 0, 0] + Array("one\nPRIORITY=0\n".utf8))
  }
}
