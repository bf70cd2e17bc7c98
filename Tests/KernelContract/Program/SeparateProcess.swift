import KernelContract
import Sysfs
import System

/// One write or one read in a process of its own, which says `ready` before it and what came after it.
enum SeparateProcess {
  case write(value: [UInt8], path: String)
  case read(path: String)

  private static let program = "/proc/self/exe"

  init?(_ arguments: [String]) {
    switch arguments.dropFirst().first {
    case "write" where arguments.count == 4: self = .write(value: Array(arguments[2].utf8), path: arguments[3])
    case "read" where arguments.count == 3: self = .read(path: arguments[2])
    default: return nil
    }
  }

  private var arguments: [String] {
    switch self {
    case .write(let value, let path): ["kernel-contract", "write", String(decoding: value, as: UTF8.self), path]
    case .read(let path): ["kernel-contract", "read", path]
    }
  }

  func run(_ sysfs: TreeSysfs) -> Never {
    say("ready")
    do {
      switch self {
      case .write(let value, let path):
        try sysfs.write(value, to: path)
        say("done")
      case .read(let path): say("done \(try sysfs.text(path))")
      }
    } catch { say("refused \(error.errno)") }
    Ending.exit(0, saying: nil)
  }

  private func say(_ line: String) { try? StandardOutput.write(Array("\(line)\n".utf8)) }

  /// Starts it and waits until it is about to ask the kernel.
  func begin() throws -> Running {
    let child = try Child(Self.program, arguments, ignoringSignals: true, clock: .system)
    guard try child.line(until: .now + .seconds(20)).map({ String(decoding: $0, as: UTF8.self) }) == "ready" else {
      throw SystemError(call: "spawn", path: Self.program, errno: .timedOut)
    }
    return Running(child)
  }

  final class Running: PendingCall {
    private let child: Child
    private var said: String?

    init(_ child: Child) { self.child = child }

    func isDone(until deadline: ContinuousClock.Instant) throws -> Bool {
      if said == nil, let line = try child.line(until: deadline) {
        said = String(decoding: line, as: UTF8.self)
        child.wait()
      }
      return said != nil
    }

    var errno: Errno? {
      guard let said, said.hasPrefix("refused ") else { return nil }
      return Errno(name: String(said.dropFirst("refused ".utf8.count)))
    }

    var text: String { errno?.name ?? String((said ?? "").dropFirst("done ".utf8.count)) }
  }
}
