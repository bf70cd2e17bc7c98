import Planning
import FoundationEssentials
import Host
import Links
import PCI
import Sysfs
import System

/// The other half of a transaction: the process that writes, and that is left behind when a write does not return.
///
/// It holds no lock, has a session of its own and all signals blocked: a write that waits for a guest must never be woken.
public struct WriterLoop {
  /// Loads a module as `modprobe` with these words does; the errno's name and more in words where it does not.
  public typealias Load = (_ arguments: [String]) -> (errno: Errno, detail: String)?

  private let sysfs: any Sysfs
  private let load: Load
  private let links: any VirtualLinks
  private let look: FunctionLook
  private let clock: Clock

  /// `links`: the network cards' side of virtual functions.
  public init(sysfs: any Sysfs, links: any VirtualLinks, clock: Clock, load: @escaping Load) {
    self.sysfs = sysfs
    self.links = links
    look = FunctionLook(sysfs: sysfs, links: links)
    self.clock = clock
    self.load = load
  }

  /// Answers one request per line, until there are no more. `next` is nil at the end of input.
  public func run(next: () -> [UInt8]?, answer: ([UInt8]) -> Void) {
    let decoder = JSONDecoder()
    let encoder = JSONEncoder()
    while let line = next() {
      guard let request = try? decoder.decode(WriterRequest.self, from: Data(line)) else { return }
      guard let data = try? encoder.encode(reply(to: request)) else { return }
      answer(Array(data) + [0x0a])
    }
  }

  func reply(to request: WriterRequest) -> WriterReply {
    let begun = clock.now
    var reply: WriterReply
    switch request {
    case .perform(let step): reply = perform(step)
    case .look(let address, let attributes, let virtual): reply = look.reply(address, attributes, virtual: virtual)
    }
    reply.milliseconds = begun.duration(to: clock.now).milliseconds
    return reply
  }

  private func perform(_ step: Step) -> WriterReply {
    switch step {
    case .override, .unbind, .bind, .offer, .reset, .attribute:
      // Whatever a record says, only the PCI bus is written, and only downwards.
      guard step.path.hasPrefix("/sys/bus/pci/"), !step.path.split(separator: "/").contains("..") else {
        return WriterReply(errno: Errno.invalid.name, path: step.path)
      }
      do {
        try sysfs.write(Array((step.value ?? "").utf8), to: step.path)
        return WriterReply()
      } catch { return WriterReply(errno: error.errno.name, path: error.path) }
    case .load(let words, _):
      if let failure = load(words) {
        return WriterReply(errno: failure.errno.name, detail: failure.detail)
      }
      // A module's own init may go on after modprobe has ended.
      let deadline = clock.now + .seconds(2)
      while !sysfs.exists(step.path) {
        if clock.now > deadline {
          return WriterReply(errno: Errno.noEntry.name, detail: "the module is loaded, but its driver did not appear")
        }
        clock.sleep(milliseconds: 20)
      }
      return WriterReply()
    case .link(let command, _, _, _):
      do {
        try links.run(command)
        return WriterReply()
      } catch { return WriterReply(errno: error.errno.name, detail: error.words) }
    case .expectAnswer(_, let function): return answer(of: function, step.value ?? "")
    case .expectDriver(let wanted, let function):
      let found = FunctionAttributes(sysfs, of: function).driver
      if found.isUnknown { return WriterReply(errno: Errno.io.name, detail: "its driver cannot be read") }
      return found.value == wanted
        ? WriterReply()
        : WriterReply(errno: Errno.noDevice.name, detail: found.value.map { "bound to \($0)" } ?? "unbound")
    }
  }

  /// All ones: the function does not answer, or is gone. Reading is what wakes it out of D3cold. One that has only just
  /// been woken or reset may need a moment, and reads ones or the vendor 0001 until it is ready (Configuration Request
  /// Retry Status).
  private func answer(of address: Address, _ wanted: String) -> WriterReply {
    let path = "/sys/bus/pci/devices/\(address)/config"
    let deadline = clock.now + .seconds(1)
    do {
      var found = ""
      while true {
        found = try sysfs.read(path).prefix(4).map { hexText(UInt64($0), digits: 2) }.joined()
        guard found.hasPrefix("ffff") || found.hasPrefix("0100ffff"), clock.now < deadline else { break }
        clock.sleep(milliseconds: 50)
      }
      if found == wanted { return WriterReply() }
      return WriterReply(
        errno: Errno.io.name, path: path,
        detail: found == "ffffffff"
          ? "it reads all ones even when woken: the device is dead or gone" : "it begins with \(found), not \(wanted)")
    } catch { return WriterReply(errno: error.errno.name, path: error.path) }
  }
}
