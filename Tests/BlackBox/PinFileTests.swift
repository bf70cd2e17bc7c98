import Foundation
import Testing

/// A pin's file that is not as it must be costs that pin alone, and is told with file, line and key.
@Suite struct PinFileTests {
  private static let broken: [(String, String, Int, String)] = [
    ("\"version\": 1", "\"version\": 2", 2, "version"),
    ("\"version\": 1", "\"version\": \"1\"", 2, "version"),
    ("\"follow\": false", "\"follow\": \"no\"", 6, "follow"),
    ("\"follow\": false", "\"folow\": false", 6, "folow"),
    ("\"match\": \"path\"", "\"match\": \"slot\"", 5, "match"),
    ("\"driver\": \"vfio-pci\"", "\"driver\": \"xclmgmt\"", 4, "driver"),
    ("\"device_id\": \"0x5000\"", "\"device_id\": 20480", 12, "functions[0].device_id"),
    ("\"device_id\": \"0x5000\"", "\"device_id\": \"0x150000\"", 12, "functions[0].device_id"),
    ("\"address\": \"0000:01:00.1\"", "\"address\": \"0000:01:00.9\"", 20, "functions[1].address"),
  ]

  @Test func eachMistakeIsToldWithFileLineAndKey() throws {
    let tally = Tally("malformed pins")
    for (was, becomes, line, key) in Self.broken {
      let capture = try Capture()
      #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
      #expect(try capture.hostdev("pin", "thermal", "00:04.0").status == 0)
      try capture.edit("card", was, becomes)
      let applied = try capture.hostdev("apply", "--json")
      #expect(applied.status == 65, "\(applied)")
      let error = try #require(try applied.json["error"])
      #expect(error["path"]?.text == Capture.pin("card"))
      #expect(error["operation"]?.text?.contains("line \(line): \(key)") == true, "\(becomes): \(applied)")
      // The other one counts.
      #expect(try applied.json.pin("thermal")?.result == "done", "\(applied)")
      #expect(capture.driver("0000:00:04.0") == "vfio-pci" && capture.driver(card[0]) == "xclmgmt")
      for words in [["pins"], ["pins", "card"], ["apply", "card"], ["check", "pin:card"]] {
        let ending = try capture.run(words)
        #expect(ending.status == 65 && ending.errors.contains("line \(line): \(key)"), "\(ending)")
      }
      #expect(try capture.hostdev("pins", "thermal", "--check").status == 0)
      #expect(try capture.hostdev("apply", "thermal").status == 0)
      tally.count(true)
    }
    tally.report(atLeast: Self.broken.count)
  }

  @Test(arguments: ["", "{", "[]", "{\"version\": 1}", "{\"version\": 1, \"functions\": []}", "\u{0}\u{1}", "null"])
  func whatIsNoPinAtAllIsToldToo(text: String) throws {
    let capture = try Capture()
    try capture.file(Capture.pin("card"), text)
    let ending = try capture.hostdev("apply")
    #expect(ending.status == 65 && ending.errors.contains(Capture.pin("card")), "\(ending)")
    #expect(try capture.hostdev("unpin", "card").status == 0, "a broken one can be withdrawn")
  }

  @Test func twoPinsOfOneFunctionNameEachOther() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try capture.file(Capture.pin("other"), try capture.text(Capture.pin("card")))
    let ending = try capture.hostdev("apply")
    #expect(ending.status == 65 && ending.errors.contains("pins card and other both declare"), "\(ending)")
    #expect(capture.driver(card[0]) == "xclmgmt", "neither counts")
    let pins = try capture.hostdev("pins", "card", "--json")
    #expect(pins.status == 65, "\(pins)")
    #expect(try capture.hostdev("unpin", "other").status == 0)
    #expect(try capture.hostdev("apply").status == 0)
  }

  @Test func whatIsNoPinsFileIsLeftAlone() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try capture.file(Capture.pins + "/card.json~", "not a pin")
    try capture.file(Capture.pins + "/.card.json.4242", "half a file")
    try capture.file(Capture.pins + "/README", "what this is")
    #expect(try capture.hostdev("apply").status == 0)
    try capture.file(Capture.pins + "/a b.json", "{}")
    let ending = try capture.hostdev("apply")
    #expect(ending.status == 65 && ending.errors.contains("is not a pin name"), "\(ending)")
  }
}
