import Foundation
import Testing

/// A function that a process holds: its unbind does not come back.
@Suite struct HeldTests {
  private static let holders = "/run/hostdev-simulator/holders"

  private func held(_ address: String) throws -> Capture {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    try capture.file("\(Self.holders)/\(address)", "")
    return capture
  }

  @Test func aReleaseThatDoesNotComeBackIsExitFourInTime() throws {
    for address in card {
      let capture = try held(address)
      let ending = try capture.hostdev("release", "--json", "--timeout", "1", "01:00")
      #expect(ending.status == 4, "\(ending)")
      #expect(ending.seconds < 2, "the shell is back within the timeout and a second: \(ending.seconds)")
      let error = try #require(try ending.json["error"])
      #expect(error["status"]?.int == 4 && error["path"]?.text == "/sys/bus/pci/drivers/vfio-pci/unbind", "\(error)")
      #expect(error["operation"]?.text?.contains(address) == true, "\(error)")
      #expect(error["state"]?.text?.contains("pending") == true && error["state"]?.text?.contains("hold") == true)
      #expect(error["next"]?.text?.contains("hostdev recover") == true, "\(error)")
      #expect(try ending.json["outcome"]?["result"]?.text == "timeout")
      // The other one is as it was.
      let other = try #require(card.first { $0 != address })
      #expect(try capture.places([other]) == ["\(other): vfio-pci vfio-pci"])
      let left = try capture.interrupted()
      #expect(left.count == 1 && left.first?["pending"]?["pid"]?.int != nil, "\(left)")
      #expect(left.first?["pending"]?["path"]?.text == "/sys/bus/pci/drivers/vfio-pci/unbind")
    }
  }

  @Test func aWriteThatTakesLongIsReportedMeanwhile() throws {
    let capture = try Capture()
    try capture.fault(#"{"nth": {"3": {"milliseconds": 3600}}}"#)
    let slow = try capture.hostdev("bind", "--timeout", "20", "01:00")
    #expect(slow.status == 0, "\(slow)")
    #expect(slow.errors.contains("no answer from the kernel for 3 of 20 s"), "\(slow)")
    #expect(slow.errors.split(separator: "\n").count == 1, "once: \(slow)")
    // The control: a write that answers in time is not mentioned.
    #expect(try capture.hostdev("release", "01:00").errors == "")
  }

  @Test func theRestCanStillBeWorkedWith() throws {
    let capture = try held(card[0])
    #expect(try capture.hostdev("release", "--timeout", "1", "01:00").status == 4)
    for words in [["list", "--all"], ["status"], ["show", "02:00.0"], ["check", "00:04.0"]] {
      let ending = try capture.run(words, seconds: 10)
      #expect(ending.status == 0, "\(ending)")
      #expect(ending.seconds < 3)
    }
    let bound = try capture.hostdev("bind", "00:04.0", seconds: 10)
    #expect(bound.status == 0, "\(bound)")
    #expect(try capture.hostdev("release", "00:04.0", seconds: 10).status == 0)
    // What is pending is not touched.
    for words in [
      ["bind", "01:00"], ["release", "01:00.1"], ["check", "01:00"], ["bind", "01:00.0", "--force=slot-incomplete"],
    ] {
      let ending = try capture.run(words, seconds: 10)
      #expect(ending.status == 1, "\(ending)")
      #expect(ending.output.contains("process"), "which one: \(ending)")
    }
    let recovered = try capture.hostdev("recover", seconds: 10)
    #expect(recovered.status == 4, "\(recovered)")
    #expect(recovered.output.contains("still pending"), "\(recovered)")
  }

  @Test func whenTheHolderGoesRecoverCompletes() throws {
    for address in card {
      let capture = try held(address)
      let writer = try {
        #expect(try capture.hostdev("release", "--timeout", "1", "01:00").status == 4)
        return try #require(try capture.interrupted().first?["pending"]?["pid"]?.int)
      }()
      // The writer gets no signal. It is still there, and answers when the guest closes the function.
      #expect(kill(pid_t(writer), 0) == 0)
      try capture.remove("\(Self.holders)/\(address)")
      let recovered = try capture.hostdev("recover", "--json")
      #expect(recovered.status == 0, "\(recovered)")
      #expect(try recovered.json["recovered"]?.list?.first?["result"]?.text == "finished")
      #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
      let status = try capture.hostdev("status", "--json").json
      #expect(status["held"] == .list([]) && status["interrupted"] == .list([]))
    }
  }

  @Test func aTimeoutWantsSeconds() throws {
    let capture = try Capture()
    for word in ["0", "-1", "x", "1e9", "nan", "inf"] {
      #expect(try capture.hostdev("bind", "--timeout=\(word)", "01:00").status == 64, "\(word)")
      if word != "0" { #expect(try capture.hostdev("bind", "--wait=\(word)", "01:00").status == 64, "\(word)") }
    }
  }

  @Test func aSlowWriteWithinItsTimeIsNoFailure() throws {
    let capture = try Capture()
    try capture.fault(#"{"nth": {"3": {"milliseconds": 700}}}"#)
    #expect(try capture.hostdev("bind", "--timeout", "20", "01:00").status == 0)
  }

  @Test func aSlowWriteBeyondItsTimeIsPendingAndThenRecovered() throws {
    let capture = try Capture()
    let before = try capture.standing()
    try capture.fault(#"{"nth": {"3": {"milliseconds": 2500}}}"#)
    let ending = try capture.hostdev("bind", "--timeout", "1", "01:00")
    #expect(ending.status == 4, "\(ending)")
    #expect(ending.seconds < 2, "\(ending.seconds)")
    try waitUntil("the write has returned and all is put back") { try capture.hostdev("recover").status == 0 }
    #expect(try differences(before, capture.standing()) == [])
  }
}
