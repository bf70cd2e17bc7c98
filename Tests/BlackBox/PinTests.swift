import Foundation
import Glibc
import Testing

/// `pin`, `unpin`, `pins` and the selector `pin:NAME`.
@Suite struct PinTests {
  // MARK: Declaring

  @Test func aPinSaysWhoTheCardIs() throws {
    let capture = try Capture()
    let before = try capture.picture()
    let ending = try capture.hostdev("pin", "card", "01:00", "--description", "for the \"build\" guest")
    #expect(ending.status == 0 && ending.output.contains("hostdev apply card"), "\(ending)")
    let file = try JSON(parsing: capture.text(Capture.pin("card")))
    #expect(file["version"]?.int == 1 && file["driver"]?.text == "vfio-pci" && file["match"]?.text == "path")
    #expect(file["description"]?.text == "for the \"build\" guest" && file["follow"]?.bool == false)
    let functions = try #require(file["functions"]?.list)
    #expect(functions.map { $0["address"]?.text } == card)
    #expect(functions.map { $0["path"]?.text } == ["0000:00/01.0/00.0", "0000:00/01.0/00.1"])
    #expect(functions.map { $0["vendor_id"]?.text } == ["0x10ee", "0x10ee"])
    #expect(functions.map { $0["device_id"]?.text } == ["0x5000", "0x5001"])
    #expect(functions.allSatisfy { $0["subsystem_device_id"]?.text == "0x000e" && $0["class"]?.text == "0x120000" })
    #expect(functions.allSatisfy { $0["serial_number"]?.text == "00-0a-35-ff-ff-00-00-01" })
    #expect(file["pinned"]?["at"]?.text?.hasSuffix("Z") == true)
    // 0644, whatever the umask, and nothing but the file is new.
    var status = stat()
    #expect(stat(capture.path + Capture.pin("card"), &status) == 0 && status.st_mode & 0o777 == 0o644)
    let changed = try differences(before, capture.picture()).map { $0.prefix { $0 != ":" } }
    #expect(changed == ["/etc/hostdev", "/etc/hostdev/pins.d", "/etc/hostdev/pins.d/card.json"])
    #expect(capture.driver(card[0]) == "xclmgmt")
  }

  @Test func theEvidenceOfTheDayIsKept() throws {
    let capture = try Capture()
    let refused = try capture.hostdev("pin", "half", "01:00.0")
    #expect(refused.status == 1 && refused.output.contains("slot-incomplete"), "\(refused)")
    #expect(!capture.exists(Capture.pin("half")))
    #expect(try capture.hostdev("pin", "half", "01:00.0", "--force=slot-incomplete").status == 0)
    let file = try JSON(parsing: capture.text(Capture.pin("half")))
    #expect(file["force"]?.texts == ["slot-incomplete"])
    let finding = try #require(file["pinned"]?["findings"]?.list?.first)
    #expect(finding["code"]?.text == "slot-incomplete" && finding["evidence"]?.list?.isEmpty == false)
    // What was overruled then is overruled at every boot, or the pin would never be in place.
    let applied = try capture.hostdev("apply")
    #expect(applied.status == 0 && capture.driver(card[0]) == "vfio-pci", "\(applied)")
    #expect(capture.driver(card[1]) == "xocl")
  }

  @Test func wholeAddsWhatMustComeAlong() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00.0", "--whole").status == 0)
    #expect(try JSON(parsing: capture.text(Capture.pin("card")))["functions"]?.list?.count == 2)
  }

  @Test func aDryRunPrintsWhatWouldBeWritten() throws {
    let capture = try Capture()
    let dry = try capture.hostdev("pin", "card", "01:00", "--dry-run")
    #expect(dry.status == 0 && !capture.exists("/etc/hostdev") && !capture.exists("/run/hostdev"), "\(dry)")
    // The lines are for sh: run below the capture they write the file that the command writes.
    let script = dry.output.replacing("/etc/", with: capture.path + "/etc/")
    #expect(try Command.run(["/bin/sh", "-c", script]).status == 0)
    let byHand = try JSON(parsing: capture.text(Capture.pin("card")))
    #expect(try capture.hostdev("pin", "card", "01:00", "--replace").status == 0)
    let written = try JSON(parsing: capture.text(Capture.pin("card")))
    #expect(byHand["functions"] == written["functions"] && byHand.keys == written.keys)
    let json = try capture.hostdev("pin", "other", "02:00.0", "--force=root-storage", "--dry-run", "--json")
    if json.status == 0 {
      #expect(try json.json["plan"]?.list?.first?["path"]?.text == Capture.pin("other"))
    }
  }

  @Test(
    arguments: [
      (["pin", ".x", "01:00"], 64), (["pin", "a/b", "01:00"], 64), (["pin", "card", "01:00", "--match", "name"], 64),
      (["pin", "card", "07:00"], 66), (["pin", "card"], 64), (["pin", "card", "01:00", "--driver", "xclmgmt"], 64),
      (["unpin", "nosuch"], 0), (["pins", "nosuch"], 66), (["apply", "nosuch"], 66), (["list", "pin:nosuch"], 66),
      (["pin", "card", "00:01.0"], 1),
    ] as [([String], Int32)])
  func aMistakeChangesNothing(words: [String], status: Int32) throws {
    let capture = try Capture()
    let before = try capture.picture()
    let ending = try capture.run(words)
    #expect(ending.status == status, "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func aNameIsTakenOnceAndAFunctionToo() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let again = try capture.hostdev("pin", "card", "01:00", "--follow")
    #expect(again.status == 64 && again.errors.contains("--replace"), "\(again)")
    #expect(try capture.hostdev("pin", "card", "01:00", "--follow", "--replace").status == 0)
    let other = try capture.hostdev("pin", "other", "01:00")
    #expect(other.status == 64 && other.errors.contains("card"), "\(other)")
    #expect(capture.names(Capture.pins) == ["card.json"])
  }

  @Test func theNearestNameIsTold() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let ending = try capture.hostdev("check", "pin:crad", "--json")
    #expect(try ending.status == 66 && ending.json["error"]?["next"]?.text?.contains("card") == true, "\(ending)")
  }

  @Test func theSelectorNamesWhatThePinResolvesTo() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("list", "pin:card", "--json").json.devices.map { $0["address"]?.text } == card)
    let bound = try capture.hostdev("bind", "pin:card")
    #expect(bound.status == 0 && card.allSatisfy { capture.driver($0) == "vfio-pci" }, "\(bound)")
    #expect(try capture.hostdev("release", "pin:card").status == 0)
  }

  // MARK: Withdrawing

  @Test func unpinWithdraws() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("unpin", "nosuch").status == 0)
    #expect(capture.names(Capture.pins) == ["card.json"])
    #expect(try capture.hostdev("unpin", "card", "--dry-run").output == "rm /etc/hostdev/pins.d/card.json\n")
    #expect(capture.names(Capture.pins) == ["card.json"])
    #expect(try capture.hostdev("unpin", "card").status == 0)
    #expect(capture.names(Capture.pins) == [])
    #expect(try capture.hostdev("pins").output == "nothing is pinned\n")
  }

  @Test func whatAPinBroughtIsStillHeldAndPrunedOnRequest() throws {
    let capture = try Capture()
    let before = try capture.picture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("apply").status == 0)
    let withdrawn = try capture.hostdev("unpin", "card")
    #expect(withdrawn.output.contains("--prune") && withdrawn.output.contains(card[1]), "\(withdrawn)")
    #expect(try capture.hostdev("apply").status == 0 && capture.driver(card[0]) == "vfio-pci")
    let pruned = try capture.hostdev("apply", "--prune", "--json")
    #expect(pruned.status == 0, "\(pruned)")
    #expect(try pruned.json["pruned"]?.list?.first?.addresses == card)
    try capture.remove("/etc/hostdev")
    #expect(try differences(before, capture.picture()) == [])
    #expect(capture.names("/run/hostdev/held") == [])
  }

  @Test func whatWasBoundByHandIsNotPruned() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("apply", "--prune").status == 0)
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
  }

  @Test func whatABrokenFileMayStillDeclareIsNotPruned() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("apply").status == 0)
    try capture.edit("card", "\"follow\"", "\"follows\"")
    #expect(try capture.hostdev("apply", "--prune").status == 65)
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
    // A card that is out, or in doubt, keeps what it had as well.
    try capture.edit("card", "\"follows\"", "\"follow\"")
    try capture.setSerial(card[0], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try capture.hostdev("apply", "--prune").status == 1)
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
  }

  // MARK: Showing

  @Test func pinsShowsWhatIsDeclaredAgainstWhatIs() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pins", "--check").status == 0, "nothing declared is nothing out of place")
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let off = try capture.hostdev("pins", "--check", "--json")
    #expect(off.status == 1)
    let pin = try #require(try off.json.pin("card"))
    #expect(pin["in_place"]?.bool == false && pin["identity"]?.text == "in-place")
    #expect(pin["functions"]?.list?.map { $0["driver"]?.text } == ["xclmgmt", "xocl"])
    #expect(pin["functions"]?.list?.allSatisfy { $0["wanted_driver"]?.text == "vfio-pci" } == true)
    #expect(try capture.hostdev("pins").status == 0)
    #expect(try capture.hostdev("apply").status == 0)
    let lines = try capture.hostdev("pins", "--check").lines
    #expect(lines.count == 3 && lines[1].hasSuffix("in place") && lines[2].hasSuffix("in place"), "\(lines)")
  }

  // MARK: Whose word it is

  @Test(
    arguments: [
      ("/etc/hostdev/pins.d/card.json", 0o666), ("/etc/hostdev/pins.d/card.json", 0o664),
      ("/etc/hostdev/pins.d", 0o777), ("/etc/hostdev", 0o775), ("/etc", 0o777),
    ] as [(String, mode_t)])
  func whatOthersMayWriteIsNotBelieved(path: String, mode: mode_t) throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try capture.chmod(path, mode)
    for words in [["apply"], ["pins", "--check"], ["apply", "card"], ["check", "pin:card"]] {
      let ending = try capture.run(words + ["--json"])
      #expect(ending.status == 65, "\(ending)")
      #expect(try ending.json["error"]?["path"]?.text == path, "\(ending)")
    }
    #expect(card.map { capture.driver($0) } == ["xclmgmt", "xocl"])
    // Nor is anything written there, if it is a folder.
    if !path.hasSuffix(".json") { #expect(try capture.hostdev("pin", "other", "00:04.0").status == 65) }
  }

  @Test func aLinkIsNoPin() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    _ = try Command.run(
      ["/bin/mv", capture.path + Capture.pin("card"), capture.path + "/etc/elsewhere.json"])
    try capture.link(Capture.pin("card"), to: "/etc/elsewhere.json")
    #expect(try capture.hostdev("apply").status == 65)
    #expect(capture.driver(card[0]) == "xclmgmt")
  }

  @Test func anotherUsersFileIsNotBelieved() throws {
    guard geteuid() == 0 else { return }
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(chown(capture.path + Capture.pin("card"), 12345, 12345) == 0)
    let ending = try capture.hostdev("apply")
    #expect(ending.status == 65 && ending.errors.contains("12345"), "\(ending)")
    #expect(capture.driver(card[0]) == "xclmgmt")
  }
}
