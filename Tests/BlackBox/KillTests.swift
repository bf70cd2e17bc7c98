import Foundation
import Testing

/// Killed after any write, and again during recovery: the set ends where it was, or at its target.
@Suite struct KillTests {
  /// How a move can be ended from outside after its n-th write.
  private enum Victim: String, CaseIterable {
    case program = "HOSTDEV_KILL_AFTER"
    case writer = "HOSTDEV_KILL_WRITER_AFTER"
  }

  /// The move, killed after its n-th write, with the program alone gone or the writer as well; nil if there are no
  /// more writes.
  private static func killed(_ kept: Capture, _ move: Move, after n: Int, withWriter: Bool) throws -> Capture? {
    let capture = try Capture(copying: kept)
    var environment = [Victim.program.rawValue: "\(n)"]
    if withWriter { environment[Victim.writer.rawValue] = "\(n)" }
    let ending = try capture.run(move.command, environment: environment)
    if ending.status == 0 { return nil }
    #expect(ending.signal == SIGKILL, "\(move) after \(n): \(ending)")
    return capture
  }

  /// The move, killed when its journal is written and nothing else.
  private static func killedBefore(_ kept: Capture, _ move: Move) throws -> Capture {
    let capture = try Capture(copying: kept)
    let command = try Command(
      [Program.path] + move.command + ["--root", capture.path],
      environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "1:\(capture.path)/never"])
    try waitUntil("the journal is there") { capture.names("/run/hostdev/journal").contains { $0.hasSuffix(".json") } }
    command.signal(SIGKILL)
    #expect(try command.finish().signal == SIGKILL)
    return capture
  }

  private struct Ends {
    let kept: Capture
    let before: [String: String]
    let after: [String: String]

    init(_ move: Move) throws {
      kept = try move.prepared()
      before = try kept.standing()
      let done = try Capture(copying: kept)
      let ending = try done.run(move.command)
      guard ending.status == 0 else { throw Trouble("\(ending)") }
      after = try done.standing()
    }

    /// The set is at one of its ends, and nothing is left over.
    func expectArrived(_ capture: Capture, _ name: String) throws {
      let status = try capture.hostdev("status", "--json")
      let now = try capture.standing(status)
      #expect(now == before || now == after, "\(name): \(differences(before, now)) — \(differences(after, now))")
      #expect(try status.json["interrupted"]?.list == [], "\(name)")
      #expect(capture.names("/run/hostdev/journal") == [], "\(name)")
    }
  }

  /// Who of the recovery is killed, after each kind of kill before it. If the writer's end makes no other state than
  /// the program's, every second write stands for its neighbours.
  private static func recoveries(after n: Int, _ isWriterGone: Bool) -> [[Victim]] {
    let both = n % 2 == 1 ? [[Victim.program, .writer]] : []
    return isWriterGone ? [[.program]] : [[.program], [.writer]] + both
  }

  @Test func killedAnywhereAndAgainInRecovery() async throws {
    let tally = Tally("kills")
    try await forEach(Move.all) { move in
      let ends = try Ends(move)
      for n in 0..<40 {
        for isWriterGone in n % 2 == 0 ? [false] : [false, true] {
          guard
            let killed = try n == 0
              ? Self.killedBefore(ends.kept, move)
              : Self.killed(ends.kept, move, after: n, withWriter: isWriterGone)
          else { return }
          #expect(try killed.interrupted().count == 1, "\(move) after \(n)")
          // No other move can start over it.
          #expect(try killed.run(move.command).status == 1, "\(move) after \(n)")
          for victims in Self.recoveries(after: n, isWriterGone) {
            try Self.recoverEverywhere(killed, victims, ends, "\(move), killed after write \(n)", tally)
          }
        }
      }
    }
    tally.report(atLeast: 1000)
  }

  /// Recovers copies of a broken off move, killed after each write of the recovery's, and again undisturbed.
  private static func recoverEverywhere(
    _ killed: Capture, _ victims: [Victim], _ ends: Ends, _ title: String, _ tally: Tally
  ) throws {
    for m in 1..<40 {
      let capture = try Capture(copying: killed)
      let name = "\(title), and \(victims.map(\.rawValue)) of the recovery after \(m)"
      let environment = Dictionary(uniqueKeysWithValues: victims.map { ($0.rawValue, "\(m)") })
      let first = try capture.hostdev("recover", environment: environment)
      let isWhole = first.signal == nil && first.status == 0
      if !isWhole {
        // With its writer gone it cannot bring all back, says so, and keeps what the next one needs.
        #expect(victims == [.writer] ? first.status == 3 : first.signal == SIGKILL, "\(name): \(first)")
        let second = try capture.hostdev("recover")
        #expect(second.status == 0, "\(name): \(second)")
      }
      try ends.expectArrived(capture, name)
      tally.count()
      if isWhole { return }
    }
  }

  @Test func aKilledWriterIsPutBack() async throws {
    let tally = Tally("killed writers")
    try await forEach(Move.all) { move in
      let ends = try Ends(move)
      for n in 1..<40 {
        let capture = try Capture(copying: ends.kept)
        let ending = try capture.run(move.command, environment: [Victim.writer.rawValue: "\(n)"])
        if ending.status == 0 { break }
        #expect(ending.status == 2, "\(move), writer killed after \(n): \(ending)")
        #expect(try differences(ends.before, capture.standing()) == [], "\(move), writer killed after \(n)")
        #expect(try capture.interrupted() == [])
        tally.count(ending.status == 2)
      }
    }
    tally.report(atLeast: 31)
  }

  @Test func aReleaseIsFinishedAndABindUndone() throws {
    for (move, result) in [(Move.bind, "undone"), (Move.release, "finished")] {
      let kept = try move.prepared()
      let capture = try #require(try Self.killed(kept, move, after: 3, withWriter: false))
      try capture.waitForWriters()
      let text = try capture.hostdev("status").output
      #expect(text.contains("interrupted") && text.contains("hostdev recover"), "\(text)")
      let dry = try capture.hostdev("recover", "--dry-run")
      #expect(dry.status == 0 && dry.output.contains("printf"), "\(dry)")
      #expect(try capture.interrupted().count == 1)
      let recovered = try capture.hostdev("recover", "--json")
      #expect(try recovered.json["recovered"]?.list?.first?["result"]?.text == result, "\(recovered)")
      #expect(try capture.hostdev("recover").output == "nothing was interrupted\n")
      #expect(card.map { capture.driver($0) } == ["xclmgmt", "xocl"])
    }
  }

  // MARK: Another program moved it

  @Test func whatSomebodyElseMovedIsNotTouched() async throws {
    let tally = Tally("strangers")
    try await forEach([Move.bind, .release, .apply, .prune, .bindVirtual, .releaseVirtual]) { move in
      let address = try #require(move.functions.last)
      let kept = try move.prepared()
      for n in 1..<40 {
        guard let killed = try Self.killed(kept, move, after: n, withWriter: false) else { break }
        // If any driver of the host's will do, another one is not a stranger.
        let isOpen = move.description == Move.releaseVirtual.description
        for (what, change) in Self.strangers where what != "stranger" || !isOpen {
          let capture = try Capture(copying: killed)
          try change(capture, address)
          let before = try capture.picture()
          let name = "\(move) after \(n), then \(what)"
          let ending = try capture.hostdev("recover", "--json")
          #expect(ending.status == 3, "\(name): \(ending)")
          #expect(try differences(before, capture.picture()) == [], "\(name)")
          let result = try #require(try ending.json["recovered"]?.list?.first)
          #expect(result["result"]?.text == "stranger", "\(name)")
          // The answer names both: the driver that the function should have, and the one that it has.
          let details = result["details"]?.texts?.joined(separator: " ") ?? ""
          #expect(details.contains(address), "\(name): \(details)")
          #expect(details.contains(what) || details.contains("another device"), "\(name): \(details)")
          #expect(
            try ending.json["error"]?["status"]?.int == 3
              && ending.json["error"]?["path"]?.text?.contains("/journal/") == true)
          #expect(try capture.interrupted().count == 1, "\(name)")
          tally.count(ending.status == 3)
        }
      }
    }
    tally.report(atLeast: 90)
  }

  /// Another number of virtual functions than any that the run passes through.
  @Test func aNumberThatSomebodyElseWroteIsNotTouched() async throws {
    let tally = Tally("another number")
    try await forEach([Move.makeVirtual, .renumberVirtual, .removeVirtual]) { move in
      let physical = move.functions[0]
      let kept = try move.prepared()
      for n in 1..<40 {
        guard let capture = try Self.killed(kept, move, after: n, withWriter: false) else { break }
        try capture.waitForWriters()
        try capture.file(Capture.folder(physical) + "/sriov_numvfs", "1\n")
        let before = try capture.picture()
        let ending = try capture.hostdev("recover", "--json")
        let name = "\(move) after \(n): \(ending)"
        #expect(ending.status == 3, "\(name)")
        #expect(try differences(before, capture.picture()) == [], "\(name)")
        let result = try #require(try ending.json["recovered"]?.list?.first)
        #expect(result["result"]?.text == "stranger", "\(name)")
        let details = result["details"]?.texts?.joined(separator: " ") ?? ""
        #expect(details.contains(physical) && details.contains("which is not a state of that run"), "\(name)")
        #expect(try capture.interrupted().count == 1, "\(name)")
        tally.count(ending.status == 3)
      }
    }
    tally.report(atLeast: 20)
  }

  private static let strangers: [(String, @Sendable (Capture, String) throws -> Void)] = [
    ("pci-stub", { capture, address in try capture.file(Capture.folder(address) + "/driver_override", "pci-stub\n") }),
    (
      "stranger",
      { capture, address in
        try? capture.remove(Capture.folder(address) + "/driver")
        try capture.link(Capture.folder(address) + "/driver", to: "../../../../bus/pci/drivers/stranger")
      }
    ),
    (
      "0x1234",
      { capture, address in
        let file = Capture.folder(address) + "/uevent"
        let event = try capture.text(file).replacing(/PCI_ID=.*/, with: "PCI_ID=1234:5678")
        try capture.file(file, event)
        try capture.file(Capture.folder(address) + "/vendor", "0x1234\n")
        try capture.file(Capture.folder(address) + "/device", "0x5678\n")
      }
    ),
  ]

  @Test func aFunctionThatIsGoneIsSaid() throws {
    let kept = try Move.bind.prepared()
    let capture = try #require(try Self.killed(kept, .bind, after: 4, withWriter: false))
    try capture.remove("/sys/bus/pci/devices/\(card[0])")
    let ending = try capture.hostdev("recover")
    #expect(ending.status == 3, "\(ending)")
    #expect(ending.description.contains(card[0]) && ending.description.contains("gone"), "\(ending)")
    #expect(try capture.hostdev("status").status == 0)
  }

  // MARK: Power lost

  @Test func anyMomentsRunFolderIsUnderstood() async throws {
    let tally = Tally("power lost")
    try await forEach(Move.all) { move in
      let ends = try Ends(move)
      var moments = [try Self.killedBefore(ends.kept, move)]
      for n in 1..<40 {
        guard let killed = try Self.killed(ends.kept, move, after: n, withWriter: true) else { break }
        moments.append(killed)
      }
      let done = try Capture(copying: ends.kept)
      _ = try done.run(move.command)
      moments.append(done)
      for (place, now) in moments.enumerated() {
        // Journals do not change between two writes, so that of one moment stands for all.
        for (earlier, old) in [ends.kept, moments[moments.count / 2], done].enumerated() {
          // The host of one moment, with the journal of another.
          let capture = try Capture(copying: now)
          try? capture.remove("/run/hostdev")
          if old.exists("/run/hostdev") {
            _ = try Command.run(["/bin/cp", "-a", old.path + "/run/hostdev", capture.path + "/run/hostdev"])
          }
          let name = "\(move): host of moment \(place), journal of \(earlier)"
          let open = try capture.interrupted().count
          let before = try capture.picture()
          let ending = try capture.hostdev("recover")
          #expect(ending.status == 0 || ending.status == 3, "\(name): \(ending)")
          #expect(try capture.hostdev("status").status == 0, "\(name)")
          if ending.status == 3 || open == 0 {
            #expect(try differences(before, capture.picture()) == [], "\(name)")
          } else {
            let places = try capture.places(move.functions.filter { capture.exists(Capture.folder($0)) })
            let ends = try [ends.kept, done].map { end in
              try end.places(move.functions.filter { end.exists(Capture.folder($0)) })
            }
            #expect(ends.contains(places), "\(name): \(places)")
            #expect(try capture.interrupted() == [], "\(name)")
          }
          tally.count(ending.status == 0)
        }
      }
    }
    tally.report(atLeast: 290)
  }

  /// The host has reached the target, and its records follow one by one, before the journal goes.
  @Test func betweenTwoRecordsNothingIsLost() async throws {
    let tally = Tally("records cut short")
    try await forEach(Move.all) { move in
      let ends = try Ends(move)
      var last: Capture?
      for n in 1..<40 {
        guard let killed = try Self.killed(ends.kept, move, after: n, withWriter: true) else { break }
        last = killed
      }
      let moved = try #require(last)
      let done = try Capture(copying: ends.kept)
      _ = try done.run(move.command)
      let folder = "/run/hostdev/held"
      let records = Set(moved.names(folder) + done.names(folder)).filter { $0.hasSuffix(".json") }.sorted()
      for count in 0...records.count {
        let capture = try Capture(copying: moved)
        for record in records.prefix(count) {
          let path = "\(folder)/\(record)"
          if done.exists(path) { try capture.file(path, done.text(path)) } else { try capture.remove(path) }
        }
        let name = "\(move), \(count) of \(records.count) records written"
        let ending = try capture.hostdev("recover")
        #expect(ending.status == 0, "\(name): \(ending)")
        try ends.expectArrived(capture, name)
        tally.count(ending.status == 0)
      }
    }
    tally.report(atLeast: 24)
  }

  @Test func anEmptyRunFolderIsAFreshStart() throws {
    let kept = try Move.bind.prepared()
    for n in 1...6 {
      let capture = try #require(try Self.killed(kept, .bind, after: n, withWriter: true))
      try capture.remove("/run/hostdev")
      #expect(try capture.hostdev("recover").output == "nothing was interrupted\n")
      #expect(try capture.hostdev("status").output == "hostdev holds nothing, and no run was interrupted.\n")
      // The host driver of a function on VFIO, or on no driver, is found as after a boot.
      let released = try capture.hostdev("release", "01:00")
      #expect(released.status == 0, "after \(n): \(released)")
      #expect(card.map { capture.driver($0) } == ["xclmgmt", "xocl"], "after \(n)")
    }
  }

  @Test func aHalfWrittenJournalIsNotLookedAt() throws {
    let kept = try Move.bind.prepared()
    let capture = try #require(try Self.killed(kept, .bind, after: 2, withWriter: false))
    let name = try #require(capture.names("/run/hostdev/journal").first)
    // As a kill between write(2) and rename(2) leaves it.
    try capture.file("/run/hostdev/journal/.\(name).4242", "{\"schema\":")
    #expect(try capture.hostdev("recover").status == 0)
    #expect(try capture.interrupted() == [])
  }
}
