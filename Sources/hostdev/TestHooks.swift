import Operations
import System

/// Ways for the tests to end this program, or its writer, at an exact place. Nothing happens unless the environment asks, and then only on a
/// capture, or on a machine whose kernel was started with the word `hostdev.test`, as the lab's guests are.
///
/// `HOSTDEV_KILL_AFTER=N`: SIGKILL to this program after its N-th write; `HOSTDEV_KILL_WRITER_AFTER=N`: to its writer;
/// `HOSTDEV_PAUSE_BEFORE_WRITE=N:FILE`: say so and wait before the N-th write until FILE is there;
/// `HOSTDEV_UNFORESEEN=TEXT`: an error of a kind that no command knows of.
enum TestHooks {
  struct Unforeseen: Error, CustomStringConvertible { let description: String }

  /// What the tests ask for is obeyed below this root.
  private static func areObeyed(below path: String) -> Bool {
    if let root = try? Root(path), !root.isHost, !root.hasRealSysfs { return true }
    guard let line = try? WorkingDirectory.read("/proc/cmdline") else { return false }
    return line.split(whereSeparator: { $0 == 0x20 || $0 == 0x0a }).contains { $0.elementsEqual("hostdev.test".utf8) }
  }

  /// Before the options are known: the root is looked for among the words.
  static func fail(_ arguments: [String]) throws(Unforeseen) {
    guard let text = Environment.value("HOSTDEV_UNFORESEEN") else { return }
    let root = arguments.drop { $0 != "--root" }.dropFirst().first
    if areObeyed(below: root ?? "/") { throw Unforeseen(description: text) }
  }

  static func hooks(below root: String) -> Invocation.Hooks {
    var hooks = Invocation.Hooks()
    let names = ["HOSTDEV_KILL_AFTER", "HOSTDEV_KILL_WRITER_AFTER", "HOSTDEV_PAUSE_BEFORE_WRITE"]
    guard names.contains(where: { Environment.value($0) != nil }), areObeyed(below: root) else { return hooks }
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
