import Foundation
import Testing

/// A function that sleeps is woken before anything is taken from it, must answer, and may sleep again.
@Suite struct SleepTests {
  private let disk = "0000:04:00.0"
  private var folder: String { Capture.folder(disk) }

  private func asleep(_ state: String = "D3cold", control: String = "auto") throws -> Capture {
    let capture = try Capture("nvme-root")
    try capture.file(folder + "/power_state", state + "\n")
    try capture.file(folder + "/power/control", control + "\n")
    try capture.file(folder + "/power/runtime_status", "suspended\n")
    return capture
  }

  private func plan(_ capture: Capture, _ words: String...) throws -> [String] {
    let ending = try capture.run(words + ["--dry-run"])
    #expect(ending.status == 0, "\(ending)")
    return ending.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  @Test(arguments: ["D3cold", "D3hot"])
  func itIsWokenFirstAndMaySleepAgain(_ state: String) throws {
    let capture = try asleep(state)
    let lines = try plan(capture, "bind", disk)
    #expect(lines[2] == "printf %s on > \(folder)/power/control")
    #expect(lines[3] == "[ \"$(od -An -tx1 -N4 \(folder)/config | tr -d ' ')\" = 4d1408a8 ]")
    #expect(lines.last == "printf %s auto > \(folder)/power/control")
    #expect(try capture.hostdev("bind", disk).status == 0)
    #expect(capture.driver(disk) == "vfio-pci")
    #expect(try capture.text(folder + "/power/control") == "auto\n")
    // The driver of the host sets it as it comes; what it was is put back.
    try capture.file(folder + "/power/control", "on\n")
    #expect(try capture.hostdev("release", disk).status == 0)
    #expect(capture.driver(disk) == "nvme")
    #expect(try capture.text(folder + "/power/control") == "auto\n")
  }

  @Test func checkWakesNothing() throws {
    let capture = try asleep()
    let before = try capture.picture()
    let (_, json) = try (capture.hostdev("check", disk), capture.hostdev("check", disk, "--json").json)
    #expect(json.codes.contains("d3cold") && json.errorCodes.isEmpty)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func whatIsAwakeOrMayNotSleepIsLeftAlone() throws {
    for capture in try [asleep("D0"), asleep("D3hot", control: "on")] {
      #expect(try plan(capture, "bind", disk).allSatisfy { !$0.contains("power/control") })
    }
  }

  @Test func oneThatDoesNotAnswerStaysWithTheHost() throws {
    let capture = try asleep()
    try capture.file(folder + "/config", [UInt8](repeating: 0xff, count: 256))
    let before = try capture.standing()
    let ending = try capture.hostdev("bind", disk, "--json")
    #expect(ending.status == 2, "\(ending)")
    let error = try #require(try ending.json["error"])
    #expect(error["path"]?.text == folder + "/config")
    #expect(error["operation"]?.text?.contains("all ones") == true && error["errno"]?.text == "EIO")
    #expect(try ending.json["outcome"]?["result"]?.text == "rolled-back")
    #expect(capture.driver(disk) == "nvme")
    #expect(try capture.text(folder + "/power/control") == "auto\n")
    #expect(try differences(before, capture.standing()).allSatisfy { $0.contains("power") })
  }

  @Test func killedAfterAnyWriteItMaySleepAgain() throws {
    let writes = try plan(asleep(), "bind", disk).filter { $0.hasPrefix("printf") }.count
    for n in 1...writes {
      let capture = try asleep()
      _ = try capture.hostdev("bind", disk, environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
      let ending = try capture.hostdev("recover")
      #expect(ending.status == 0, "after \(n): \(ending)")
      #expect(capture.driver(disk) == (n == writes ? "vfio-pci" : "nvme"), "after \(n)")
      #expect(try capture.text(folder + "/power/control") == "auto\n", "after \(n)")
    }
  }

  @Test func aReleaseResetsWhatHasAResetOfItsOwn() throws {
    let capture = try Capture("nvme-root")
    #expect(try capture.hostdev("bind", disk).status == 0)
    let lines = try plan(capture, "release", disk)
    let reset = try #require(lines.firstIndex(of: "printf %s 1 > \(folder)/reset || true"))
    let unbind = try #require(lines.firstIndex { $0.hasSuffix("vfio-pci/unbind") })
    let bind = try #require(lines.firstIndex { $0.hasSuffix("nvme/bind") })
    #expect(unbind < reset && reset < bind)
    // No reset if the function gets no driver, or if the reset would reach others.
    #expect(try plan(capture, "release", "--leave-unbound", disk).allSatisfy { !$0.contains("/reset") })
    let card = try Capture()
    #expect(try card.hostdev("bind", "01:00").status == 0)
    #expect(try plan(card, "release", "01:00").allSatisfy { !$0.contains("/reset") })
  }

  @Test func aResetThatFailsKeepsNobodyFromGoingHome() throws {
    let capture = try Capture("nvme-root")
    #expect(try capture.hostdev("bind", disk).status == 0)
    try capture.file(
      "/run/hostdev-simulator/faults.json",
      "{\"writes\": [{\"path\": \"\(folder)/reset\", \"errno\": \"ENOTTY\"}]}")
    let ending = try capture.hostdev("release", disk)
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.errors.contains("did not reset it (ENOTTY)"), "\(ending)")
    #expect(capture.driver(disk) == "nvme")
    // Requested by itself it is a failure.
    #expect(try capture.hostdev("bind", disk).status == 0)
    #expect(try capture.hostdev("reset", disk).status == 2)
  }
}
