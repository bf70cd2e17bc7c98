import Foundation
import Testing

/// What fails before it begins, or finds nothing to do, leaves nothing behind.
@Suite struct TraceTests {
  private static let fails: [([String], Int32)] = [
    (["bind", "nonsense"], 64), (["bind", "09:00"], 66), (["bind", "10ee:ffff"], 66), (["bind", "net:none0"], 66),
    (["bind", "xml:/nowhere"], 66), (["bind", "pin:none"], 66), (["bind", "group:99"], 66), (["release", "09:00"], 66),
    (["reset", "09:00.0"], 66), (["reset", "01:00"], 64), (["sriov", "09:00.0", "--vfs", "1"], 66),
    (["pin", "card", "09:00"], 66), (["apply", "none"], 66), (["import", "09:00"], 66), (["bind", "01:00.0"], 1),
    (["pin", "half", "01:00.0"], 1),
  ]
  private static let unchanged = [
    ["release", "01:00"], ["release", "--all"], ["recover"], ["unpin", "none"], ["apply"], ["apply", "--prune"],
  ]

  @Test func noFolderIsMade() throws {
    let capture = try Capture()
    let before = try capture.picture(including: true)
    for (words, status) in Self.fails + Self.unchanged.map({ ($0, 0) }) {
      let ending = try capture.run(words)
      #expect(ending.status == status, "\(ending)")
      #expect(try differences(before, capture.picture(including: true)) == [], "\(words)")
    }
  }

  @Test func whatIsThereStays() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    let before = try capture.stamps()
    let held = capture.names("/run/hostdev/held")
    for (words, status) in Self.fails where words != ["bind", "01:00.0"] && words[0] != "pin" {
      #expect(try capture.run(words).status == status, "\(words)")
    }
    #expect(try differences(before, capture.stamps()) == [])
    #expect(capture.names("/run/hostdev/held") == held && held.count == 2)
    // A folder that an earlier run made.
    #expect(try capture.hostdev("release", "01:00").status == 0)
    #expect(capture.exists("/run/hostdev/lock"))
  }

  /// One that removes the folder must not let two in at once.
  @Test func manyAtOnceAreStillOneAfterTheOther() throws {
    let capture = try Capture()
    let commands = try (0..<12).map { place in
      try capture.start(place % 2 == 0 ? "bind" : "recover", place % 2 == 0 ? "09:00" : "--json", "--wait", "60")
    }
    for command in commands {
      let ending = try command.finish()
      #expect(ending.status == 66 || ending.status == 0, "\(ending)")
    }
    #expect(!capture.exists("/run/hostdev"))
  }
}
