import Foundation
import Testing

/// What is declared already is not declared anew, and what is not declared need not be withdrawn.
@Suite struct PinAgainTests {
  @Test(arguments: [[], ["--replace"]]) func nothingIsTouched(more: [String]) throws {
    let capture = try Capture()
    let words = ["pin", "card", "01:00", "--description", "for the build"]
    #expect(try capture.run(words).status == 0)
    let before = try capture.stamps()
    for _ in 1...2 {
      let ending = try capture.run(words + more)
      #expect(ending.status == 0 && ending.output.contains("Unchanged."), "\(ending)")
    }
    #expect(try differences(before, capture.stamps()) == [])
  }

  /// A guest has the card, so that `check` refuses it, and what was overruled is found no more.
  @Test func inPlaceItIsTheSame() throws {
    let capture = try Capture()
    let words = ["pin", "half", "01:00.0", "--force=slot-incomplete"]
    #expect(try capture.run(words).status == 0)
    #expect(try capture.hostdev("apply").status == 0)
    let before = try capture.stamps()
    let ending = try capture.run(words)
    #expect(ending.status == 0 && ending.output.contains("Unchanged."), "\(ending)")
    #expect(try differences(before, capture.stamps()) == [])
  }

  @Test func anotherContentIsNotTheSame() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let text = try capture.text(Capture.pin("card"))
    for more in [["--description", "x"], ["--follow"], ["--match", "ids"], ["--driver", "pci-stub"]] {
      let ending = try capture.run(["pin", "card", "01:00"] + more)
      #expect(ending.status == 64 || ending.status == 1, "\(ending)")
    }
    #expect(try capture.hostdev("pin", "card", "00:04.0").status == 64)
    #expect(try capture.text(Capture.pin("card")) == text)
    #expect(try capture.hostdev("pin", "card", "01:00", "--follow", "--replace").status == 0)
    #expect(try capture.text(Capture.pin("card")) != text)
  }

  @Test func whatIsNotPinnedIsUnchanged() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let ending = try capture.hostdev("unpin", "crad", "other")
    #expect(ending.status == 0 && ending.lines.allSatisfy { $0.hasSuffix("Unchanged.") }, "\(ending)")
    #expect(ending.output.contains("The nearest name is card.") && capture.exists(Capture.pin("card")), "\(ending)")
    let both = try capture.hostdev("unpin", "other", "card", "--json").json
    #expect(both["unpinned"]?.texts == ["card"] && both["not_pinned"]?.texts == ["other"])
  }

  /// `release` takes the card out of a pin's hands until the next boot only.
  @Test func aReleaseSaysThatThePinStands() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00", "--now").status == 0)
    let ending = try capture.hostdev("release", "01:00")
    #expect(ending.status == 0 && ending.output.contains("hostdev unpin card"), "\(ending)")
    #expect(try capture.hostdev("release", "01:00", "--json").json["declared_by"]?.texts == ["card"])
    #expect(try capture.hostdev("release", "--dry-run", "01:00").lines.last?.hasPrefix("# Pin card ") == true)
    #expect(try capture.hostdev("unpin", "card").status == 0)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try !capture.hostdev("release", "01:00").output.contains("unpin"))
  }
}
