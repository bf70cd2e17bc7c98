import Planning
import FoundationEssentials
import Host
import PCI
import System

/// A writer that is a process: what does not return from the kernel is left behind with it.
public final class ProcessWriter: Writer {
  private let child: Child
  private let clock: Clock
  private var isStuck = false
  private var hasDied = false
  /// It can be asked again.
  public var isUsable: Bool { !isStuck && !hasDied }

  /// Starts the program at `path` with `arguments`, which must run a `WriterLoop`.
  public init(_ path: String, _ arguments: [String], clock: Clock) throws(SystemError) {
    self.clock = clock
    child = try Child(path, arguments, ignoringSignals: true, clock: clock)
  }

  public var process: ProcessIdentity? { ProcessIdentity(pid: child.pid) }

  public func ask(_ request: WriterRequest, within limit: Duration, waiting: (Duration) -> Void) -> WriterAnswer {
    // The next line of a stuck writer would be the answer to what was asked before.
    if isStuck { return .late }
    if hasDied { return .died }
    guard let data = try? JSONEncoder().encode(request) else { return .died }
    do {
      try child.send(Array(data) + [0x0a])
      guard let line = try answer(within: limit, waiting: waiting) else {
        isStuck = true
        return .late
      }
      guard let reply = try? JSONDecoder().decode(WriterReply.self, from: Data(line)) else { return .died }
      return .done(reply)
    } catch {
      hasDied = true
      return .died
    }
  }

  private func answer(within limit: Duration, waiting: (Duration) -> Void) throws(SystemError) -> [UInt8]? {
    let begun = clock.now
    var next = Duration.seconds(3)
    while next < limit {
      if let line = try child.line(until: begun + next) { return line }
      waiting(next)
      next += .seconds(10)
    }
    return try child.line(until: begun + limit)
  }

  /// Ends it where it is idle; a stuck one is left behind and ends by itself.
  public func finish() {
    child.closeInput()
    if !isStuck { child.wait() }
  }
}
