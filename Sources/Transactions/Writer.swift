import Assignment
import FoundationEssentials
import Host
import PCI
import System

/// The run's side of its writer process.
final class Writer {
  private let child: Child
  private(set) var isStuck = false
  private var hasDied = false
  /// It can be asked again.
  var isUsable: Bool { !isStuck && !hasDied }

  /// Starts the program at `path` with `arguments`, which must run a `WriterLoop`.
  init(_ path: String, _ arguments: [String]) throws(SystemError) {
    child = try Child(path, arguments, ignoringSignals: true)
  }

  var process: ProcessIdentity? { ProcessIdentity(pid: child.pid) }

  enum Answer {
    case done(WriterReply)
    /// Nothing came until the deadline: the request is still under way.
    case late
    /// The writer has died: whether the request was carried out is not known.
    case died
  }

  func ask(_ request: WriterRequest, within limit: Duration) -> Answer {
    // The next line of a stuck writer would be the answer to what was asked before.
    if isStuck { return .late }
    if hasDied { return .died }
    guard let data = try? JSONEncoder().encode(request) else { return .died }
    do {
      try child.send(Array(data) + [0x0a])
      guard let line = try child.line(until: .now + limit) else {
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

  /// Ends it where it is idle; a stuck one is left behind and ends by itself.
  func finish() {
    child.closeInput()
    if !isStuck { child.wait() }
  }
}
