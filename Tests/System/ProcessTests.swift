import Foundation
import System
import TestSupport
import Testing

@Suite struct ChildTests {
  private func child(_ script: String) throws -> Child {
    try Child("/bin/sh", ["sh", "-c", script], ignoringSignals: true, clock: .system)
  }

  @Test func linesComeOneByOne() throws {
    let cat = try child("cat")
    try cat.send(Array("one\ntwo\nthr".utf8))
    #expect(try cat.line(until: .now + .seconds(120)) == Array("one".utf8))
    #expect(try cat.line(until: .now + .seconds(120)) == Array("two".utf8))
    try cat.send(Array("ee\n\n".utf8))
    #expect(try cat.line(until: .now + .seconds(120)) == Array("three".utf8))
    #expect(try cat.line(until: .now + .seconds(120)) == [])
    cat.closeInput()
    #expect(cat.wait() == 0)
  }

  @Test func theDeadlineIsKept() throws {
    let cat = try child("cat")
    let begun = ContinuousClock.now
    #expect(try cat.line(until: begun + .milliseconds(150)) == nil)
    let spent = begun.duration(to: .now)
    #expect(spent >= .milliseconds(150) && spent < .seconds(60))
    try cat.send(Array("late\n".utf8))
    #expect(try cat.line(until: .now + .seconds(120)) == Array("late".utf8))
    #expect(try cat.line(until: .now - .seconds(1)) == nil)
    cat.closeInput()
    cat.wait()
  }

  @Test func aDeadChildIsABrokenPipe() throws {
    let child = try child("exit 3")
    #expect(throws: SystemError(call: "read", path: "pipe", errno: .brokenPipe)) {
      try child.line(until: .now + .seconds(120))
    }
    #expect(child.wait() == 3)
    #expect(throws: SystemError(call: "write", path: "pipe", errno: .brokenPipe)) { try child.send([1]) }
  }

  @Test func aSignalIsInTheStatus() throws {
    let child = try Child("/bin/sleep", ["sleep", "60"], ignoringSignals: true, clock: .system)
    // All but SIGKILL are blocked in it: a write that waits in the kernel must not be woken.
    kill(child.pid, SIGTERM)
    usleep(50_000)
    #expect(ProcessIdentity(pid: child.pid) != nil)
    Signal.kill(child.pid)
    #expect(child.wait() == 128 + SIGKILL)
  }

  @Test func itIsInASessionOfItsOwn() throws {
    let child = try child("cat")
    #expect(getsid(child.pid) == child.pid)
    child.closeInput()
    child.wait()
  }

  @Test func noDescriptorOfOursIsHandedOn() throws {
    let handle = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
    defer { try? handle.close() }
    let copy = dup(handle.fileDescriptor)
    defer { close(copy) }
    // `test` is built into the shell: no pipe and no folder of its own is among them.
    let child = try child("for n in $(seq 0 255); do [ ! -e /proc/$$/fd/$n ] || open=\"$open $n\"; done; echo $open")
    #expect(try child.line(until: .now + .seconds(120)).map { String(decoding: $0, as: UTF8.self) } == "0 1 2")
    child.wait()
  }

  @Test func whatCannotBeStartedIsSaid() {
    #expect(throws: SystemError(call: "posix_spawn", path: "/nowhere", errno: .noEntry)) {
      try Child("/nowhere", ["nowhere"], ignoringSignals: false, clock: .system)
    }
    #expect(throws: SystemError(call: "posix_spawn", path: "/nowhere", errno: .noEntry)) {
      try Child.run("/nowhere", ["nowhere"], clock: .system)
    }
  }

  @Test func runGivesTheStatus() throws {
    #expect(try Child.run("/bin/sh", ["sh", "-c", "echo told; exit 7"], clock: .system) == (7, "told\n"))
    #expect(try Child.run("/bin/sh", ["sh", "-c", "kill -9 $$"], clock: .system).status == 137)
  }

  /// A pipe holds 64 KiB: who stops reading there stops the program.
  @Test func runReadsOnBehindWhatItKeeps() throws {
    let script = "echo first; head -c 300000 /dev/zero; exit 7"
    let (status, output) = try Child.run(
      "/bin/sh", ["sh", "-c", script], limit: 6, within: .seconds(120), clock: .system)
    #expect(status == 7 && output == "first\n")
    #expect(
      try Child.run("/bin/sh", ["sh", "-c", script], limit: 1 << 20, clock: .system).output.utf8.count == 300_006)
    #expect(try Child.run("/bin/sh", ["sh", "-c", script], clock: .system).output.utf8.count == 1 << 16)
  }

  @Test(arguments: ["sleep 600", "exec >/dev/null 2>&1; sleep 600", "while :; do echo more; done"])
  func runEndsAtItsDeadline(script: String) throws {
    let begun = ContinuousClock.now
    #expect(throws: SystemError(call: "wait", path: "/bin/sh", errno: .timedOut)) {
      try Child.run("/bin/sh", ["sh", "-c", script], within: .milliseconds(200), clock: .system)
    }
    let spent = begun.duration(to: .now)
    #expect(spent >= .milliseconds(200) && spent < .seconds(60))
  }
}

@Suite struct ProcessIdentityTests {
  @Test func weAreAlive() throws {
    let current = try #require(ProcessIdentity.current)
    #expect(current.pid == getpid())
    #expect(current.isAlive)
  }

  @Test func aZombieHasEnded() throws {
    let child = try Child("/bin/cat", ["cat"], ignoringSignals: true, clock: .system)
    let identity = try #require(ProcessIdentity(pid: child.pid))
    #expect(identity.isAlive)
    Signal.kill(child.pid)
    // It is not reaped yet: its pid is there, and the process has ended.
    var waited = 0
    while identity.isAlive, waited < 500 {
      usleep(10_000)
      waited += 1
    }
    #expect(!identity.isAlive)
    #expect(FileManager.default.fileExists(atPath: "/proc/\(child.pid)/stat"))
    #expect(ProcessIdentity(pid: child.pid) == nil)
    child.wait()
    #expect(ProcessIdentity(pid: child.pid) == nil)
  }

  @Test func aReusedPidIsAnotherProcess() throws {
    let current = try #require(ProcessIdentity.current)
    let text = #"{"pid":\#(current.pid),"start":\#(current.start + 1)}"#
    let earlier = try JSONDecoder().decode(ProcessIdentity.self, from: Data(text.utf8))
    #expect(!earlier.isAlive)
    let same = try JSONDecoder().decode(ProcessIdentity.self, from: try JSONEncoder().encode(current))
    #expect(same == current && same.isAlive)
  }

  /// The command's name may hold a parenthesis and a space.
  @Test func aStrangeNameDoesNotMislead() throws {
    let scratch = try Scratch()
    let program = scratch.path + "/a) Z 1 (b"
    try FileManager.default.copyItem(atPath: "/bin/cat", toPath: program)
    let child = try Child(program, ["cat"], ignoringSignals: true, clock: .system)
    let plain = try Child("/bin/cat", ["cat"], ignoringSignals: true, clock: .system)
    let one = try #require(ProcessIdentity(pid: child.pid))
    let two = try #require(ProcessIdentity(pid: plain.pid))
    #expect(two.start >= one.start && two.start - one.start < 1000)
    for process in [child, plain] {
      process.closeInput()
      process.wait()
    }
  }

  @Test func noSuchPidIsNone() { #expect(ProcessIdentity(pid: 0x7fff_fff0) == nil) }
}

@Suite struct ErrnoTests {
  @Test func namesGoBothWays() {
    var reached = 0
    for number in Int32(1)..<134 {
      let errno = Errno(rawValue: number)
      if Errno(name: errno.name)?.name == errno.name { reached += 1 }
    }
    print("ERRNOS: 133 cases, \(reached) reached")
    #expect(reached >= 131)
    #expect(Errno.busy.name == "EBUSY")
    #expect(Errno.busy.text == "Device or resource busy")
    #expect(Errno(rawValue: 9999).name == "E9999")
    #expect(Errno(name: "nonsense") == nil)
  }
}

@Suite struct ClockTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (1_795_459_073, "2026-11-23T18:37:53Z"), (951_827_696, "2000-02-29T12:34:56Z"),
  ])
  func timesAreInUTC(seconds: Int, text: String) {
    #expect(Clock.text(seconds) == text)
  }

  /// From 1900 to 9999, in steps that meet every day of the year and every kind of year.
  @Test func daysAreThoseOfTheCLibrary() {
    for day in stride(from: -25_567, to: 2_932_897, by: 97) {
      var moment = time_t(day * 86_400 + 86_399)
      var parts = tm()
      gmtime_r(&moment, &parts)
      let text = Clock.text(moment)
      let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
      let expected = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, 23, 59, 59]
      if numbers != expected { Issue.record("\(moment): \(text)") }
    }
    for seconds in [-2_208_988_801, 253_402_300_800, .min, .max] { #expect(Clock.text(seconds) == "\(seconds)") }
    #expect(Clock.text(-2_208_988_800) == "1900-01-01T00:00:00Z")
  }
}
