import Foundation
import Testing

@Suite struct LockTests {
  /// A bind that waits before its n-th write until `/go` is there.
  private func paused(_ capture: Capture, before n: Int) throws -> Command {
    let command = try capture.start(
      "bind", "01:00", environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "\(n):\(capture.path)/go"])
    try waitUntil("the journal is there") { capture.names("/run/hostdev/journal").contains { $0.hasSuffix(".json") } }
    return command
  }

  @Test(arguments: [
    ["bind", "00:04.0"], ["release", "00:04.0"], ["reset", "02:00.0"], ["recover"], ["release", "--all"],
  ])
  func aSecondChangeIsTurnedAway(_ words: [String]) throws {
    let capture = try Capture()
    let first = try paused(capture, before: 2)
    try waitUntil("write 2 is next") { first.saidOnErrors().contains("paused before write 2") }
    let before = try capture.picture(including: true)
    let second = try capture.run(words + ["--json"])
    #expect(second.status == 75, "\(second)")
    #expect(second.seconds < 5)
    #expect(second.errors.contains("\(first.pid)"), "which pid: \(second)")
    #expect(
      second.errors.contains(/'hostdev bind 01:00 [^']*' \(pid [0-9]+, since [0-9]{2}:[0-9]{2}:[0-9]{2} UTC\)/),
      "which command, since when: \(second)")
    #expect(try second.json["error"]?["next"]?.text == "wait for it with --wait 60")
    #expect(try second.json["error"]?["status"]?.int == 75)
    #expect(try differences(before, capture.picture(including: true)) == [])
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
  }

  @Test func readingNeedsNoLock() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 3)
    for words in [["list"], ["show", "01:00"], ["check", "00:04.0"], ["status"], ["bind", "--dry-run", "00:04.0"]] {
      #expect(try capture.run(words).status == 0, "\(words)")
    }
    #expect(try capture.interrupted().count == 1, "a run under way shows")
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
  }

  @Test func waitingForTheLockHelps() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 1)
    let second = try capture.start("bind", "--wait", "30", "00:04.0")
    usleep(200_000)
    #expect(capture.driver("0000:00:04.0") == "proc_thermal")
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
    let ending = try second.finish()
    #expect(ending.status == 0, "\(ending)")
    #expect(capture.driver("0000:00:04.0") == "vfio-pci")
  }

  @Test func waitingEndsInTime() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 1)
    let second = try capture.hostdev("bind", "--wait", "0.5", "00:04.0")
    #expect(second.status == 75 && second.seconds >= 0.5 && second.seconds < 30, "\(second)")
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
  }

  @Test func theLockOfTheDeadIsFree() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 1)
    first.signal(SIGKILL)
    _ = try first.finish()
    #expect(try capture.hostdev("recover").status == 0)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
  }

  @Test func aSignalFinishesTheWriteAndPutsBack() async throws {
    let tally = Tally("signals")
    let kept = try Capture()
    let before = try kept.standing()
    try await forEach([(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")]) { signal, name in
      for n in 1...6 {
        let capture = try Capture(copying: kept)
        let command = try paused(capture, before: n)
        try waitUntil("write \(n) is next") { try Self.writesDone(capture) >= n - 1 }
        usleep(20_000)
        command.signal(signal)
        let ending = try command.finish()
        #expect(ending.status == 2, "\(name) before write \(n): \(ending)")
        #expect(ending.errors.contains(name) && ending.errors.contains("put back"), "\(ending)")
        #expect(try differences(before, capture.standing()) == [], "\(name) before write \(n)")
        #expect(try capture.interrupted() == [])
        tally.count(ending.status == 2)
      }
    }
    tally.report(atLeast: 12)
  }

  /// How far a bind of the card has come, as the tree shows it.
  private static func writesDone(_ capture: Capture) throws -> Int {
    var done = capture.exists("/sys/bus/pci/drivers/vfio-pci/bind") ? 1 : 0
    for address in card {
      if try capture.override(address) == "vfio-pci" { done += 1 }
      if capture.driver(address) == nil { done += 1 }
      if capture.driver(address) == "vfio-pci" { done += 2 }
    }
    return done
  }

  @Test func aSignalWhileWaitingForTheLockEndsTheWait() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 1)
    let second = try capture.start("bind", "--wait", "30", "00:04.0")
    usleep(300_000)
    second.signal(SIGINT)
    let ending = try second.finish()
    #expect(ending.seconds < 10 && ending.status != 0, "\(ending)")
    #expect(capture.driver("0000:00:04.0") == "proc_thermal")
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
  }

  @Test("another user cannot hold the lock, nor keep what an older version left open to him")
  func anotherUser() throws {
    let capture = try Capture()
    chmod(capture.path, 0o755)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    let lock = capture.path + "/run/hostdev/lock"
    func mode(_ path: String) -> mode_t {
      var status = stat()
      return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
    #expect(mode(lock) == 0o600 && mode(capture.path + "/run/hostdev") == 0o700)
    let other = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    #expect(try Command.run(other + ["/usr/bin/flock", "-n", lock, "/bin/true"]).status != 0)
    let status = try Command.run(other + [Program.path, "status", "--root", capture.path])
    #expect(status.status == 77 && status.errors.contains("/run/hostdev"), "\(status)")

    // A lock that he opened while it was 0644.
    chmod(lock, 0o644)
    chmod(capture.path + "/run/hostdev", 0o755)
    let holder = try Command(other + ["/usr/bin/flock", lock, "/bin/sleep", "20"])
    usleep(500_000)
    let release = try capture.hostdev("release", "01:00")
    #expect(release.status == 0, "\(release)")
    #expect(mode(lock) == 0o600)
    holder.signal(SIGKILL)
    _ = try? holder.finish()
  }

  @Test("a removed lock file lets no second run in")
  func removedLock() throws {
    let capture = try Capture()
    let first = try paused(capture, before: 3)
    try waitUntil("write 3 is next") { first.saidOnErrors().contains("paused before write 3") }
    try capture.remove("/run/hostdev/lock")
    let second = try capture.hostdev("bind", "00:04.0")
    #expect(second.status == 75 && second.errors.contains("\(first.pid)"), "\(second)")
    try capture.file("/go", "")
    #expect(try first.finish().status == 0)
    #expect(try capture.hostdev("bind", "00:04.0").status == 0)
  }
}
