import Checks
import Planning
import System
import Transactions

/// How an operation was called: all that it has to know of its caller. It reads nothing of this by itself.
public struct Invocation {
  /// What the caller wants to do at each write; tests end the program there.
  public typealias Hooks = Runner.Hooks

  /// As typed, the program's name first.
  public var command: [String]
  /// The directory that stands for `/`.
  public var root = "/"
  /// Opens it.
  public var openRoot: (_ path: String, _ clock: Clock) throws(SystemError) -> Root = {
    path, clock throws(SystemError) in try Root(path, clock: clock)
  }
  /// The caller has effective user id 0.
  public var isRoot = false
  /// The caller's effective user id: in a capture that user's files count.
  public var user: UInt32 = 0
  /// The environment's SSH_CONNECTION, `client port server port`.
  public var sshConnection: String?
  /// What would be done is only told.
  public var isDryRun = false
  /// Functions that the set lacks are added.
  public var addsMissing = false
  /// Codes of findings that are overruled.
  public var forced: Set<FindingCode> = []
  /// Seconds for each write; nil for the defaults.
  public var timeout: Double?
  /// Seconds to wait for the host-wide lock.
  public var wait = 0.0
  /// The machine that we run on has the program at this path.
  public var isInstalled: (_ path: String) -> Bool = { path in (try? Root("/"))?.exists(path) == true }
  /// Where writes are made, and reads that may take long.
  public var isolation = Isolation.processes(program: "/proc/self/exe")
  /// Time, processes and signals.
  public var runtime = Runtime.system
  /// Called before and after each write.
  public var hooks = Hooks()
  /// A file that an argument names, from where the caller is.
  public var readFile: (_ path: String) throws(SystemError) -> [UInt8]
  /// Told as it happens.
  public var report: (Progress) -> Void = { _ in }

  public init(command: [String], readFile: @escaping (String) throws(SystemError) -> [UInt8] = WorkingDirectory.read) {
    self.command = command
    self.readFile = readFile
  }

  /// As records have it: under the program's own name, wherever it was started from.
  var recorded: [String] { ["hostdev"] + command.dropFirst() }
  /// As typed, in a line.
  var typed: String { command.joined(separator: " ") }
}

/// What keeps a write that does not return from holding us up.
public enum Isolation {
  /// A process of the program at this path, which runs `WriterProgram` and `VPDProgram`, and can be left behind.
  case processes(program: String)
  /// Nothing: all is done in this very process. For simulated kernels alone.
  case none(writers: (Root) -> any WriterSource)
}

/// What an operation tells while it is under way.
public enum Progress {
  /// Something that a user should know.
  case note(String)
  /// A write has not returned yet. `holders`: who has the function open, if that can be seen.
  case waiting(Step, elapsed: Duration, limit: Duration, holders: String?)
  /// It was assessed, is not refused, and is about to be run.
  case assessed(AssessedSet)
}
