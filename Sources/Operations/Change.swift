import ArgumentParser
import Assessment
import Assignment
import Host
import PCI
import Report
import System
import Transactions

/// What every changing command has in common: may it write here, the lock, the run, and how that is said.
struct Change {
  private(set) var workspace: Workspace
  let common: CommonOptions
  let options: ChangeOptions
  let ledger: Ledger
  private let lock: FileLock?

  /// The right to change something: the root, and the lock unless this is a dry run.
  struct Entry {
    let root: Root
    let ledger: Ledger
    fileprivate let lock: FileLock?

    init(_ common: CommonOptions, _ options: ChangeOptions) throws {
      root = try Workspace.open(common)
      ledger = Ledger(root)
      lock = options.dryRun ? nil : try Change.lock(root, ledger, common, options)
    }
  }

  /// Takes the lock, and only then looks at the host: what is checked is what is moved.
  init(_ common: CommonOptions, _ options: ChangeOptions) throws {
    try self.init(common, options, Entry(common, options))
  }

  init(_ common: CommonOptions, _ options: ChangeOptions, _ entry: Entry, isEarly: Bool = false) throws {
    self.common = common
    self.options = options
    ledger = entry.ledger
    lock = entry.lock
    workspace = try Workspace(common, entry.root, isEarly: isEarly)
    // A journal that cannot be read may concern any function.
    _ = try open()
  }

  fileprivate static func lock(_ root: Root, _ ledger: Ledger, _ common: CommonOptions, _ options: ChangeOptions) throws
    -> FileLock
  {
    if root.isHost {
      if !User.isRoot {
        throw Diagnostic(
          .notRoot, "change drivers of this host",
          next: "run it as root: sudo \(CommandLine.arguments.joined(separator: " "))")
      }
    } else if root.hasRealSysfs {
      throw Diagnostic(
        .usage, "\(common.root)/sys is a running kernel's sysfs, and is only read through --root", path: common.root,
        next: "to change this host, leave --root out; to rehearse, take a capture: hostdev snapshot DIR")
    } else {
      do { try root.mayWrite("/") } catch {
        throw Diagnostic(
          .rolledBack, "rehearse on \(common.root), which cannot be written", path: common.root,
          errno: error.errno.name,
          next: "cp -a \(common.root) /tmp/rehearsal && hostdev … --root /tmp/rehearsal")
      }
    }
    do {
      return try ledger.lock(
        wait: .milliseconds(Int64(options.wait * 1000)), label: CommandLine.arguments.dropFirst().joined(separator: " ")
      )
    } catch {
      throw Diagnostic(error, doing: "take the lock")
    }
  }

  /// After a run the host is another one.
  mutating func lookAgain() throws {
    workspace = try Workspace(common, workspace.root, isEarly: workspace.isEarly)
  }

  func open() throws -> [Journal] {
    do { return try ledger.openJournals() } catch { throw Diagnostic(error, doing: "read the journal") }
  }

  func held() throws -> [Hold] {
    do { return try ledger.held() } catch { throw Diagnostic(error, doing: "read what is held") }
  }

  // MARK: Running

  func runner() -> Runner {
    var arguments = ["hostdev", WriterCommand.name]
    if !workspace.isHost { arguments.append(workspace.root.pathForChildren) }
    let evidence = workspace.evidence
    let host = workspace.host
    return Runner(
      ledger: ledger, writerPath: "/proc/self/exe", writerArguments: arguments,
      timeouts: Timeouts(seconds: options.timeout),
      holders: { address in
        let uses = evidence.gather([address], in: host).uses.filter { $0.kind == .vfioOpen || $0.kind == .open }
        return uses.isEmpty ? nil : uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")
      }, hooks: TestHooks.hooks)
  }

  func journal(
    _ kind: Journal.Kind, prior: [Placement], target: [Placement], plan: [Step], holds: [Hold] = [],
    forced: Set<String>? = nil
  ) -> Journal {
    let now = Clock.seconds
    let owner = ProcessIdentity.current
    return Journal(
      id: id(now, owner), kind: kind, command: ["hostdev"] + CommandLine.arguments.dropFirst(), owner: owner,
      begun: now,
      identities: Dictionary(
        prior.compactMap { place in workspace.host[place.function].map { (place.function, Identity($0)) } },
        uniquingKeysWith: { first, _ in first }), prior: prior, target: target, plan: plan,
      forced: (forced ?? options.forced).sorted(), holds: holds)
  }

  /// One program may have several runs in a second, and the journal of one that failed is still open.
  private func id(_ now: Int, _ owner: ProcessIdentity?) -> String {
    let name = "\(now)-\(owner?.pid ?? 0)"
    let taken = Set(((try? ledger.openJournals()) ?? []).map(\.id))
    return ([name] + (2...100).map { "\(name)-\($0)" }).first { !taken.contains($0) } ?? name
  }

  /// Shows an assessed set and runs its plan, unless it is refused, only asked for, or nothing is to be done.
  ///
  /// `again` assesses it once more when all is ready for the first write: see `LastLook`.
  func carryOut(_ set: AssessedSet, verb: String, again: @escaping () throws -> AssessedSet, _ journal: () -> Journal)
    throws
  {
    if let missing = Self.missingModule(set) { throw missing }
    if !set.blocking.isEmpty { try refuse(set, Outcome(result: .refused, steps: [], failure: nil, states: [])) }
    if options.dryRun { return dryRun(set) }
    if !common.json {
      for finding in set.assessment.findings { Output.write(finding.text(common.style, forced: set.forced)) }
    }
    if workspace.isHost, !set.plan.isEmpty { logForced(set) }
    if set.plan.isEmpty { return try say(Outcome(result: .done, steps: [], failure: nil, states: []), set, verb) }
    let last = LastLook(set, workspace, again: again)
    var runner = runner()
    runner.lastLook = last.look
    // From here on a signal is an order to put back.
    Interruption.remember()
    let outcome = runner.run(journal())
    if let late = last.late, outcome.result == .refused { try refuse(late, outcome) }
    try say(outcome, set, verb)
  }

  /// A set that nothing but a missing module keeps from moving.
  static func missingModule(_ set: AssessedSet) -> Diagnostic? {
    guard let finding = set.blocking.first, set.blocking.allSatisfy({ $0.code == "module-missing" }) else { return nil }
    // `/proc/sys/kernel/modules_disabled: 1`.
    let path = finding.evidence.first.map { String($0[..<($0.firstRange(of: ": ")?.lowerBound ?? $0.endIndex)]) }
    return Diagnostic(
      .missing, finding.message.hasSuffix(".") ? String(finding.message.dropLast()) : finding.message, path: path,
      next: finding.remedy)
  }

  private func refuse(_ set: AssessedSet, _ outcome: Outcome) throws {
    if common.json {
      Output.write(
        JSONWriter.document { json in
          write(set, to: &json)
          if !options.dryRun { writeOutcome(outcome, &json) }
        })
    } else {
      Output.write(setText(set.functions, workspace, common.style))
      for finding in set.assessment.findings { Output.write(finding.text(common.style, forced: set.forced)) }
      Output.write(verdictText(set, common.style))
    }
    throw ExitCode(1)
  }

  /// What was overruled, and by whom it was asked; the journal has it as well, but not for longer than the host runs.
  func logForced(_ set: AssessedSet) {
    for finding in set.assessment.findings
    where finding.severity == .error && finding.isForceable && set.forced.contains(finding.code) {
      SystemLog.write(
        "\(CommandLine.arguments.joined(separator: " ")): overruled \(finding.code) for \(finding.functions.map(\.description).joined(separator: " ")): \(finding.message) [\(finding.evidence.joined(separator: "; "))]"
      )
    }
  }

  private func dryRun(_ set: AssessedSet) {
    if common.json {
      Output.write(JSONWriter.document { write(set, to: &$0) })
      return
    }
    for finding in set.assessment.findings {
      Output.write("# \(finding.severity.rawValue) \(finding.code): \(printable(finding.message))\n")
    }
    if set.plan.isEmpty { Output.write("# nothing to do\n") }
    for line in Step.shellLines(set.plan) { Output.write(line + "\n") }
  }

  private func say(_ outcome: Outcome, _ set: AssessedSet, _ verb: String) throws {
    let diagnostic = outcome.failure.map { Diagnostic(outcome.result, $0) }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          write(set, to: &json)
          writeOutcome(outcome, &json)
          diagnostic?.write(to: &json)
        })
    }
    if let diagnostic {
      Output.progress(String(diagnostic.text.dropLast()))
      throw ExitCode(diagnostic.status.rawValue)
    }
    for step in outcome.steps where set.plan[step.index].isOptional(in: set.plan) {
      guard let errno = step.errno, let function = set.plan[step.index].function else { continue }
      Output.progress("\(function): the kernel would not reset it (\(errno)); its driver meets it as the guest left it")
    }
    if common.json { return }
    for address in set.functions {
      let state = outcome.states.first { $0.function == address }?.state ?? workspace.host[address]?.state
      Output.write("\(common.style.good("✓")) \(address) \(verb): \(state.map(\.description) ?? "")\n")
    }
    for address in set.virtualFunctions?.gone ?? [] {
      Output.write("\(common.style.good("✓")) \(address) gone\n")
    }
    let made = set.virtualFunctions?.made ?? []
    let moved = Set(set.plan.compactMap(\.function)).subtracting(set.functions + made)
    for address in moved.subtracting(set.virtualFunctions?.gone ?? []).sorted() {
      let state = outcome.states.first { $0.function == address }?.state
      Output.write("\(common.style.good("✓")) \(address) \(state.map(\.description) ?? "")\n")
    }
    for address in made {
      let state = outcome.states.first { $0.function == address }?.state
      Output.write("\(common.style.good("✓")) \(address) made: \(state.map(\.description) ?? "")\n")
    }
    if set.plan.isEmpty { Output.write("nothing to do\n") }
  }
}
