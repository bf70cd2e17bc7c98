import ArgumentParser
import Checks
import Operations

/// What every command that changes something takes.
struct ChangeOptions: ParsableArguments {
  @Flag(help: "Print the exact writes, in order, as lines that sh runs to the same effect; make none of them.")
  var dryRun = false

  @Option(help: ArgumentHelp("Seconds to wait for the host-wide lock.", valueName: "seconds"))
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
  @Flag(help: "Add what must come along.")
  var whole = false
}

/// For the commands that are refused by findings.
struct ForceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Overrule these findings, by their codes.", valueName: "code[,code]"))
  var force: [CodeList] = []

  var codes: Set<FindingCode> { Set(force.flatMap(\.codes)) }
}

/// `CODE[,CODE]`, each one that there is.
struct CodeList: ExpressibleByArgument {
  let codes: [FindingCode]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    codes = words.compactMap { FindingCode(ofSet: String($0)) }
    if codes.count < words.count { return nil }
  }
}
