import Foundation
import Testing

/// What appears between the check and the first write, and what was overruled before it did.
@Suite struct AppearedTests {
  private let disk = "0000:04:00.0"

  private func hold(_ capture: Capture, _ pid: Int) throws {
    try capture.file("/proc/\(pid)/comm", "dd\n")
    try capture.folder("/proc/\(pid)/fd")
    try capture.link("/proc/\(pid)/fd/3", to: "/dev/nvme3")
  }

  @Test(arguments: [[], ["--force=held-open"]])
  func aHolderThatComesAfterTheCheckIsRefused(_ force: [String]) throws {
    let capture = try Capture("nvme-root")
    // A case with --force has a holder that it overrules.
    if !force.isEmpty { try hold(capture, 70) }
    let before = try capture.picture()
    let command = try paused(capture, ["bind", disk, "--json"] + force)
    try hold(capture, 71)
    try capture.file("/go", "")
    let ending = try command.finish()
    #expect(ending.status == 1, "\(ending)")
    let json = try ending.json
    #expect(json.errorCodes == ["held-open"])
    #expect(json["verdict"]?.text == "refused")
    #expect(json.finding("held-open")?["message"]?.text?.contains("pid 71") == true)
    #expect(json["outcome"]?["result"]?.text == "refused")
    #expect(try capture.interrupted().isEmpty)
    try capture.remove("/go")
    try capture.remove("/proc/71")
    #expect(try differences(before, capture.picture()).filter { !$0.contains("/proc/71") } == [])
    // The same one, known from the start, goes through with the same words.
    if !force.isEmpty { #expect(try capture.run(["bind", disk] + force).status == 0) }
  }

  @Test func aHolderThatStoodIsCoveredToTheEnd() throws {
    let capture = try Capture("nvme-root")
    try hold(capture, 70)
    #expect(try capture.hostdev("bind", disk).status == 1)
    let command = try paused(capture, ["bind", disk, "--force=held-open"])
    try capture.file("/go", "")
    #expect(try command.finish().status == 0)
    #expect(capture.driver(disk) == "vfio-pci")
  }

  @Test func recoveryTakesNothingForOverruled() throws {
    let capture = try Capture("nvme-root")
    try hold(capture, 70)
    let words = ["bind", disk, "--force=held-open"]
    // On vfio-pci; the plan's last write was the bind.
    let writes = try capture.run(words + ["--dry-run", "--json"]).json["plan"]?.list?
      .filter { $0["op"]?.text == "write" }.count
    let killed = try capture.run(words, environment: ["HOSTDEV_KILL_WRITER_AFTER": "\(try #require(writes))"])
    #expect(killed.status != 0)
    // Killed for good: the run itself, too, right after its last write.
    let other = try Capture("nvme-root")
    try hold(other, 70)
    #expect(try other.run(words, environment: ["HOSTDEV_KILL_AFTER": "\(try #require(writes) - 1)"]).status != 0)
    #expect(try other.interrupted().count == 1)
    // What was overruled is in the journal, and a holder of the node that the function had then does not matter.
    let journal = try #require(other.names("/run/hostdev/journal").first { $0.hasSuffix(".json") })
    #expect(try other.text("/run/hostdev/journal/" + journal).contains("held-open"))
    #expect(try other.hostdev("recover").status == 0)
    #expect(other.driver(disk) == "nvme")
  }

  /// Waits before its first write, when it has checked already.
  private func paused(_ capture: Capture, _ words: [String]) throws -> Command {
    let command = try Command(
      [Program.path] + words + ["--root", capture.path],
      environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "1:\(capture.path)/go"])
    try waitUntil("the journal is there") { capture.names("/run/hostdev/journal").contains { $0.hasSuffix(".json") } }
    usleep(50_000)
    return command
  }
}
