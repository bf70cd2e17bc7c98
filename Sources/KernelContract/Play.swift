import Sysfs
import System

/// Plays the expectations one after the other, and puts every role's function back after each.
///
/// `hold` opens a function and its group through VFIO; what it gives back ends that.
public func play(
  _ expectations: [Expectation], on sysfs: any Sysfs, roles: Roles,
  loadModule: @escaping (String, [String]) throws -> Void,
  hold: @escaping (_ address: String, _ group: String) throws -> () -> Void
) -> [Answer] {
  let before = Roles.names.compactMap { roles.addresses[$0] }.map { Kept($0, sysfs) }
  return expectations.map { expectation in
    var answer = Answer(name: expectation.name, row: expectation.row, errno: nil, after: [:], failed: nil, isMet: false)
    var player = Player(sysfs: sysfs, roles: roles, loadModule: loadModule, hold: hold)
    do {
      for step in expectation.setup { try player.take(step) }
      let errno = try player.errno(of: expectation.write)
      answer.errno = errno?.name
      answer.isMet = expectation.answers.contains(errno)
      for look in expectation.after {
        let seen = try player.see(look)
        answer.after[look.path] = seen.value
        answer.isMet = answer.isMet && seen.isExpected
      }
    } catch { answer.failed = "\(error)" }
    player.letGo()
    for step in expectation.restore { try? player.take(step) }
    let left = before.compactMap { $0.putBack(sysfs) }
    if !left.isEmpty, answer.failed == nil { answer.failed = "not put back: \(left.joined(separator: ", "))" }
    if answer.failed != nil { answer.isMet = false }
    return answer
  }
}

/// Why an expectation could not be played.
struct CannotPlay: Error, CustomStringConvertible {
  let description: String
}

/// Takes the steps of one expectation.
private struct Player {
  let sysfs: any Sysfs
  let roles: Roles
  let loadModule: (String, [String]) throws -> Void
  let hold: (String, String) throws -> () -> Void
  private var holds: [() -> Void] = []

  init(
    sysfs: any Sysfs, roles: Roles, loadModule: @escaping (String, [String]) throws -> Void,
    hold: @escaping (String, String) throws -> () -> Void
  ) {
    self.sysfs = sysfs
    self.roles = roles
    self.loadModule = loadModule
    self.hold = hold
  }

  mutating func letGo() {
    for end in holds { end() }
    holds = []
  }

  mutating func take(_ step: Step) throws {
    switch step {
    case .hold(let role): holds.append(try hold(try fill("{\(role)}"), try fill("{\(role).group}")))
    case .module(let name, let arguments): try loadModule(name, arguments)
    case .write(let write):
      if let errno = try errno(of: write) { throw CannotPlay(description: "setup: \(write.path): \(errno)") }
    }
  }

  func errno(of write: Write) throws(CannotPlay) -> Errno? {
    let path = try fill(write.path)
    let value =
      write.value.contains(UInt8(ascii: "{"))
      ? Array(try fill(String(decoding: write.value, as: UTF8.self)).utf8) : write.value
    do {
      try sysfs.write(value, to: path)
      return nil
    } catch { return error.errno }
  }

  /// What is seen; what was expected and is not yet so has a second to come about (a suspend is not done at once).
  func see(_ look: Look) throws(CannotPlay) -> (value: String, isExpected: Bool) {
    let path = try fill(look.path)
    var wanted: [String] = []
    for value in look.values { wanted.append(try fill(value)) }
    var value = self.value(look.kind, path)
    var tries = 0
    while !wanted.isEmpty, !wanted.contains(value), tries < 20 {
      Clock.sleep(milliseconds: 50)
      tries += 1
      value = self.value(look.kind, path)
    }
    // Records of different machines are compared: an address is written as its role again.
    let role = look.values.first { (try? fill($0)) == value }
    return (role ?? value, wanted.isEmpty || wanted.contains(value))
  }

  private func value(_ kind: Look.Kind, _ path: String) -> String {
    func line(_ bytes: [UInt8]?) -> ArraySlice<UInt8>? { bytes.map { $0.last == 0x0a ? $0.dropLast() : $0[...] } }
    let bytes = try? sysfs.read(path)
    switch kind {
    case .link: return (try? sysfs.linkName(path)) ?? "none"
    case .text: return line(bytes).map { String(decoding: $0, as: UTF8.self) } ?? "none"
    case .length: return line(bytes).map { "\($0.count)" } ?? "none"
    case .existence: return sysfs.exists(path) ? "yes" : "no"
    case .bytes:
      return bytes.map { $0.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined() }
        ?? "none"
    case .count: return (try? sysfs.entries(path)).map { "\($0.count)" } ?? "none"
    }
  }

  private func fill(_ template: String) throws(CannotPlay) -> String {
    guard let text = roles.fill(template) else { throw CannotPlay(description: "nobody plays a role of \(template)") }
    return text
  }
}
