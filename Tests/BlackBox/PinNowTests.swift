import Foundation
import Testing

/// `pin --now` and `import --write --now`: declared and bound, or neither.
@Suite struct PinNowTests {
  @Test func itIsDeclaredAndBound() throws {
    let capture = try Capture()
    let ending = try capture.hostdev("pin", "card", "01:00", "--now")
    #expect(ending.status == 0 && ending.output.contains("is on vfio-pci (was on xclmgmt)"), "\(ending)")
    #expect(card.map { capture.driver($0) } == ["vfio-pci", "vfio-pci"])
    #expect(try capture.hostdev("pins", "--check").status == 0)
    let held = try capture.hostdev("status", "--json").json["held"]?.list ?? []
    #expect(held.map { $0["pin"]?.text } == ["card", "card"])
    // Once more: in place, be a guest using it or not.
    let again = try capture.hostdev("pin", "card", "01:00", "--now")
    #expect(again.status == 0 && again.output.contains("in place"), "\(again)")
  }

  @Test func aDryRunShowsBoth() throws {
    let capture = try Capture()
    let before = try capture.picture(including: true)
    let ending = try capture.hostdev("pin", "card", "01:00", "--now", "--dry-run")
    #expect(ending.status == 0 && ending.output.contains("pins.d/card.json"), "\(ending)")
    #expect(ending.output.contains("/sys/bus/pci/drivers/vfio-pci/bind"), "\(ending)")
    #expect(try differences(before, capture.picture(including: true)) == [])
  }

  @Test func whatCannotBeBoundIsNotDeclared() throws {
    let capture = try Capture()
    let before = try capture.standing()
    try capture.fault(#"{"nth": {"3": {"errno": "EIO"}}}"#)
    let ending = try capture.hostdev("pin", "card", "01:00", "--now")
    #expect(ending.status == 2 && ending.output.contains("Pin card was withdrawn"), "\(ending)")
    #expect(!capture.exists(Capture.pin("card")))
    try capture.withoutFaults()
    #expect(try differences(before, capture.standing()) == [])
  }

  @Test func theEarlierDeclarationComesBack() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let text = try capture.text(Capture.pin("card"))
    try capture.fault(#"{"nth": {"3": {"errno": "EIO"}}}"#)
    let ending = try capture.hostdev("pin", "card", "01:00", "--follow", "--replace", "--now", "--json")
    #expect(ending.status == 2, "\(ending)")
    #expect(try ending.json["pinned"]?.bool == true && ending.json["changed"]?.bool == false)
    #expect(try capture.text(Capture.pin("card")) == text)
    // One that stood before stands after.
    try capture.withoutFaults()
    try capture.fault(#"{"nth": {"3": {"errno": "EIO"}}}"#)
    let same = try capture.hostdev("pin", "card", "01:00", "--now")
    #expect(same.status == 2 && same.output.contains("stays declared"), "\(same)")
    #expect(try capture.text(Capture.pin("card")) == text)
  }

  /// The declaration comes first, so that what the journal is about is known: recover undoes the move, and says what stands.
  @Test func whatIsKilledIsUndoneAndStaysDeclared() throws {
    let capture = try Capture()
    let killed = try capture.run(["pin", "card", "01:00", "--now"], environment: ["HOSTDEV_KILL_AFTER": "3"])
    #expect(killed.signal == SIGKILL, "\(killed)")
    let ending = try capture.hostdev("recover")
    #expect(ending.status == 0 && ending.output.contains("hostdev unpin card"), "\(ending)")
    #expect(capture.exists(Capture.pin("card")) && capture.driver(card[0]) == "xclmgmt")
  }

  @Test func whatIsRefusedIsNeither() throws {
    let capture = try Capture()
    let ending = try capture.hostdev("pin", "half", "01:00.0", "--now")
    #expect(ending.status == 1 && !capture.exists("/etc/hostdev"), "\(ending)")
    #expect(capture.driver(card[0]) == "xclmgmt")
    for words in [["pin", "a", "01:00", "--timeout", "5"], ["import", "--now"], ["import", "--update-initramfs"]] {
      #expect(try capture.run(words).status == 64, "\(words)")
    }
  }

  @Test func virtualFunctionsToo() throws {
    let capture = try Capture("nic-vfs")
    let ending = try capture.hostdev("pin", "vfs", "01:00.1", "--vfs", "2", "--bind", "--now")
    #expect(ending.status == 0 && ending.output.contains("has 2 VFs"), "\(ending)")
    #expect(try capture.hostdev("pins", "--check").status == 0)
  }

  @Test func anImportToo() throws {
    let capture = try Capture("alveo-grub")
    #expect(try capture.hostdev("release", "01:00").status == 0)
    let ending = try capture.hostdev("import", "--write", "--now")
    #expect(ending.status == 0 && ending.output.contains("is on vfio-pci"), "\(ending)")
    #expect(try capture.hostdev("pins", "--check").status == 0)
    let failing = try Capture("alveo-grub")
    #expect(try failing.hostdev("release", "01:00").status == 0)
    try failing.fault(#"{"nth": {"6": {"errno": "EIO"}}}"#)
    let failed = try failing.hostdev("import", "--write", "--now")
    #expect(failed.status == 2 && failed.output.contains("was withdrawn"), "\(failed)")
    #expect(failing.names("/etc/hostdev/pins.d").isEmpty)
  }
}
