import Foundation
import Testing

/// After a run that was interrupted `recover` is the one remedy for its functions, and nothing else is advised beside it.
@Suite struct RecoverFirstTests {
  private static func killed(_ words: [String], _ before: [[String]] = [], after n: Int) throws -> Capture? {
    let capture = try Capture()
    for words in before { #expect(try capture.run(words).status == 0) }
    let ending = try capture.run(words, environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
    guard ending.signal == SIGKILL else { return nil }
    // Its writer ends with it, a moment later.
    try waitUntil("its writer has ended") { try capture.interrupted().first?["pending"] == .null }
    return capture
  }

  /// Remedies of errors and warnings that have one and concern the card.
  private static func remedies(_ findings: [JSON]) -> Set<String> {
    Set(
      findings.filter { finding in
        ["error", "warning"].contains(finding["severity"]?.text)
          && !Set(finding["functions"]?.texts ?? []).isDisjoint(with: card)
      }.compactMap { $0["remedy"]?.text }.filter { !$0.isEmpty })
  }

  @Test func nothingElseIsAdvised() throws {
    let tally = Tally("interrupted runs")
    for (words, before) in [
      (["bind", "01:00"], []), (["release", "01:00"], [["bind", "01:00"]]), (["apply"], [["pin", "card", "01:00"]]),
    ] as [([String], [[String]])] {
      for n in 1...8 {
        guard let capture = try Self.killed(words, before, after: n) else { break }
        let doctor = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
        #expect(Self.remedies(doctor) == ["hostdev recover"], "\(words), killed after \(n): \(doctor)")
        for checked in [["check", "01:00"], ["check", "01:00.0"], ["bind", "01:00"], ["release", "--all"]] {
          let ending = try capture.run(checked + ["--json"])
          #expect(ending.status == 1, "\(ending)")
          #expect(try Self.remedies(ending.json.findings) == ["hostdev recover"], "\(ending)")
          let text = try capture.run(checked).output
          #expect(!text.contains("--force") && !text.contains("with 0000"), "\(text)")
        }
        let dry = try capture.hostdev("recover", "--dry-run")
        let recovered = try capture.hostdev("recover")
        #expect(recovered.status == 0 && dry.status == 0, "\(recovered)")
        tally.count(recovered.status == 0)
      }
    }
    tally.report(atLeast: 12)
  }

  /// The same state without a run of ours is another program's, and its remedy stands.
  @Test func withoutARunTheOtherRemediesStand() throws {
    let capture = try #require(try Self.killed(["bind", "01:00"], after: 3))
    try capture.remove("/run/hostdev")
    let doctor = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    #expect(Self.remedies(doctor).contains { $0.hasPrefix("echo > /sys/") }, "\(doctor)")
    let check = try capture.hostdev("check", "01:00.0", "--json").json
    #expect(Self.remedies(check.findings).contains { $0.hasPrefix("hostdev bind ") }, "\(check)")
  }

  /// A dry run that says what will not be done ends as the run does.
  @Test func aDryRunEndsAsTheRun() throws {
    let capture = try #require(try Self.killed(["bind", "01:00"], after: 3))
    try capture.file(Capture.folder(card[0]) + "/driver_override", "nvme\n")
    let dry = try capture.hostdev("recover", "--dry-run")
    let run = try capture.hostdev("recover")
    #expect(dry.status == 3 && run.status == 3, "\(dry)\(run)")
    #expect(try capture.hostdev("recover", "--dry-run", "--json").json["error"]?["status"]?.int == 3)
  }

  @Test("a group that could not be opened before the run is no fault of its undoing")
  func blockedBefore() throws {
    let tally = Tally("half-bound groups")
    let whole = try Capture("gpu")
    let group = ["01:00.0", "01:00.1", "01:00.2", "01:00.3"].map { "0000:\($0)" }
    // As vfio-pci.ids= of one id leaves it.
    #expect(try whole.hostdev("bind", "01:00", "--force=host-display,host-console").status == 0)
    #expect(try whole.hostdev("release", "01:00.1", "01:00.2", "01:00.3").status == 0)
    try whole.remove("/run/hostdev")
    let before = try whole.places(group)
    for n in 1...8 {
      let capture = try Capture(copying: whole)
      let ending = try capture.run(["bind", "01:00"], environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
      guard ending.signal == SIGKILL else { break }
      try waitUntil("its writer has ended") { try capture.interrupted().first?["pending"] == .null }
      let recovered = try capture.hostdev("recover")
      #expect(recovered.status == 0, "\(recovered)")
      #expect(try capture.places(group) == before && capture.interrupted() == [], "killed after \(n)")
      tally.count(recovered.status == 0)
    }
    tally.report(atLeast: 4)
  }
}
