import CSystem
import Glibc
import Synchronization

/// Reads of attributes that the kernel answers under a lock. Another process may hold the lock as long as a guest runs.
///
/// On a running kernel they are made by a `ReaderProcess`. What is not answered in time is ETIMEDOUT, and the other
/// attributes of that device are not read again.
final class LockedReads: Sendable {
  /// Attributes of devices under `/sys` that wait for the device lock (`uevent_show`, `driver_override_show`,
  /// `sriov_numvfs_show`) or for the device to wake (`pci_read_config`).
  static let names: Set<String> = ["uevent", "driver_override", "sriov_numvfs", "config"]

  /// How long a command waits for all that does not answer, and for one file before another reader reads the next ones.
  private static let budget: Duration = .seconds(1)
  private static let stall: Duration = .milliseconds(40)
  /// More are not left behind: the rest counts as not answered.
  private static let mostLeftBehind = 1024

  private struct State: ~Copyable {
    var reader: ReaderProcess?
    var leftBehind = 0
    var budget = LockedReads.budget
    /// Folders of devices that did not answer.
    var silent: Set<Substring> = []
  }

  private let state = Mutex(State())
  private let root: Int32
  private let clock: Clock

  init(root: Int32, clock: Clock) {
    self.root = root
    self.clock = clock
  }

  static func isLocked(_ path: String) -> Bool {
    guard path.hasPrefix("/sys/"), let slash = path.lastIndex(of: "/") else { return false }
    return names.contains(String(path[path.index(after: slash)...]))
  }

  /// The process that reads, if one was started and is not left behind.
  var readerPID: Int32? { state.withLock { $0.reader?.pid } }

  /// The whole of each file. ETIMEDOUT if the kernel did not answer.
  func read(_ paths: [String]) -> [Result<[UInt8], SystemError>] {
    state.withLock { state in
      var round = Round(paths, silent: state.silent)
      // If an attribute answers late, its device's other attributes are read once more.
      while !round.isDone {
        ask(&round, &state)
        round.collect(within: &state.budget, by: clock)
      }
      state.silent.formUnion(round.silent)
      return round.results
    }
  }

  private func ask(_ round: inout Round, _ state: inout State) {
    while let next = round.next {
      guard state.leftBehind < Self.mostLeftBehind else { return round.fail(.timedOut) }
      if state.reader == nil {
        do { state.reader = try ReaderProcess(root: root, path: round.paths[next]) } catch {
          return round.fail(error.errno)
        }
      }
      guard let reader = state.reader else { return }
      // The more there are that do not answer, the sooner it goes on to the next.
      let patience = max(Self.stall / (round.waiting.count + 1), .milliseconds(1))
      let progress = reader.ask(round.remaining) == 0 ? .died : reader.wait(patience: patience, by: clock)
      round.take(reader.answers)
      if case .finished = progress { continue }
      state.reader = nil
      state.leftBehind += 1
      if case .died = progress {
        round.failNext(.io)
      } else {
        reader.endAfterThis()
        round.leave(reader)
      }
    }
  }

  /// One question for several files.
  private struct Round {
    let paths: [String]
    private var answers: [Result<[UInt8], SystemError>?]
    /// Places of files that must still be read, in their order.
    private var open: ArraySlice<Int>
    /// Readers that wait for one file each, and its place.
    private(set) var waiting: [(reader: ReaderProcess, place: Int)] = []
    private(set) var silent: Set<Substring> = []
    /// Places of files that were passed over since their device does not answer.
    private var passedOver: [Int] = []

    init(_ paths: [String], silent: Set<Substring>) {
      self.paths = paths
      answers = Array(repeating: nil, count: paths.count)
      open = paths.indices.filter { silent.isEmpty || !silent.contains(Self.folder(paths[$0])) }[...]
    }

    private static func folder(_ path: String) -> Substring {
      path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }

    var next: Int? { open.first }
    var isDone: Bool { open.isEmpty && waiting.isEmpty }
    var remaining: some Collection<String> { open.lazy.map { paths[$0] } }

    mutating func take(_ found: [Result<[UInt8], SystemError>]) {
      for answer in found {
        guard let place = open.popFirst() else { return }
        answers[place] = answer
      }
    }

    mutating func failNext(_ errno: Errno) {
      guard let place = open.popFirst() else { return }
      answers[place] = .failure(SystemError(call: "read", path: paths[place], errno: errno))
    }

    /// The file that it waits for, and all others of that device, are left to the end.
    mutating func leave(_ reader: ReaderProcess) {
      guard let place = open.popFirst() else { return }
      waiting.append((reader, place))
      let folder = Self.folder(paths[place])
      passedOver += open.filter { Self.folder(paths[$0]) == folder }
      open = open.filter { Self.folder(paths[$0]) != folder }[...]
      silent.insert(folder)
    }

    /// None of the others can be read at all.
    mutating func fail(_ errno: Errno) { while !open.isEmpty { failNext(errno) } }

    /// Waits once more for those that were left, all together.
    mutating func collect(within budget: inout Duration, by clock: Clock) {
      for (reader, place) in waiting {
        let begun = clock.now
        let isAnswered =
          if case .finished = reader.wait(patience: max(budget, .zero), by: clock) { true } else { false }
        budget -= begun.duration(to: clock.now)
        guard isAnswered else { continue }
        silent.remove(Self.folder(paths[place]))
        // No answer if it had not begun: the file is read once more.
        if let answer = reader.answers.last { answers[place] = answer } else { passedOver.append(place) }
      }
      waiting = []
      open = passedOver.sorted().filter { !silent.contains(Self.folder(paths[$0])) }[...]
      passedOver.removeAll { !silent.contains(Self.folder(paths[$0])) }
    }

    var results: [Result<[UInt8], SystemError>] {
      zip(paths, answers).map { path, answer in
        answer ?? .failure(SystemError(call: "read", path: path, errno: .timedOut))
      }
    }
  }
}
