import Foundation
import Testing

@testable import Report

@Suite struct JSONWriterTests {
  /// What Foundation reads of what we wrote.
  private func read(_ body: (inout JSONWriter) -> Void) throws -> NSDictionary {
    let bytes = JSONWriter.document(body)
    #expect(bytes.last == 0x0a)
    let object = try JSONSerialization.jsonObject(with: Data(bytes))
    return try #require(object as? NSDictionary)
  }

  private static let texts = [
    "", "plain", "a\"b", "back\\slash", "line\nfeed", "tab\tand\rreturn", "\u{0}", "\u{1}\u{8}\u{c}\u{1f}", "\u{7f}",
    "é", "日本語", "\u{1f600}", "\u{2028}\u{2029}", "\u{fffd}", "</script>", "e\u{301}", "/sys/bus/pci", "\\u0041",
  ]

  @Test(arguments: texts) func textComesBackAsItWas(text: String) throws {
    let read = try read { json in
      json.key("text")
      json.value(text)
    }
    #expect((read["text"] as? String).map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test func everyCharacterOfTheFirstPlaneComesBack() throws {
    var cases = 0
    var reached = 0
    var lost: [Unicode.Scalar] = []
    for scalar in (UInt32(0)...0xffff).compactMap(Unicode.Scalar.init) {
      cases += 1
      let text = "\(Character(scalar))"
      var writer = JSONWriter()
      writer.array { $0.value(text) }
      let list = try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String]
      if list.map({ Array($0[0].utf8) }) == Array(text.utf8) { reached += 1 } else { lost.append(scalar) }
    }
    print("CHARACTERS: \(cases) cases, \(reached) reached")
    // U+FEFF, too, which Foundation takes for a byte order mark unless it is escaped.
    #expect(lost == [])
    #expect(reached >= 63_488)
  }

  @Test func controlCharactersAreEscaped() {
    var writer = JSONWriter()
    writer.value("\u{0}\u{1f}\n\t\"\\")
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #""\u0000\u001f\n\t\"\\""#)
    #expect(writer.bytes.allSatisfy { $0 >= 0x20 })
  }

  @Test(arguments: [(25, "2.5"), (80, "8"), (5, "0.5"), (0, "0"), (640, "64"), (101, "10.1")])
  func tenthsArePlainNumbers(number: Int, text: String) {
    var writer = JSONWriter()
    writer.tenths(number)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
  }

  @Test func hexIsAsSysfsSpellsIt() {
    func text(_ write: (inout JSONWriter) -> Void) -> String {
      var writer = JSONWriter()
      write(&writer)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(text { $0.hex(UInt16(0x10ee), digits: 4) } == #""0x10ee""#)
    #expect(text { $0.hex(UInt16(0xe), digits: 4) } == #""0x000e""#)
    #expect(text { $0.hex(UInt32(0x120000), digits: 6) } == #""0x120000""#)
    #expect(text { $0.hex(UInt8(0), digits: 2) } == #""0x00""#)
    #expect(text { $0.hex(UInt16(0x148), digits: 2) } == #""0x148""#)
    #expect(text { $0.hex(UInt16.max, digits: 1) } == #""0xffff""#)
    #expect(text { $0.hex(UInt8(0xab), digits: 4) } == #""0x00ab""#)
    #expect(text { $0.hex(UInt64.max, digits: 1) } == #""0xffffffffffffffff""#)
    #expect(text { $0.hex(nil as UInt8?, digits: 2) } == "null")
  }

  @Test func commasStandBetweenAndNowhereElse() throws {
    let bytes = JSONWriter.document { json in
      json.key("a")
      json.array { _ in }
      json.key("b")
      json.array { json in
        json.object { _ in }
        json.array { json in json.null() }
        json.value(true)
        json.value(nil as Bool?)
        json.value(-3)
        json.value(nil as Int?)
        json.value(nil as String?)
        json.tenths(nil)
        json.values(["x", "y"])
      }
      json.key("c")
      json.object { json in
        json.key("d")
        json.value(false)
      }
    }
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"schema":"hostdev/1","a":[],"b":[{},[null],true,null,-3,null,null,null,["x","y"]],"c":{"d":false}}"#
        + "\n")
    _ = try JSONSerialization.jsonObject(with: Data(bytes))
  }

  @Test(arguments: [Int.min, -1, 0, 1, Int.max]) func integersComeBack(number: Int) throws {
    let read = try read { json in
      json.key("number")
      json.value(number)
    }
    #expect(read["number"] as? Int == number)
  }
}
