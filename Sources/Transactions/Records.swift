import FoundationEssentials
import PCI
import System

/// `/run/hostdev`: the lock, the journals of runs under way or interrupted, and the record of what is held.
public struct Records: Sendable {
  public static let folder = "/run/hostdev"
  static let journals = folder + "/journal"
  static let holds = folder + "/held"
  static let lockFile = folder + "/lock"
  private let root: Root
  private let runtime: Runtime

  public init(_ root: Root, _ runtime: Runtime) {
    self.root = root
    self.runtime = runtime
  }

  // MARK: Lock

  /// Takes the one host-wide lock; waits for it as long as that.
  public func lock(wait: Duration, label: String) throws(RecordsError) -> any FileLock {
    let deadline = runtime.clock.now + wait
    var vanished = 0
    while true {
      let folders = RecordFolders(root)
      var owner: ProcessIdentity?
      do {
        try makeFolders()
        if let lock = try root.lock(Self.lockFile) {
          // The lock may have been removed of a run that is under way: it stops this one all the same.
          owner = runsUnderWay().first
          if owner == nil {
            lock.label("\(runtime.ownProcess?.pid ?? 0) \(Clock.text(runtime.clock.seconds)) \(label)\n")
            return HostLock(lock, made: folders)
          }
        }
      } catch {
        // The process that held the lock has just removed the folder.
        vanished += 1
        guard error.errno == .noEntry, vanished < 10 else { throw .cannotWrite(error) }
        continue
      }
      if runtime.clock.now >= deadline || runtime.signalName != nil { throw .locked(by: holder(owner)) }
      runtime.clock.sleep(milliseconds: 20)
    }
  }

  /// For root alone: who can open the lock can hold it.
  private func makeFolders() throws(SystemError) {
    try root.makeDirectory("/run")
    try root.makeDirectory(Self.folder, mode: 0o700)
    if let rights = try? root.rights(Self.folder), rights.kind == .directory, rights.mode & 0o077 != 0 {
      try root.setMode(Self.folder, 0o700)
    }
    try root.makeDirectory(Self.journals)
    try root.makeDirectory(Self.holds)
  }

  /// Processes of other runs that have a journal and are alive.
  private func runsUnderWay() -> [ProcessIdentity] {
    ((try? openJournals()) ?? []).compactMap(\.owner).filter { $0 != runtime.ownProcess && runtime.isAlive($0) }
  }

  /// Who has the lock: by the kernel's table, with what he wrote into the file if it is he.
  private func holder(_ owner: ProcessIdentity?) -> String {
    let label = (try? root.read(Self.lockFile)).map { String(decoding: $0, as: UTF8.self) }?
      .split(separator: "\n").first.map(String.init)
    guard let pid = owner?.pid ?? root.lockHolder(Self.lockFile) else { return label ?? "unknown" }
    if let label, label.hasPrefix("\(pid) ") { return label }
    let command = (try? root.read("/proc/\(pid)/comm")).map { trimmedLine($0) }
    return "process \(pid)" + (command.map { " (\($0))" } ?? "")
  }

  private func trimmedLine(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  // MARK: Journals

  /// All journals there are, in the order of their beginning.
  public func openJournals() throws(RecordsError) -> [Journal] {
    try read(Self.journals, as: Journal.self, schema: Journal.currentSchema, at: \.schema) { $0.id }.sorted {
      ($0.begun, $0.id) < ($1.begun, $1.id)
    }
  }

  public func save(_ journal: Journal) throws(RecordsError) {
    try write(journal, to: "\(Self.journals)/\(journal.id).json")
  }

  public func close(_ journal: Journal) throws(RecordsError) { try remove("\(Self.journals)/\(journal.id).json") }

  // MARK: Holds

  public func held() throws(RecordsError) -> [Hold] {
    try read(Self.holds, as: Hold.self, schema: Hold.currentSchema, at: \.schema) { "\($0.function)" }.sorted {
      $0.function < $1.function
    }
  }

  public func save(_ hold: Hold) throws(RecordsError) { try write(hold, to: "\(Self.holds)/\(hold.function).json") }
  public func forget(_ function: Address) throws(RecordsError) { try remove("\(Self.holds)/\(function).json") }

  // MARK: Files

  private func read<Value: Decodable>(
    _ folder: String, as: Value.Type, schema: String, at path: KeyPath<Value, String>,
    called: (Value) -> String
  )
    throws(RecordsError) -> [Value]
  {
    let names: [String]
    do { names = try root.entries(folder) } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return [] }
      throw .cannotRead(error)
    }
    var values: [Value] = []
    for name in names where name.hasSuffix(".json") && !name.hasPrefix(".") {
      let file = "\(folder)/\(name)"
      let bytes: [UInt8]
      do { bytes = try root.read(file) } catch {
        // Another run took it away between listing and reading.
        if error.errno == .noEntry { continue }
        throw .cannotRead(error)
      }
      let decoder = JSONDecoder()
      if let stamp = try? decoder.decode(Stamp.self, from: Data(bytes)), stamp.schema != schema {
        throw .malformed(file: file, reason: "schema \(stamp.schema); this hostdev reads \(schema)")
      }
      let value: Value
      do { value = try decoder.decode(Value.self, from: Data(bytes)) } catch {
        throw .malformed(file: file, reason: Self.reason(error))
      }
      // What it calls itself is the name that it is written to and taken away by.
      guard name == called(value) + ".json" else {
        throw .malformed(file: file, reason: "the name in it is \(called(value))")
      }
      values.append(value)
    }
    return values
  }

  private struct Stamp: Decodable { let schema: String }

  /// Key and cause, out of the decoder's own words.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func key(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "the file" : path.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let missing, let context): return "\(key(context.codingPath + [missing])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "\(key(context.codingPath)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  private func write(_ value: some Encodable, to path: String) throws(RecordsError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do { data = try encoder.encode(value) } catch { throw .malformed(file: path, reason: "\(error)") }
    do { try root.replace(path, with: Array(data) + [0x0a]) } catch { throw .cannotWrite(error) }
  }

  private func remove(_ path: String) throws(RecordsError) {
    do { try root.remove(path) } catch { throw .cannotWrite(error) }
  }
}

public enum RecordsError: Error, Sendable, Equatable {
  /// What the lock's file says: pid, since when, and the command.
  case locked(by: String)
  case malformed(file: String, reason: String)
  case cannotRead(SystemError)
  case cannotWrite(SystemError)
}
