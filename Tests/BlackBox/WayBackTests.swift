import Foundation
import Testing

/// A release is as careful as a bind: it wakes the function, and gives a host driver none that does not answer.
@Suite struct WayBackTests {
  private let disk = "0000:04:00.0"
  private var folder: String { Capture.folder(disk) }
  private let dead = [UInt8](repeating: 0xff, count: 256)

  /// On vfio-pci, where it sleeps while no guest has it, as a real one does.
  private func held(_ state: String = "D3hot") throws -> Capture {
    let capture = try Capture("nvme-root")
    #expect(try capture.hostdev("bind", disk).status == 0)
    try capture.file(folder + "/power_state", state + "\n")
    try capture.file(folder + "/power/control", "auto\n")
    return capture
  }

  private func plan(_ capture: Capture) throws -> [String] {
    let ending = try capture.hostdev("release", disk, "--dry-run")
    #expect(ending.status == 0, "\(ending)")
    return ending.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  @Test(arguments: ["D3hot", "D3cold"])
  func itIsWokenAndMustAnswerBeforeAndAfterItsReset(_ state: String) throws {
    let capture = try held(state)
    let lines = try plan(capture)
    let answer = "[ \"$(od -An -tx1 -N4 \(folder)/config | tr -d ' ')\" = 4d1408a8 ]"
    #expect(Array(lines[1...2]) == ["printf %s on > \(folder)/power/control", answer])
    let reset = try #require(lines.firstIndex { $0.contains("\(folder)/reset") })
    let bind = try #require(lines.firstIndex { $0.hasSuffix("nvme/bind") })
    #expect(lines[reset..<bind].contains(answer))
    #expect(try capture.hostdev("release", disk).status == 0)
    #expect(capture.driver(disk) == "nvme")
  }

  @Test func oneThatIsAwakeIsNotWoken() throws {
    let capture = try held("D0")
    #expect(try plan(capture).allSatisfy { !$0.contains("power/control") })
    #expect(try capture.hostdev("release", disk).status == 0)
  }

  @Test func oneThatReadsAllOnesIsRefused() throws {
    let capture = try held()
    try capture.file(folder + "/config", dead)
    let before = try capture.standing()
    let ending = try capture.hostdev("release", disk, "--json")
    #expect(ending.status == 1, "\(ending)")
    #expect(try ending.json.errorCodes == ["dead"])
    let remedy = try #require(try ending.json.findings.first { $0["code"]?.text == "dead" }?["remedy"]?.text)
    for word in ["\(folder)/reset", "\(folder)/remove", "/sys/bus/pci/rescan", "power"] {
      #expect(remedy.contains(word))
    }
    #expect(try differences(before, capture.standing()) == [])
  }

  /// In D3cold only waking it shows that.
  @Test func oneThatDoesNotWakeStaysOnVFIO() throws {
    let capture = try held("D3cold")
    try capture.file(folder + "/config", dead)
    let ending = try capture.hostdev("release", disk, "--json")
    #expect(ending.status == 2, "\(ending)")
    #expect(try ending.json["error"]?["path"]?.text == folder + "/config")
    #expect(try ending.json["error"]?["next"]?.text?.contains("/sys/bus/pci/rescan") == true)
    #expect(capture.driver(disk) == "vfio-pci")
    #expect(try capture.text(folder + "/power/control") == "auto\n")
    #expect(try capture.hostdev("status", "--json").json["held"]?.list?.count != 0)
  }

  @Test func killedAfterAnyWriteItIsFinished() throws {
    let writes = try plan(held()).filter { $0.hasPrefix("printf") }.count
    for n in 1...writes {
      let capture = try held()
      _ = try capture.hostdev("release", disk, environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
      // A driver sets this as it comes.
      try capture.file(folder + "/power/control", "auto\n")
      let ending = try capture.hostdev("recover")
      #expect(ending.status == 0, "after \(n): \(ending)")
      #expect(capture.driver(disk) == "nvme", "after \(n)")
    }
  }

  @Test func recoveryGivesADeadOneToNoDriver() throws {
    let capture = try held()
    _ = try capture.hostdev("release", disk, environment: ["HOSTDEV_KILL_AFTER": "2"])
    try capture.file(folder + "/config", dead)
    let ending = try capture.hostdev("recover")
    #expect(ending.status == 3, "\(ending)")
    #expect(capture.driver(disk) != "nvme")
  }
}
