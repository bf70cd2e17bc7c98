import Foundation
import TestSupport
import Testing

@testable import System

/// A reader that does not come back is left behind. It is stopped here, which to its parent looks like a read that waits
/// in the kernel.
@Suite struct LockedReadsTests {
  private func scratch() throws -> (Scratch, descriptor: Int32) {
    let scratch = try Scratch()
    for name in ["a", "b", "c"] {
      try scratch.file("/sys/\(name)/uevent", "\(name)\n")
      try scratch.file("/sys/\(name)/config", String(repeating: name, count: 4096))
    }
    return (scratch, open(scratch.root.path, O_PATH_ | O_DIRECTORY | O_CLOEXEC))
  }

  private func texts(_ answers: [Result<[UInt8], SystemError>]) -> [String] {
    answers.map { answer in
      switch answer {
      case .success(let bytes): String(decoding: bytes.prefix(3), as: UTF8.self)
      case .failure(let error): error.errno.name
      }
    }
  }

  @Test func answersComeInTheOrderOfTheQuestion() throws {
    let (scratch, descriptor) = try scratch()
    defer { close(descriptor) }
    let reads = LockedReads(root: descriptor, clock: .system)
    let answers = reads.read(["/sys/b/uevent", "/sys/none/uevent", "/sys/a/config", "/sys/c", "/sys/a/uevent"])
    #expect(texts(answers) == ["b\n", "ENOENT", "aaa", "EISDIR", "a\n"])
    #expect(try answers[2].get().count == 4096)
    let many = (0..<2000).map { _ in "/sys/a/uevent" }
    #expect(reads.read(many).allSatisfy { (try? $0.get()) == Array("a\n".utf8) }, "more than fit at once")
    withExtendedLifetime(scratch) {}
  }

  @Test func aReaderThatDoesNotComeBackIsLeftBehindAndTheOthersAnswer() throws {
    let (scratch, descriptor) = try scratch()
    defer { close(descriptor) }
    let reads = LockedReads(root: descriptor, clock: .system)
    #expect(texts(reads.read(["/sys/a/uevent"])) == ["a\n"])
    let stuck = try #require(reads.readerPID)
    kill(stuck, SIGSTOP)
    defer { kill(stuck, SIGKILL) }
    let begun = ContinuousClock.now
    #expect(
      texts(reads.read(["/sys/a/uevent", "/sys/b/uevent", "/sys/a/config"])) == ["ETIMEDOUT", "b\n", "ETIMEDOUT"])
    // One second that it might begin, one that it is given together with all others.
    #expect(begun.duration(to: .now) < .seconds(3))
    let again = ContinuousClock.now
    #expect(texts(reads.read(["/sys/a/uevent", "/sys/c/uevent"])) == ["ETIMEDOUT", "c\n"])
    #expect(again.duration(to: .now) < .milliseconds(500), "the device is not read again")
    #expect(reads.readerPID != stuck)
    withExtendedLifetime(scratch) {}
  }

  @Test func oneThatAnswersLateIsNoFailure() throws {
    let (scratch, descriptor) = try scratch()
    defer { close(descriptor) }
    let reads = LockedReads(root: descriptor, clock: .system)
    _ = reads.read(["/sys/a/uevent"])
    let slow = try #require(reads.readerPID)
    kill(slow, SIGSTOP)
    Thread.detachNewThread {
      usleep(1_300_000)
      kill(slow, SIGCONT)
    }
    #expect(texts(reads.read(["/sys/a/uevent", "/sys/b/uevent", "/sys/a/config"])) == ["a\n", "b\n", "aaa"])
    withExtendedLifetime(scratch) {}
  }

  @Test func itHoldsNothingOfOurs() throws {
    let (scratch, descriptor) = try scratch()
    defer { close(descriptor) }
    let lock = try #require(try scratch.root.lock("/lock"))
    let reads = LockedReads(root: descriptor, clock: .system)
    _ = reads.read(["/sys/a/uevent"])
    let pid = try #require(reads.readerPID)
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { Int($0) }.sorted()
    #expect(open == [0, 1, 2, 3, 4], "standard descriptors, the channel and the root")
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGKILL) }
    withExtendedLifetime(lock) {}
    #expect(try scratch.root.lock("/lock") == nil, "held by us")
    #expect(try String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8) == "hostdev-reader\n")
    #expect(getsid(pid) == pid, "a session of its own")
  }

  @Test func oneThatDiesIsAnErrorOfOneFile() throws {
    let (scratch, descriptor) = try scratch()
    defer { close(descriptor) }
    let reads = LockedReads(root: descriptor, clock: .system)
    _ = reads.read(["/sys/a/uevent"])
    kill(try #require(reads.readerPID), SIGKILL)
    usleep(100_000)
    #expect(texts(reads.read(["/sys/a/uevent", "/sys/b/uevent"])) == ["EIO", "b\n"])
    withExtendedLifetime(scratch) {}
  }

  @Test func onlyAttributesOfDevicesAreMeant() {
    #expect(LockedReads.isLocked("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs"))
    #expect(!LockedReads.isLocked("/sys/bus/pci/devices/0000:01:00.0/sriov_totalvfs"))
    #expect(!LockedReads.isLocked("/etc/config"))
    #expect(!LockedReads.isLocked("/sys"))
  }
}

/// `O_PATH` of fcntl(2), which Glibc's module shows only with _GNU_SOURCE.
private let O_PATH_: Int32 = 0o10000000
