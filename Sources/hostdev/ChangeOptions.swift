import ArgumentParser
import Operations

/// What every command that changes something takes.
struct ChangeOptions: ParsableArguments {
  @Flag(help: "Print the writes as shell commands, in order, and make none of them.")
  var dryRun = false

  @Option(help: ArgumentHelp("Seconds to wait if another hostdev holds the lock.", valueName: "seconds"))
  var wait: Double = 0

  func validate() throws(ValidationError) {
    if !(wait >= 0 && wait <= 86400) { throw ValidationError("--wait wants seconds, from 0 to 86400") }
  }

  /// `writes`, `overruling` and `scope`: of a command that takes them.
  func invocation(
    _ common: CommonOptions, writes: WriteOptions? = nil, overruling: ForceOptions? = nil, scope: WholeOptions? = nil
  ) -> Invocation {
    var invocation = common.invocation
    invocation.isDryRun = dryRun
    invocation.wait = wait
    invocation.timeout = writes?.timeout
    invocation.forced = overruling?.codes ?? []
    invocation.addsMissing = scope?.whole ?? false
    return invocation
  }
}

extension Invocation {
  /// For a command that prints the result of each pin at its end: what was assessed on the way is not printed twice.
  mutating func printsAtTheEnd() {
    let report = report
    self.report = { progress in
      switch progress {
      case .note, .waiting: report(progress)
      case .assessed: break
      }
    }
  }
}

/// For the commands that write to the kernel.
struct WriteOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Seconds for each write (default: unbind 120, reset 90, else 60).", valueName: "seconds"))
  var timeout: Double?

  func validate() throws(ValidationError) {
    if let timeout, !(timeout >= 0.1 && timeout <= 86400) {
      throw ValidationError("--timeout wants seconds, from 0.1 to 86400")
    }
  }
}

/// For the commands that move a set as a whole, or check it as such.
struct WholeOptions: ParsableArguments {
  @Flag(help: "Also include functions that must move with them: same group, shared reset, companions.")
  var whole = false
}
