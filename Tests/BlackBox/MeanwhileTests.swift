import Foundation
import KernelSimulator
import System
import Testing

/// Drivers that do not do as they are told, and others who do something between the check and a write.
@Suite struct MeanwhileTests {
  private func bound() throws -> Capture {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    return capture
  }

  @Test func aDeferredProbeIsTriedAgainUntilItIsTaken() throws {
    let capture = try bound()
    try capture.fault(#"{"probes": {"xclmgmt": {"errno": "EAGAIN", "times": 3}}}"#)
    let ending = try capture.hostdev("release", "01:00")
    #expect(ending.status == 0, "\(ending)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  @Test func aProbeThatStaysDeferredIsPutBackAtTheDeadline() throws {
    let capture = try bound()
    let before = try capture.standing()
    try capture.fault(#"{"probes": {"xclmgmt": {"errno": "EAGAIN"}}}"#)
    let ending = try capture.hostdev("release", "--json", "--timeout", "1", "01:00")
    #expect(ending.status == 2, "\(ending)")
    #expect(try ending.json["error"]?["errno"]?.text == "EAGAIN")
    #expect(try capture.standing() == before)
    #expect(try capture.interrupted().isEmpty)
  }

  @Test(arguments: ["EIO", "ENOMEM", "ENODEV"])
  func aProbeThatFailsIsPutBack(errno: String) throws {
    let capture = try bound()
    let before = try capture.standing()
    try capture.fault(#"{"probes": {"xocl": {"errno": "\#(errno)"}}}"#)
    let ending = try capture.hostdev("release", "--json", "01:00")
    #expect(ending.status == 2, "\(ending)")
    #expect(try ending.json["error"]?["errno"]?.text == errno)
    #expect(try capture.standing() == before)
  }

  /// The module goes with the functions idle on it: they are unbound, which is what a release wants of them.
  @Test func aReleaseAfterTheModuleWasUnloadedFindsTheWayHome() throws {
    let capture = try bound()
    try SimulatedSysfs(root: try Root(capture.path), clock: .system).unloadModule("vfio-pci")
    #expect(card.allSatisfy { capture.driver($0) == nil })
    let ending = try capture.hostdev("release", "01:00")
    #expect(ending.status == 0, "\(ending)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  @Test func aModuleUnloadedBeforeAnUnbindIsNoFailureOfTheRelease() throws {
    let capture = try bound()
    let run = try capture.start(
      "release", "01:00", environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "3:\(capture.path)/go"])
    try wait { run.saidOnErrors().contains("paused before write 3") }
    try SimulatedSysfs(root: try Root(capture.path), clock: .system).unloadModule("vfio-pci")
    try capture.file("/go", "")
    let ending = try run.finish()
    #expect(ending.status == 0, "\(ending)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  /// A sibling of the group that had no driver when it was checked.
  @Test func aSiblingThatIsBoundMeanwhileKeepsTheGroupShutAndAllIsPutBack() throws {
    let functions = ["0000:01:00.0", "0000:01:00.1"]
    for number in 1...3 {
      let capture = try Capture("lab-card")
      let stranger = SimulatedSysfs(root: try Root(capture.path), clock: .system)
      try stranger.write(Array(functions[1].utf8), to: "/sys/bus/pci/drivers/e1000e/unbind")
      let run = try capture.start(
        "bind", "--json", "--force=slot-incomplete", functions[0],
        environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "\(number):\(capture.path)/go"])
      try wait { run.saidOnErrors().contains("paused before write \(number)") }
      try stranger.write(Array(functions[1].utf8), to: "/sys/bus/pci/drivers/e1000e/bind")
      try capture.file("/go", "")
      let ending = try run.finish()
      // Before the first write the host is looked at once more, and then it is refused; later the kernel has its say.
      #expect(ending.status == (number == 1 ? 1 : 2), "\(ending)")
      if number == 1 {
        #expect(try ending.json["findings"]?.list?.first?["code"]?.text == "group-blocked", "\(ending)")
      } else {
        #expect(
          try ending.json["error"]?["operation"]?.text?.contains("\(functions[1]) on e1000e") == true, "\(ending)")
      }
      #expect(try capture.places(functions) == functions.map { "\($0): e1000e (null)" })
      #expect(try capture.interrupted().isEmpty)
    }
  }

  /// Until it is so, a minute at most.
  private func wait(_ condition: () throws -> Bool) throws {
    for _ in 0..<6000 where try !condition() { usleep(10_000) }
    #expect(try condition())
  }
}
