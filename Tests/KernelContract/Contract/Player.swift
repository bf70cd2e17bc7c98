import Sysfs
import System

/// Takes the steps of one expectation.
struct Player {
  let sysfs: any Sysfs
  let roles: Roles
  let stage: any Stage
  private var ends: [() -> Void] = []
  private var begun: [any Begun] = []

  /// How long something that may wait is waited for: it comes back at once, or not before somebody lets go.
  private static let patience: Duration = .milliseconds(500)

  init(sysfs: any Sysfs, roles: Roles, stage: any Stage) {
    self.sysfs = sysfs
    self.roles = roles
    self.stage = stage
  }

  /// Ends what goes on, and waits for what then comes back; says what did not.
  mutating func letGo() -> String? {
    for end in ends { end() }
    ends = []
    defer { begun = [] }
    let deadline = ContinuousClock.now + .seconds(20)
    for one in begun where (try? one.isDone(until: deadline)) != true { return "a write never came back" }
    return nil
  }

  mutating func take(_ step: Step) throws {
    switch step {
    case .hold(let role):
      let address = try fill("{\(role)}")
      // A virtual function has its group only now.
      ends.append(try stage.hold(address, group: try sysfs.linkName("/sys/bus/pci/devices/\(address)/iommu_group")))
    case .module(let name, let arguments): try stage.loadModule(name, try arguments.map { try fill($0) })
    case .unload(let name): try stage.unloadModule(name)
    case .probesAnswer(let errno): try stage.probes(answer: errno)
    case .mount(let role): ends.append(try stage.mount(try fill("{\(role)}")))
    case .link(let consumer, let supplier):
      ends.append(try stage.link(consumer: try fill("{\(consumer)}"), supplier: try fill("{\(supplier)}")))
    case .begin(let write):
      if try waitingErrno(of: write) != .timedOut { throw CannotPlay(description: "setup: \(write.path) came back") }
    case .attempt(let write): _ = try errno(of: write)
    case .write(let write):
      if let errno = try errno(of: write) { throw CannotPlay(description: "setup: \(write.path): \(errno)") }
    }
  }

  /// What is answered; `.timedOut` where it waits.
  mutating func errno(of write: Write) throws -> Errno? {
    if !begun.isEmpty || write.mayWait { return try waitingErrno(of: write) }
    let (value, path) = try filled(write)
    do {
      try sysfs.write(value, to: path)
      return nil
    } catch { return error.errno }
  }

  private mutating func waitingErrno(of write: Write) throws -> Errno? {
    let (value, path) = try filled(write)
    let one = try stage.begin(value, to: path)
    if try one.isDone(until: .now + Self.patience) { return one.errno }
    begun.append(one)
    return .timedOut
  }

  private func filled(_ write: Write) throws(CannotPlay) -> (value: [UInt8], path: String) {
    let value =
      write.value.contains(UInt8(ascii: "{"))
      ? Array(try fill(String(decoding: write.value, as: UTF8.self)).utf8) : write.value
    return (value, try fill(write.path))
  }

  /// What is seen; what was expected and is not yet so has a second to come about (a suspend is not done at once).
  mutating func see(_ look: Look) throws -> (value: String, isExpected: Bool) {
    let path = try fill(look.path)
    var wanted: [String] = []
    for value in look.values { wanted.append(try fill(value)) }
    var value = try self.value(look.kind, path)
    var tries = 0
    while !wanted.isEmpty, !wanted.contains(value), tries < 20 {
      Clock.system.sleep(milliseconds: 50)
      tries += 1
      value = try self.value(look.kind, path)
    }
    // Records of different machines are compared: an address is written as its role again.
    let role = look.values.first { (try? fill($0)) == value }
    return (role ?? value, wanted.isEmpty || wanted.contains(value))
  }

  private mutating func value(_ kind: Look.Kind, _ path: String) throws -> String {
    func line(_ bytes: [UInt8]?) -> ArraySlice<UInt8>? { bytes.map { $0.last == 0x0a ? $0.dropLast() : $0[...] } }
    switch kind {
    case .link: return (try? sysfs.linkName(path)) ?? "none"
    case .text: return line(try? sysfs.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? "none"
    case .length: return line(try? sysfs.read(path)).map { "\($0.count)" } ?? "none"
    case .existence: return sysfs.exists(path) ? "yes" : "no"
    case .bytes: return (try? sysfs.read(path)).map(Self.firstBytes) ?? "none"
    case .count: return (try? sysfs.entries(path)).map { "\($0.count)" } ?? "none"
    case .opening: return try stage.open(group: path)
    case .patientText:
      let one = try stage.begin(reading: path)
      // Whether it answers is what counts: of several lines the first will do.
      if try one.isDone(until: .now + Self.patience) { return String(one.text.prefix { $0 != "\n" }) }
      begun.append(one)
      return "waits"
    }
  }

  private static func firstBytes(_ bytes: [UInt8]) -> String {
    bytes.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }

  private func fill(_ template: String) throws(CannotPlay) -> String {
    guard let text = roles.fill(template) else { throw CannotPlay(description: "nobody plays a role of \(template)") }
    return text
  }
}
