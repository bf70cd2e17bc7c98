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
  let workspace: Workspace
  let common: CommonOptions
  let options: ChangeOptions
  let ledger: Ledger
  private let lock: FileLock?

  /// Takes the lock, unless this is a dry run, and only then looks at the host: what is checked is what is moved.
  init(_ common: CommonOptions, _ options: ChangeOptions) throws {
    self.common = common
    self.options = options
    let root: Root
    do { root = try Root(common.root) } catch {
      throw Diagnostic(
        .notFound, "open --root", path: common.root, errno: error.errno.name,
        next: "name the directory that has the capture's sys/")
    }
    ledger = Ledger(root)
    Interruption.remember()
    lock = options.dryRun ? nil : try Self.lock(root, ledger, common, options)
    workspace = try Workspace(common)
  }

  private static func lock(_ root: Root, _ ledger: Ledger, _ common: CommonOptions, _ options: ChangeOptions) throws
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
          next: "cp -a \(common.root) /tmp/rehearsal && hostdev --root /tmp/rehearsal …")
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

  // MARK: Runs that were interrupted

  /// Refuses where an interrupted run has a say in these functions.
  func refuseInterrupted(_ set: [Address]) throws {
    for journal in try open() where !Set(journal.set).isDisjoint(with: set) {
      let names = journal.set.map(\.description).joined(separator: " ")
      if let writer = journal.writer, writer.isAlive, journal.pending != nil {
        throw Diagnostic(
          .timeout, "a write of an earlier run has not returned (process \(writer.pid))", path: journal.pending?.path,
          next: "hostdev status; when it has ended: hostdev recover")
      }
      throw Diagnostic(
        .partial, "an earlier '\(journal.command.joined(separator: " "))' was interrupted and concerns \(names)",
        path: "\(Ledger.folder)/journal/\(journal.id).json", next: "hostdev recover")
    }
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
    if !workspace.isHost { arguments.append(common.root) }
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

  func journal(_ kind: Journal.Kind, prior: [Placement], target: [Placement], plan: [Step], holds: [Hold] = [])
    -> Journal
  {
    let now = Clock.seconds
    let owner = ProcessIdentity.current
    return Journal(
      id: "\(now)-\(owner?.pid ?? 0)", kind: kind, command: ["hostdev"] + CommandLine.arguments.dropFirst(),
      owner: owner, begun: now,
      identities: Dictionary(
        prior.compactMap { place in workspace.host[place.function].map { (place.function, Identity($0)) } },
        uniquingKeysWith: { first, _ in first }), prior: prior, target: target, plan: plan,
      forced: options.forced.sorted(), holds: holds)
  }

  /// Shows an assessed set and runs its plan, unless it is refused, only asked for, or nothing is to be done.
  func carryOut(_ set: AssessedSet, verb: String, _ journal: () -> Journal) throws {
    if !set.blocking.isEmpty {
      if common.json {
        Output.write(
          JSONWriter.document { json in
            write(set, to: &json)
            if !options.dryRun { writeOutcome(Outcome(result: .refused, steps: [], failure: nil, states: []), &json) }
          })
      } else {
        Output.write(setText(set.functions, workspace, common.style))
        for finding in set.assessment.findings { Output.write(finding.text(common.style)) }
        Output.write(verdictText(set, common.style))
      }
      throw ExitCode(1)
    }
    if options.dryRun { return dryRun(set) }
    if !common.json { for finding in set.assessment.findings { Output.write(finding.text(common.style)) } }
    let outcome =
      set.plan.isEmpty ? Outcome(result: .done, steps: [], failure: nil, states: []) : runner().run(journal())
    try say(outcome, set, verb)
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
    for step in set.plan { Output.write(step.shellLine + "\n") }
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
    if common.json { return }
    for address in set.functions {
      let state = outcome.states.first { $0.function == address }?.state ?? workspace.host[address]?.state
      Output.write("\(common.style.good("✓")) \(address) \(verb): \(state.map(\.description) ?? "")\n")
    }
    if set.plan.isEmpty { Output.write("nothing to do\n") }
  }

  private func writeOutcome(_ outcome: Outcome, _ json: inout JSONWriter) {
    json.key("outcome")
    json.object { json in
      json.key("result")
      json.value(outcome.result.rawValue)
      json.key("steps")
      json.array { json in
        for step in outcome.steps {
          json.object { json in
            json.key("index")
            json.value(step.index)
            json.key("ms")
            json.value(step.milliseconds)
            json.key("errno")
            json.value(step.errno)
          }
        }
      }
    }
  }
}

extension Diagnostic {
  init(_ result: Outcome.Result, _ failure: Failure) {
    let status: Status =
      switch result {
      case .timeout: .timeout
      case .partial: .partial
      case .rolledBack, .done, .refused: failure.isMissing ? .missing : .rolledBack
      }
    self.init(
      status, failure.operation, path: failure.path, errno: failure.errno, state: failure.state, next: failure.next)
  }

  init(_ error: LedgerError, doing: String) {
    switch error {
    case .locked(let holder):
      self.init(
        .locked, "another hostdev is at work (pid, since, command: \(holder))", path: "\(Ledger.folder)/lock",
        next: "wait for it, or let this one wait: --wait 60")
    case .malformed(let file, let reason):
      self.init(
        .malformed, "\(doing): \(reason)", path: file,
        next: "look at the file; if nothing in it is needed, move it away: mv \(file) /root/")
    case .cannotRead(let cause), .cannotWrite(let cause):
      self.init(
        .rolledBack, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "make room under /run: df -h /run" : "make it readable and writable for root, then try again")
    }
  }
}
