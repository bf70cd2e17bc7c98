import Foundation
import Testing

/// `apply`: the host as it is declared, a transaction each pin.
@Suite struct ApplyTests {
  private static let thermal = "0000:00:04.0"

  /// Two pins, of the card and of another function.
  private static func declared() throws -> Capture {
    let capture = try Capture()
    for words in [["pin", "card", "01:00"], ["pin", "thermal", "00:04.0"]] {
      let ending = try capture.run(words)
      guard ending.status == 0 else { throw Trouble("\(ending)") }
    }
    return capture
  }

  private static func places(_ capture: Capture) throws -> [String] { try capture.places(card + [thermal]) }

  @Test func bringsTheHostToWhatIsDeclared() throws {
    let capture = try Self.declared()
    let ending = try capture.hostdev("apply", "--json")
    #expect(ending.status == 0, "\(ending)")
    let said = try ending.json
    #expect(said.pins.map { $0["name"]?.text } == ["card", "thermal"])
    #expect(said.pins.allSatisfy { $0.result == "done" && $0["outcome"]?["result"]?.text == "done" })
    #expect(said.pins.allSatisfy { $0["plan"]?.list?.isEmpty == false })
    #expect(try Self.places(capture).allSatisfy { $0.hasSuffix("vfio-pci vfio-pci") })
    let held = try capture.hostdev("status", "--json").json["held"]?.list ?? []
    #expect(held.map { $0["pin"]?.text } == ["thermal", "card", "card"])
    #expect(capture.names("/run/hostdev/journal") == [])
  }

  @Test func whatIsInPlaceIsLeftAlone() throws {
    let capture = try Self.declared()
    #expect(try capture.hostdev("apply").status == 0)
    let before = try capture.stamps()
    let again = try capture.hostdev("apply", "--json")
    #expect(again.status == 0)
    #expect(try again.json.pins.allSatisfy { $0.result == "in-place" && $0["plan"] == .list([]) })
    #expect(try differences(before, capture.stamps()) == [])
  }

  @Test func aDryRunSaysWhatEachPinWouldWrite() throws {
    let capture = try Self.declared()
    let before = try capture.picture(including: true)
    let dry = try capture.hostdev("apply", "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("# card\n") && dry.output.contains("# thermal\n"), "\(dry)")
    #expect(dry.output.contains("printf %s vfio-pci > /sys/bus/pci/devices/0000:00:04.0/driver_override"))
    #expect(try differences(before, capture.picture(including: true)) == [])
    #expect(try capture.hostdev("apply", "--dry-run", "--json").json.pins.allSatisfy { $0.result == "planned" })
    // What is not planned is a comment.
    try capture.edit("card", "\"device_id\": \"0x5000\"", "\"device_id\": \"0x5002\"")
    let refused = try capture.hostdev("apply", "--dry-run")
    #expect(refused.status == 1 && refused.output.contains("# refused: card"), "\(refused)")
    #expect(try Command.run(["sh", "-n"], input: Data(refused.output.utf8)).status == 0, "\(refused)")
  }

  @Test func oneRefusalDoesNotStopTheOthers() throws {
    let capture = try Self.declared()
    // Half of the card: its reset would reach the other half.
    let text = try capture.text(Capture.pin("card"))
    let half = try #require(text.firstRange(of: "    },\n    {\n      \"address\": \"0000:01:00.1\""))
    let end = try #require(text[half.upperBound...].firstRange(of: "    }\n  ],"))
    try capture.file(
      Capture.pin("card"), String(text[..<half.lowerBound]) + String(text[end.lowerBound...]))
    let ending = try capture.hostdev("apply", "--json")
    #expect(ending.status == 1, "\(ending)")
    let pin = try #require(try ending.json.pin("card"))
    #expect(pin.result == "refused" && pin.codes == ["slot-incomplete"] && pin["missing"]?.texts == [card[1]])
    #expect(try ending.json.pin("thermal")?.result == "done")
    #expect(capture.driver(card[0]) == "xclmgmt" && capture.driver(Self.thermal) == "vfio-pci")
    // What the administrator answers for is declared, or said.
    #expect(try capture.hostdev("apply", "--force=slot-incomplete").status == 0)
    #expect(capture.driver(card[0]) == "vfio-pci")
  }

  @Test func oneFailureIsPutBackAndDoesNotStopTheOthers() throws {
    let capture = try Self.declared()
    let before = try capture.places(card)
    try capture.fault(
      #"{"writes": [{"path": "/sys/bus/pci/drivers/vfio-pci/bind", "value": "0000:01:00.1", "errno": "EIO"}]}"#)
    let ending = try capture.hostdev("apply", "--json")
    #expect(ending.status == 2, "\(ending)")
    #expect(try ending.json.pin("card")?.result == "rolled-back" && ending.json.pin("thermal")?.result == "done")
    #expect(try ending.json["error"]?["errno"]?.text == "EIO")
    #expect(try capture.places(card) == before && capture.interrupted() == [])
    #expect(capture.driver(Self.thermal) == "vfio-pci")
  }

  @Test func theGravestStatusIsTheExitStatus() throws {
    let capture = try Self.declared()
    try capture.edit("thermal", "\"follow\"", "\"follows\"")
    try capture.fault(
      #"{"writes": [{"path": "/sys/bus/pci/drivers/vfio-pci/bind", "errno": "EIO"}]}"#)
    // A file that cannot be read, and a failure that was put back: that is the one to look at.
    #expect(try capture.hostdev("apply").status == 2)
    try capture.withoutFaults()
    #expect(try capture.hostdev("apply").status == 65)
  }

  @Test func aNamedPinAloneIsApplied() throws {
    let capture = try Self.declared()
    #expect(try capture.hostdev("apply", "thermal").status == 0)
    #expect(capture.driver(Self.thermal) == "vfio-pci" && capture.driver(card[0]) == "xclmgmt")
    // The other one's file is none of its business.
    try capture.edit("card", "\"follow\"", "\"follows\"")
    #expect(try capture.hostdev("apply", "thermal").status == 0)
    #expect(try capture.hostdev("apply", "--prune", "thermal").status == 64)
  }

  @Test func aHostWithoutPinsNeedsNothing() throws {
    let capture = try Capture()
    let before = try capture.picture()
    #expect(try capture.hostdev("apply").output == "nothing is pinned\n")
    #expect(try differences(before, capture.picture()) == [])
  }

  // MARK: Once a boot

  @Test func serialNumbersAreVerifiedOnceABoot() throws {
    let capture = try Self.declared()
    try capture.boot("one")
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try configReads(capture) == [], "verified as they were brought into place")
    try capture.boot("two")
    let first = try capture.hostdev("apply", "--json")
    #expect(try first.json["verified"]?["functions"]?.int == 2, "\(first)")
    try capture.boot("three")
    #expect(try configReads(capture) == card, "the first run of a boot looks at what has a serial number")
    #expect(try configReads(capture) == [])
    #expect(try capture.hostdev("apply", "--json").json["verified"]?["functions"]?.int == 0)
    // A pin that was changed is looked at anew.
    try capture.edit("card", "\"description\": null", "\"description\": \"x\"")
    #expect(try configReads(capture) == card)
  }

  @Test func aCardThatTookItsPlaceSinceIsSeen() throws {
    let capture = try Self.declared()
    try capture.boot("one")
    #expect(try capture.hostdev("apply").status == 0)
    // Re-plugged: the kernel makes the function's folder anew. Here by a copy, which has another number.
    let folder = capture.path + "/sys/devices/pci0000:00/0000:00:01.0/\(card[0])"
    for words in [["cp", "-a", folder, folder + ".new"], ["rm", "-rf", folder], ["mv", folder + ".new", folder]] {
      #expect(try Command.run(["/bin/\(words[0])"] + words.dropFirst()).status == 0)
    }
    try capture.setSerial(card[0], [1, 2, 3, 4, 5, 6, 7, 8])
    let ending = try capture.hostdev("apply", "--json")
    #expect(ending.status == 1, "\(ending)")
    #expect(try ending.json.pin("card")?.codes == ["identity-mismatch"])
  }

  @Test func aTornRecordIsNotBelieved() throws {
    let capture = try Self.declared()
    try capture.boot("one")
    #expect(try capture.hostdev("apply").status == 0)
    let record = try capture.text("/run/hostdev/verified")
    for text in ["", "x", String(record.prefix(60)), String(record.dropLast(7)), record.replacing("one", with: "two")] {
      try capture.file("/run/hostdev/verified", text)
      let ending = try capture.hostdev("apply", "--json")
      #expect(try ending.status == 0 && ending.json.pins.allSatisfy { $0.result == "in-place" }, "\(text): \(ending)")
    }
  }

  /// Functions whose `config` an `apply` opens; nothing of functions that are not pinned is opened at all.
  private func configReads(_ capture: Capture) throws -> [String] {
    let log = capture.path + "/trace"
    let ending = try Command.run(
      [
        "/usr/bin/strace", "-f", "-y", "-s", "4096", "-e", "trace=openat2,openat,open", "-o", log, Program.path,
        "apply",
        "--root", capture.path,
      ])
    #expect(ending.status == 0, "\(ending)")
    var opened: [String: Set<String>] = [:]
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      guard let match = line.firstMatch(of: /(?:<([^>]*)>, )?"([^"]*)"/) else { continue }
      let parts = "\(match.1 ?? "")/\(match.2)".split(separator: "/").map(String.init)
      guard let place = parts.lastIndex(where: { $0.contains(/^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/) })
      else { continue }
      opened[parts[place], default: []].formUnion(parts[(place + 1)...])
    }
    #expect(Set(opened.keys) == Set(card + [Self.thermal]), "no scan: \(opened.keys.sorted())")
    return opened.filter { $0.value.contains("config") }.keys.sorted()
  }

  // MARK: Killed

  @Test func killedAnywhereEachPinIsWhereItWasOrWhereItIsToGo() async throws {
    let tally = Tally("apply of two pins, killed")
    let kept = try Self.declared()
    let (before, done) = (try Self.places(kept), try Capture(copying: kept))
    #expect(try done.hostdev("apply").status == 0)
    let after = try Self.places(done)
    try await forEach(Array(1..<16)) { n in
      let killed = try Capture(copying: kept)
      let ending = try killed.hostdev("apply", environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
      if ending.status == 0 { return }
      #expect(ending.signal == SIGKILL, "\(ending)")
      for m in 1..<16 {
        let capture = try Capture(copying: killed)
        let name = "killed after write \(n), and in recovery after write \(m)"
        let first = try Self.recover(capture, environment: ["HOSTDEV_KILL_AFTER": "\(m)"])
        if first.signal == nil { #expect(first.status == 0, "\(name): \(first)") }
        if first.signal != nil {
          let second = try Self.recover(capture)
          #expect(second.status == 0, "\(name): \(second)")
        }
        #expect(try capture.interrupted() == [], "\(name)")
        let now = try Self.places(capture)
        for pin in [0..<2, 2..<3] {
          #expect(
            Array(now[pin]) == Array(before[pin]) || Array(now[pin]) == Array(after[pin]), "\(name): \(now)")
        }
        // And the next boot's run finishes what is declared.
        let again = try capture.hostdev("apply")
        #expect(again.status == 0, "\(name): \(again)")
        #expect(try Self.places(capture) == after, "\(name)")
        tally.count()
        if first.signal == nil { break }
      }
    }
    tally.report(atLeast: 30)
  }

  /// As long as the killed run's writer has not ended, recovery says so and changes nothing: on a busy machine that takes.
  private static func recover(_ capture: Capture, environment: [String: String] = [:]) throws -> Ending {
    for _ in 0..<20 {
      let ending = try capture.hostdev("recover", environment: environment)
      if ending.status != 4 { return ending }
    }
    return try capture.hostdev("recover", environment: environment)
  }
}
