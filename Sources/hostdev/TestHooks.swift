import Operations
import System

/// Ways for the tests to end this program, or its writer, at an exact place. Nothing happens unless the environment asks.
///
/// `HOSTDEV_KILL_AFTER=N`: SIGKILL to this program after its N-th write; `HOSTDEV_KILL_WRITER_AFTER=N`: to its writer;
/// `HOSTDEV_PAUSE_BEFORE_WRITE=N:FILE`: say so and wait before the N-th write until FILE is there;
/// `HOSTDEV_UNFORESEEN=TEXT`: an error of a kind that no command knows of.
enum TestHooks {
  struct Unforeseen: Error, CustomStringConvertible { let description: String }

  static func fail() throws(Unforeseen) {
    if let text = Environment.value("HOSTDEV_UNFORESEEN") { throw Unforeseen(description: text) }
  }

  static var hooks: Invocation.Hooks {
    var hooks = Invocation.Hooks()
    let own = Environment.value("HOSTDEV_KILL_AFTER").flatMap { Int($0) }
    let writer = Environment.value("HOSTDEV_KILL_WRITER_AFTER").flatMap { Int($0) }
    if own != nil || writer != nil {
      hooks.afterWrite = { number, pid in
        if number == writer { Signal.kill(pid) }
        if number == own { Signal.killSelf() }
      }
    }
    if let pause = Environment.value("HOSTDEV_PAUSE_BEFORE_WRITE")?.split(separator: ":", maxSplits: 1),
      pause.count == 2,
      let place = Int(pause[0])
    {
      let file = String(pause[1])
      hooks.beforeWrite = { number in
        guard number == place else { return }
        StandardError.write(Array("paused before write \(number): waiting for \(file)\n".utf8))
        while (try? WorkingDirectory.read(file)) == nil, Interruption.signalName == nil {
          Clock.system.sleep(milliseconds: 10)
        }
      }
    }
    return hooks
  }
}
