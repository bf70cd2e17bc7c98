import Sysfs
import System

/// Runs one expectation: performs its steps, makes its write, observes what is so afterwards.
struct ExpectationRun {
  let sysfs: any Sysfs
  let devices: TestDevices
  let machine: any TestMachine
  private var ends: [() -> Void] = []
  private var pending: [any PendingCall] = []

  /// How long to wait for a call that may block: it returns at once, or only when the function is closed.
  private static let waitLimit: Duration = .milliseconds(500)

  init(sysfs: any Sysfs, devices: TestDevices, machine: any TestMachine) {
    self.sysfs = sysfs
    self.devices = devices
    self.machine = machine
  }

  /// Ends what the steps began, and waits for the calls that then come back; says which did not.
  mutating func finish() -> String? {
    for end in ends { end() }
    ends = []
    defer { pending = [] }
    let deadline = ContinuousClock.now + .seconds(20)
    for call in pending where (try? call.isDone(until: deadline)) != true { return "a write never came back" }
    return nil
  }

  mutating func perform(_ step: Step) throws {
    switch step {
    case .hold(let device):
      let address = try fill("{\(device)}")
      // A virtual function has its group only now.
      ends.append(try machine.hold(address, group: try sysfs.linkName("/sys/bus/pci/devices/\(address)/iommu_group")))
    case .module(let name, let arguments): try machine.loadModule(name, try arguments.map { try fill($0) })
    case .unload(let name): try machine.unloadModule(name)
    case .probesAnswer(let errno): try machine.probes(answer: errno)
    case .mount(let device): ends.append(try machine.mount(try fill("{\(device)}")))
    case .link(let consumer, let supplier):
      ends.append(try machine.link(consumer: try fill("{\(consumer)}"), supplier: try fill("{\(supplier)}")))
    case .begin(let write):
      if try waitingErrno(of: write) != .timedOut { throw CannotRun(description: "setup: \(write.path) came back") }
    case .attempt(let write): _ = try errno(of: write)
    case .write(let write):
      if let errno = try errno(of: write) { throw CannotRun(description: "setup: \(write.path): \(errno)") }
    }
  }

  /// What is answered; `.timedOut` if it waits.
  mutating func errno(of write: Write) throws -> Errno? {
    if !pending.isEmpty || write.mayWait { return try waitingErrno(of: write) }
    let (value, path) = try filled(write)
    do {
      try sysfs.write(value, to: path)
      return nil
    } catch { return error.errno }
  }

  private mutating func waitingErrno(of write: Write) throws -> Errno? {
    let (value, path) = try filled(write)
    let call = try machine.begin(value, to: path)
    if try call.isDone(until: .now + Self.waitLimit) { return call.errno }
    pending.append(call)
    return .timedOut
  }

  private func filled(_ write: Write) throws(CannotRun) -> (value: [UInt8], path: String) {
    let value =
      write.value.contains(UInt8(ascii: "{"))
      ? Array(try fill(String(decoding: write.value, as: UTF8.self)).utf8) : write.value
    return (value, try fill(write.path))
  }

  /// What is seen; what was expected and is not yet so has a second to come about (a suspend is not done at once).
  mutating func observe(_ check: Check) throws -> (value: String, isExpected: Bool) {
    let path = try fill(check.path)
    var wanted: [String] = []
    for value in check.values { wanted.append(try fill(value)) }
    var value = try self.value(check.kind, path)
    var tries = 0
    while !wanted.isEmpty, !wanted.contains(value), tries < 20 {
      Clock.system.sleep(milliseconds: 50)
      tries += 1
      value = try self.value(check.kind, path)
    }
    // Records of different machines are compared: an address is written as its name in the template again.
    let template = check.values.first { (try? fill($0)) == value }
    return (template ?? value, wanted.isEmpty || wanted.contains(value))
  }

  private mutating func value(_ kind: Check.Kind, _ path: String) throws -> String {
    func line(_ bytes: [UInt8]?) -> ArraySlice<UInt8>? { bytes.map { $0.last == 0x0a ? $0.dropLast() : $0[...] } }
    switch kind {
    case .link: return (try? sysfs.linkName(path)) ?? "none"
    case .text: return line(try? sysfs.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? "none"
    case .length: return line(try? sysfs.read(path)).map { "\($0.count)" } ?? "none"
    case .existence: return sysfs.exists(path) ? "yes" : "no"
    case .bytes: return (try? sysfs.read(path)).map(Self.firstBytes) ?? "none"
    case .count: return (try? sysfs.entries(path)).map { "\($0.count)" } ?? "none"
    case .opening: return try machine.open(group: path)
    case .blockingText:
      let call = try machine.begin(reading: path)
      // Whether it answers is what counts: of several lines the first will do.
      if try call.isDone(until: .now + Self.waitLimit) { return String(call.text.prefix { $0 != "\n" }) }
      pending.append(call)
      return "waits"
    }
  }

  private static func firstBytes(_ bytes: [UInt8]) -> String {
    bytes.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }

  private func fill(_ template: String) throws(CannotRun) -> String {
    guard let text = devices.fill(template) else {
      throw CannotRun(description: "this machine has no function for \(template)")
    }
    return text
  }
}
