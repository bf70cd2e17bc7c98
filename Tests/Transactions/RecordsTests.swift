import Planning
import Foundation
import Host
import PCI
import System
import TestSupport
import Testing

@testable import Transactions

/// A `/run/hostdev` of a test's own.
final class RunFolder: Scratch, @unchecked Sendable {
  var records: Records { Records(root, .system) }
}

enum Sample {
  static let address = Address(domain: 0, routingID: 0x100)
  static let sibling = Address(domain: 0x10000, routingID: 0x101)
  static let home = State(driver: "nvme", override: nil, attributes: ["reset_method": "flr bus"])
  static let away = State(driver: "vfio-pci", override: "vfio-pci", attributes: ["reset_method": ""])

  static var identity: Identity {
    var function = Function(address: address)
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(0x5000)
    return Identity(function)
  }

  static func journal(_ id: String = "12-1", begun: Int = 1) -> Journal {
    let prior = [Placement(address, home), Placement(sibling, home)]
    let target = [Placement(address, away), Placement(sibling, away)]
    return Journal(
      id: id, kind: .bind, command: ["hostdev", "bind", "01:00", "it's \"é\""], owner: ProcessIdentity.current,
      begun: begun, identities: [address: identity, sibling: identity], prior: prior, target: target,
      plan: [.load(["vfio-pci", "ids="], for: "vfio-pci")] + converge(from: prior, to: target), forced: ["held-open"],
      holds: [hold(address)])
  }

  static func hold(_ address: Address) -> Hold {
    Hold(
      function: address, identity: identity, state: away, home: home, since: 7, command: ["hostdev"], forced: [])
  }
}

@Suite struct RecordsTests {
  @Test func aJournalComesBackAsItWas() throws {
    let run = try RunFolder()
    let lock = try run.records.lock(wait: .zero, label: "")
    defer { withExtendedLifetime(lock) {} }
    var journal = Sample.journal()
    journal.writer = ProcessIdentity.current
    journal.pending = journal.plan.suffix(1)
    try run.records.save(journal)
    #expect(try run.records.openJournals() == [journal])
    #expect(journal.set == [Sample.address, Sample.sibling])
    journal.pending = []
    try run.records.save(journal)
    #expect(try run.records.openJournals() == [journal])
    try run.records.close(journal)
    #expect(try run.records.openJournals().isEmpty)
    try run.records.close(journal)
  }

  @Test func journalsComeInTheOrderOfTheirBeginning() throws {
    let run = try RunFolder()
    let lock = try run.records.lock(wait: .zero, label: "")
    defer { withExtendedLifetime(lock) {} }
    for (id, begun) in [("c", 1), ("a", 3), ("b", 3), ("d", 2)] {
      try run.records.save(Sample.journal(id, begun: begun))
    }
    #expect(try run.records.openJournals().map(\.id) == ["c", "d", "a", "b"])
  }

  @Test func holdsComeBackInTheOrderOfAddresses() throws {
    let run = try RunFolder()
    let lock = try run.records.lock(wait: .zero, label: "")
    defer { withExtendedLifetime(lock) {} }
    try run.records.save(Sample.hold(Sample.sibling))
    try run.records.save(Sample.hold(Sample.address))
    #expect(try run.records.held() == [Sample.hold(Sample.address), Sample.hold(Sample.sibling)])
    try run.records.forget(Sample.address)
    try run.records.forget(Sample.address)
    #expect(try run.records.held().map(\.function) == [Sample.sibling])
  }

  @Test func withoutAFolderThereIsNothing() throws {
    let run = try RunFolder()
    #expect(try run.records.openJournals().isEmpty)
    #expect(try run.records.held().isEmpty)
    try run.file("/run/hostdev", "a file where the folder should be")
    #expect(try run.records.held().isEmpty)
    #expect(throws: RecordsError.self) { try run.records.lock(wait: .zero, label: "") }
  }

  private static let malformed: [(String, String)] = [
    ("", "the file"), ("{", "the file"), ("[]", "the file"), (#"{"schema":"hostdev-journal/3"}"#, "hostdev-journal/3"),
    ("{}", "schema"), (#"{"schema":7}"#, "schema"), (#"{"schema":"hostdev-journal/2"}"#, "id is missing"),
    (#"{"schema":"hostdev-journal/1"}"#, "hostdev-journal/1"),
    ("\u{0}\u{0}", "the file"),
  ]

  @Test(arguments: malformed) func aMalformedJournalIsNamedWithItsReason(text: String, reason: String) throws {
    let run = try RunFolder()
    try run.file("/run/hostdev/journal/1.json", text)
    let error = #expect(throws: RecordsError.self) { try run.records.openJournals() }
    guard case .malformed(let file, let said) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(file == "/run/hostdev/journal/1.json")
    #expect(said.contains(reason), "\(said)")
  }

  /// Cut short anywhere it is malformed, and never another journal.
  @Test func aJournalCutShortIsRefused() throws {
    let run = try RunFolder()
    let lock = try run.records.lock(wait: .zero, label: "")
    defer { withExtendedLifetime(lock) {} }
    try run.records.save(Sample.journal())
    let whole = try run.root.read("/run/hostdev/journal/12-1.json")
    var cases = 0
    var reached = 0
    for length in stride(from: 0, to: whole.count - 2, by: 7) {
      cases += 1
      try run.file("/run/hostdev/journal/12-1.json", String(decoding: whole.prefix(length), as: UTF8.self))
      do { _ = try run.records.openJournals() } catch { if case .malformed = error { reached += 1 } }
    }
    print("CUTS: \(cases) cases, \(reached) reached")
    #expect(reached == cases)
    #expect(cases >= 300)
  }

  @Test func aLaterHoldIsRefused() throws {
    let run = try RunFolder()
    try run.file("/run/hostdev/held/x.json", #"{"schema":"hostdev-hold/2"}"#)
    #expect(
      throws: RecordsError.malformed(
        file: "/run/hostdev/held/x.json", reason: "schema hostdev-hold/2; this hostdev reads hostdev-hold/1")
    ) { try run.records.held() }
  }

  @Test func otherFilesAreNotJournals() throws {
    let run = try RunFolder()
    try run.file("/run/hostdev/journal/.12-1.json.99", "{")
    try run.file("/run/hostdev/journal/notes", "{")
    #expect(try run.records.openJournals().isEmpty)
  }

  @Test func theLockIsOneAndNamesItsHolder() throws {
    let run = try RunFolder()
    let first = try run.records.lock(wait: .zero, label: "hostdev bind 01:00")
    let begun = ContinuousClock.now
    let error = #expect(throws: RecordsError.self) { try run.records.lock(wait: .milliseconds(120), label: "") }
    #expect(begun.duration(to: .now) >= .milliseconds(120))
    guard case .locked(let holder) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holder.hasPrefix("\(getpid()) "))
    #expect(holder.hasSuffix("Z hostdev bind 01:00"))
    withExtendedLifetime(first) {}
  }

  @Test func theLockIsFreeAgain() throws {
    let run = try RunFolder()
    do { _ = try run.records.lock(wait: .zero, label: "") }
    _ = try run.records.lock(wait: .zero, label: "")
  }

  /// A lock that was all that is there leaves no folder; a record stays, and a folder that was there before.
  @Test func onlyAnUnusedFolderGoes() throws {
    let run = try RunFolder()
    do { _ = try run.records.lock(wait: .zero, label: "") }
    #expect(try run.root.kind("/run/hostdev") == nil)
    do {
      let lock = try run.records.lock(wait: .zero, label: "")
      try run.records.save(Sample.hold(Sample.address))
      withExtendedLifetime(lock) {}
    }
    do { _ = try run.records.lock(wait: .zero, label: "") }
    #expect(try run.records.held() == [Sample.hold(Sample.address)])
  }

  /// The file that the first one locked is removed: who waits for it must not take that for the lock.
  @Test func aRemovedLockFileIsNotTheLock() async throws {
    let run = try RunFolder()
    let first = try run.root.lock("/lock")
    let root = run.root
    let waiting = Task.detached { try root.lock("/lock", waiting: true) }
    try await Task.sleep(for: .milliseconds(100))
    try root.remove("/lock")
    _ = consume first
    let second = try await waiting.value
    #expect(try root.lock("/lock") == nil && second != nil)
    withExtendedLifetime(second) {}
  }

  @Test(.enabled(if: getuid() == 0)) func aFullDiskIsSaid() throws {
    let run = try RunFolder()
    let folder = run.path + "/run"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #require(mount("none", folder, "tmpfs", 0, "size=16k") == 0, "errno \(errno)")
    defer { umount2(folder, Int32(MNT_DETACH)) }
    let lock = try run.records.lock(wait: .zero, label: "")
    var journal = Sample.journal()
    try? Data(repeating: 1, count: 100_000).write(to: URL(filePath: folder + "/fill"))
    let error = #expect(throws: RecordsError.self) { try run.records.save(journal) }
    guard case .cannotWrite(let cause) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(cause.errno == .noSpace)
    #expect(cause.path == "/run/hostdev/journal/12-1.json")
    journal.pending = []
    #expect(try run.records.openJournals().isEmpty)
    withExtendedLifetime(lock) {}
  }
}

@Suite struct IdentityTests {
  private func identity(_ ids: [UInt16?]) -> Identity {
    var function = Function(address: Sample.address)
    func fact(_ id: UInt16?) -> Fact<UInt16> { id.map { .known($0) } ?? .unknown }
    function.vendorID = fact(ids[0])
    function.deviceID = fact(ids[1])
    function.subsystemVendorID = fact(ids[2])
    function.subsystemDeviceID = fact(ids[3])
    return Identity(function)
  }

  @Test func everyIdCounts() {
    let one = identity([1, 2, 3, 4])
    #expect(one.agrees(with: one))
    for place in 0..<4 {
      var ids: [UInt16?] = [1, 2, 3, 4]
      ids[place] = 9
      #expect(!one.agrees(with: identity(ids)))
      ids[place] = nil
      #expect(one.agrees(with: identity(ids)))
      #expect(identity(ids).agrees(with: one))
    }
  }
}
