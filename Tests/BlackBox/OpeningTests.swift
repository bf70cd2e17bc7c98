import Foundation
import Glibc
import TestSupport
import Testing

/// Opening is an act: a capture may hold the node of a watchdog in place of any file. Only regular files and folders are
/// opened for reading, whatever stands in a place.
@Suite struct OpeningTests {
  private static let commands = [
    ["list"], ["show", "--all"], ["check", "01:00"], ["status"], ["doctor"], ["pins"], ["import"], ["xml", "01:00.0"],
    ["bind", "01:00", "--dry-run"], ["sriov", "05:00.0", "--vfs", "1", "--dry-run"], ["recover", "--dry-run"],
  ]

  /// Files below the capture that a command opened, with whether that was for more than a look.
  private func opened(_ capture: Capture, _ words: [String]) throws -> [(path: String, isOpened: Bool)] {
    let log = NSTemporaryDirectory() + "hostdev-opening-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: log) }
    let ending = try Command.run(
      ["/usr/bin/strace", "-f", "-y", "-s", "4096", "-e", "trace=openat2,openat,open", "-o", log, Program.path] + words
        + ["--root", capture.path], seconds: 60)
    #expect((ending.status ?? 255) < 128, "\(ending)")
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap { line in
      // The path that the descriptor leads to is told behind the answer: `= 5</tmp/x/sys/…>`.
      guard let found = line.firstMatch(of: /= [0-9]+<([^>]*)>/), found.1.hasPrefix(capture.path + "/") else {
        return nil
      }
      return (String(found.1.dropFirst(capture.path.count)), !line.contains("O_PATH"))
    }
  }

  @Test("no node, FIFO or socket is opened in any place", arguments: commands)
  func everyPlace(command: [String]) async throws {
    let plain = try Capture()
    let places = Set(try opened(plain, command).map(\.path)).filter { path in
      var status = stat()
      return lstat(plain.path + path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
    #expect(places.count > 3, "\(command): \(places.sorted())")
    let kinds: [mode_t] = [S_IFCHR, S_IFIFO, S_IFSOCK]
    // One run for each kind with every third place exchanged, so that what is read behind them is reached as well.
    let tally = Tally("opening \(command[0])")
    for turn in 0..<3 {
      let capture = try Capture(copying: plain)
      var there: Set<String> = []
      for (number, path) in places.sorted().enumerated() where number % 3 == turn {
        let kind = kinds[number / 3 % 3]
        unlink(capture.path + path)
        // Misc device 199, which no driver has.
        #expect(mknod(capture.path + path, kind | 0o644, kind == S_IFCHR ? 10 << 8 | 199 : 0) == 0)
        there.insert(path)
      }
      let acts = try opened(capture, command).filter { $0.isOpened && there.contains($0.path) }
      #expect(acts.map(\.path) == [], "\(command)")
      for path in there { tally.count(!acts.contains { $0.path == path }) }
    }
    tally.report(atLeast: places.count)
  }

  @Test("a file that the user names, and the lock")
  func named() throws {
    let capture = try Capture()
    let node = capture.path + "/node.xml"
    #expect(mknod(node, S_IFCHR | 0o644, 10 << 8 | 199) == 0)
    let refused = try capture.hostdev("check", "xml:\(node)")
    #expect(refused.status != 0 && refused.errors.contains("EINVAL"), "\(refused)")
    try FileManager.default.createDirectory(atPath: capture.path + "/run/hostdev", withIntermediateDirectories: true)
    #expect(mknod(capture.path + "/run/hostdev/lock", S_IFIFO | 0o600, 0) == 0)
    let locked = try capture.hostdev("bind", "01:00")
    #expect(locked.status != 0 && locked.errors.contains("/run/hostdev/lock: EINVAL"), "\(locked)")
  }
}
