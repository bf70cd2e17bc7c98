import Foundation
import TestSupport
import Testing

/// Each command of hostdev that it prints as a next step can be typed on the host that it was printed for.
@Suite struct NextStepTests {
  /// What is printed, in words and as JSON: commands, and what was typed to get them.
  private static func steps(_ capture: Capture, _ words: [String]) throws -> [String: String] {
    let ending = try capture.run(words)
    var found: [String: String] = [:]
    for line in (ending.output + "\n" + ending.errors).split(separator: "\n") {
      for command in commands(in: String(line)) { found[command] = words.joined(separator: " ") }
    }
    return found
  }

  /// From `hostdev SUBCOMMAND` to what ends a command; what was typed, in quotes, is not a next step.
  static func commands(in line: String) -> [String] {
    line.matches(of: /(?:^|[^'\/A-Za-z])(hostdev (?:[a-z]+)(?: (?!&&|\|\|)[^ ;,()…]+)*)/).map { String($0.output.1) }
      .filter { $0.split(separator: " ").dropFirst().first.map { subcommands.contains(String($0)) } ?? false }
      .map { $0.last == "." ? String($0.dropLast()) : $0 }
  }

  private static let subcommands: Set = [
    "list", "show", "check", "bind", "release", "reset", "sriov", "xml", "pin", "unpin", "pins", "apply", "status",
    "recover", "doctor", "image", "import", "snapshot",
  ]
  private static let changing: Set = ["bind", "release", "reset", "sriov", "pin", "unpin", "apply", "recover"]

  /// Types it; a command that changes something as a dry run. Nil for what cannot be tried on a capture.
  private static func type(_ command: String, on capture: Capture) throws -> Ending? {
    var words = command.split(separator: " ").dropFirst().map(String.init)
    guard let subcommand = words.first, subcommand != "snapshot", subcommand != "image" else { return nil }
    if changing.contains(subcommand) { words.append("--dry-run") }
    // It takes no dry run.
    if words.contains("--write") { return try Capture(copying: capture).run(words) }
    return try capture.run(words)
  }

  private static func expectTypable(_ steps: [String: String], on capture: Capture, _ host: String, _ tally: Tally)
    throws
  {
    for (command, from) in steps.sorted(by: { $0.key < $1.key }) {
      guard let ending = try type(command, on: capture) else { continue }
      let isGood = ending.status.map { ![64, 65, 66, 70].contains($0) } ?? false
      #expect(isGood, "\(host): '\(from)' says '\(command)': \(ending)")
      tally.count(isGood)
    }
  }

  @Test func aCommandIsFoundInALine() {
    #expect(
      Self.commands(in: "    → hostdev bind 0000:01:00.0; or: hostdev pin a 01:00 (or b)") == [
        "hostdev bind 0000:01:00.0", "hostdev pin a 01:00",
      ])
    #expect(Self.commands(in: "hostdev: 'hostdev bind 01:00' (pid 7) holds the lock; hostdev holds it") == [])
    #expect(
      Self.commands(in: "See: hostdev list --all; then: hostdev release 01:00 && echo x") == [
        "hostdev list --all", "hostdev release 01:00",
      ])
    #expect(Self.commands(in: "/run/hostdev/held hostdev doctor.") == ["hostdev doctor"])
  }

  @Test("on each fixture: whatever is checked, bound, released and looked at", arguments: try Fixture.plain.map(\.name))
  func everyFixture(_ name: String) throws {
    let capture = try Capture(name)
    let tally = Tally("next steps of \(name)")
    let endpoints =
      try capture.hostdev("list", "--json").json["devices"]?.list?.compactMap { $0["address"]?.text } ?? []
    let slots = Set(endpoints.map { String($0.dropLast(2)) }).sorted()
    var steps: [String: String] = [:]
    for words in [["doctor"], ["status"], ["list"], ["recover"], ["pins"], ["import"], ["release", "--all"]]
      + endpoints.map({ ["check", $0] }) + [["check", "7f:1f.7"], ["bind", "7f:1f.7"], ["check", "pin:none"]]
    {
      steps.merge(try Self.steps(capture, words)) { first, _ in first }
    }
    try Self.expectTypable(steps, on: capture, name, tally)
    // What can be had, is had: a slot of each fixture.
    guard let slot = try slots.first(where: { try capture.hostdev("check", $0).status == 0 }) else {
      tally.report(atLeast: 1)
      return
    }
    steps = [:]
    for words in [
      ["bind", slot], ["bind", slot], ["status"], ["doctor"], ["check", slot], ["pin", "mine", slot], ["pins"],
      ["doctor"], ["apply"], ["unpin", "mine"],
    ] {
      // What was printed before there was a pin, or while there was one, is typed as long as that holds.
      if words.first == "pin" || words.first == "unpin" {
        try Self.expectTypable(steps, on: capture, "\(name), before \(words[0])", tally)
        steps = [:]
      }
      steps.merge(try Self.steps(capture, words)) { first, _ in first }
    }
    try Self.expectTypable(steps, on: capture, "\(name), bound", tally)
    try Self.expectTypable(try Self.steps(capture, ["release", slot]), on: capture, "\(name), released", tally)
    try Self.expectTypable(try Self.steps(capture, ["release", slot]), on: capture, "\(name), unchanged", tally)
    tally.report(atLeast: 3)
  }

  @Test func afterAKilledRun() throws {
    let capture = try Capture()
    let killed = try capture.run(["bind", "01:00"], environment: ["HOSTDEV_KILL_AFTER": "3"])
    #expect(killed.signal == SIGKILL, "\(killed)")
    let tally = Tally("next steps after a kill")
    for words in [["status"], ["doctor"], ["check", "01:00"], ["bind", "01:00"], ["list"]] {
      let steps = try Self.steps(capture, words)
      if words != ["list"] { #expect(steps["hostdev recover"] != nil, "\(words): \(steps)") }
      try Self.expectTypable(steps, on: capture, "alveo, killed", tally)
    }
    tally.report(atLeast: 4)
  }

  @Test(
    "a set that a remedy names passes the check that names it; or there is none",
    arguments: try Fixture.plain.map(\.name))
  func aWiderSetIsEnough(_ name: String) throws {
    let capture = try Capture(name)
    let widening: Set = ["group-blocked", "slot-incomplete", "split-companion"]
    let endpoints =
      try capture.hostdev("list", "--json").json["devices"]?.list?.compactMap { $0["address"]?.text } ?? []
    var tried: Set<String> = []
    for endpoint in endpoints {
      for finding in try capture.hostdev("check", endpoint, "--json").json["findings"]?.list ?? [] {
        guard let code = finding["code"]?.text, widening.contains(code),
          let remedy = finding["remedy"]?.text, tried.insert(code + remedy).inserted
        else { continue }
        // A bridge on shpchp has a remedy of its own.
        if finding["functions"]?.texts?.contains("0000:01:00.0") == true, name == "legacy-bridge" { continue }
        guard remedy.hasPrefix("hostdev bind ") else {
          #expect(remedy.hasPrefix("not possible on this host"), "\(name), \(endpoint): \(remedy)")
          continue
        }
        let members = remedy.split(separator: " ").dropFirst(2).map(String.init)
        let whole = try capture.run(["check"] + members)
        #expect(whole.status == 0, "\(name), \(endpoint): \(remedy): \(whole)")
      }
    }
    // On these a card has to move as a whole.
    if ["alveo", "gpu", "lab-card", "legacy-bridge"].contains(name) { #expect(!tried.isEmpty, "\(name)") }
  }

  @Test("the code that is offered to be overruled can be", arguments: try Fixture.plain.map(\.name))
  func forcing(_ name: String) throws {
    let capture = try Capture(name)
    let endpoints =
      try capture.hostdev("list", "--json").json["devices"]?.list?.compactMap { $0["address"]?.text } ?? []
    var tried: Set<String> = []
    for endpoint in endpoints {
      let checked = try capture.hostdev("check", endpoint)
      for match in checked.output.matches(of: /--force=[a-z0-9,-]+/) where tried.insert(String(match.output)).inserted {
        let ending = try capture.run(["bind", endpoint, "--dry-run", String(match.output)])
        #expect(ending.status == 0 || ending.status == 1, "\(name), \(endpoint): \(match.output): \(ending)")
      }
    }
    if ["alveo", "gpu", "nic-vfs"].contains(name) { #expect(!tried.isEmpty, "\(name)") }
  }
}
