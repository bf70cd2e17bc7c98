import Foundation
import TestSupport
import Testing

/// The program under test: `HOSTDEV_BINARY`, else the one that was built beside this test bundle.
enum Program {
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["HOSTDEV_BINARY"] { return given }
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    let beside = URL(filePath: bundle).deletingLastPathComponent().appending(path: "hostdev").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    // swift-testing's own runner loads the bundle from another place.
    return Fixture.repository + "/.build/debug/hostdev"
  }()
}

/// A command that was started. It is killed when its time is over, and that is a failure.
final class Command {
  let arguments: [String]
  let pid: pid_t
  private let begun = ContinuousClock.now
  private let deadline: ContinuousClock.Instant
  private let output: Int32
  private let errors: Int32

  /// Starts `words`, the first of which is a path. Output goes to files and not to pipes: a writer that is left behind keeps
  /// standard error open.
  init(_ words: [String], input: Data? = nil, environment: [String: String] = [:], seconds: Double = 60) throws {
    arguments = words
    deadline = .now + .milliseconds(Int(seconds * 1000))
    output = try Self.file()
    errors = try Self.file()
    let from = input == nil ? open("/dev/null", O_RDONLY | O_CLOEXEC) : try Self.file(input)
    defer { close(from) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (place, descriptor) in [from, output, errors].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
    }
    // Threads of the concurrency pool block signals, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var around = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HOSTDEV_") }
    around["LC_ALL"] = "C"
    around["SWIFT_BACKTRACE"] = "enable=no"
    around.merge(environment) { _, new in new }
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = around.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawnp(&child, words[0], &actions, &attributes, &argv, &envp)
    pid = child
    guard status == 0 else { throw Trouble("\(words[0]): \(String(cString: strerror(status)))") }
  }

  deinit {
    close(output)
    close(errors)
  }

  private static func file(_ content: Data? = nil) throws -> Int32 {
    let name = Scratch.free() + ".output"
    let descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Trouble("a temporary file: \(String(cString: strerror(errno)))") }
    unlink(name)
    if let content {
      content.withUnsafeBytes { _ = write(descriptor, $0.baseAddress, $0.count) }
      lseek(descriptor, 0, SEEK_SET)
    }
    return descriptor
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// Standard error so far.
  func saidOnErrors() -> String { Self.content(errors) }

  /// Waits for the end.
  func finish() throws -> Ending {
    var status: Int32 = 0
    var pause: UInt32 = 500
    var wasKilled = false
    while true {
      let got = waitpid(pid, &status, WNOHANG)
      if got == pid { break }
      if got < 0, errno != EINTR { throw Trouble("waitpid: \(String(cString: strerror(errno)))") }
      if ContinuousClock.now > deadline, !wasKilled {
        kill(pid, SIGKILL)
        wasKilled = true
      }
      usleep(pause)
      pause = min(pause * 2, 4000)
    }
    let text = (Self.content(output), Self.content(errors))
    if wasKilled { throw Trouble("\(arguments.joined(separator: " ")) did not end in time; it said: \(text)") }
    let signal = status & 0x7f
    return Ending(
      command: arguments.joined(separator: " "), status: signal == 0 ? status >> 8 & 0xff : nil,
      signal: signal == 0 ? nil : signal, output: text.0, errors: text.1,
      seconds: begun.duration(to: .now) / .seconds(1))
  }

  private static func content(_ descriptor: Int32) -> String {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }

  static func run(
    _ words: [String], input: Data? = nil, environment: [String: String] = [:], seconds: Double = 60
  ) throws -> Ending {
    try Command(words, input: input, environment: environment, seconds: seconds).finish()
  }
}

/// How a command ended, and what it said.
struct Ending: CustomStringConvertible {
  let command: String
  /// Nil if a signal ended it.
  let status: Int32?
  let signal: Int32?
  let output: String
  let errors: String
  let seconds: Double

  var json: JSON { get throws { try JSON(parsing: output) } }
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  var description: String {
    "\(command): \(status.map { "exit \($0)" } ?? "signal \(signal ?? 0)")\n\(output)\(errors)"
  }
}

/// A test that could not be carried out.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
