import Planning
import Foundation
import Host
import Links
import PCI
import Sysfs
import Synchronization
import System
import Testing

@testable import Transactions

/// Files and links by their paths; a write to a path of `refusals` is answered with that errno.
final class MemorySysfs: Sysfs {
  struct Content {
    var files: [String: String] = [:]
    var links: [String: String] = [:]
    var refusals: [String: Errno] = [:]
    var written: [String] = []
  }
  let content: Mutex<Content>

  init(_ content: Content) { self.content = Mutex(content) }

  func entries(_ path: String) throws(SysfsError) -> [String] {
    let paths = content.withLock { Array($0.files.keys) + Array($0.links.keys) }
    var names: Set<String> = []
    for name in paths where name.hasPrefix(path + "/") {
      if let first = name.dropFirst(path.count + 1).split(separator: "/").first { names.insert(String(first)) }
    }
    if names.isEmpty { throw SysfsError(.entries, at: path, errno: .noEntry) }
    return names.sorted()
  }

  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    guard let text = content.withLock({ $0.files[path] }) else { throw SysfsError(.read, at: path, errno: .noEntry) }
    return Array(text.utf8)
  }

  func linkTarget(_ path: String) throws(SysfsError) -> String {
    if let target = content.withLock({ $0.links[path] }) { return target }
    let paths = content.withLock { Array($0.files.keys) }
    let isThere = paths.contains { $0 == path || $0.hasPrefix(path + "/") }
    throw SysfsError(.linkTarget, at: path, errno: isThere ? .invalid : .noEntry)
  }

  func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    if let errno = content.withLock({ $0.refusals[path] }) { throw SysfsError(.write, at: path, errno: errno) }
    content.withLock {
      $0.files[path] = String(decoding: value, as: UTF8.self)
      $0.written.append(path)
    }
  }
}

@Suite struct WriterLoopTests {
  private static let folder = "/sys/bus/pci/devices/\(Sample.address)"

  private func tree() -> MemorySysfs.Content {
    var content = MemorySysfs.Content()
    content.files = [
      Self.folder + "/driver_override": "(null)\n", Self.folder + "/vendor": "0x10ee\n",
      Self.folder + "/device": "0x5000\n", Self.folder + "/reset_method": "flr bus\n",
    ]
    content.links = [
      Self.folder + "/driver": "../../../bus/pci/drivers/nvme", Self.folder + "/iommu_group": "../../iommu_groups/12",
    ]
    return content
  }

  private func ask(
    _ requests: [WriterRequest], of sysfs: MemorySysfs, links: any VirtualLinks = NoLinks(),
    load: @escaping WriterLoop.Load = { _ in nil }
  ) throws -> [WriterReply] {
    var lines = try requests.map { Array(try JSONEncoder().encode($0)) }[...]
    var replies: [WriterReply] = []
    var failure: (any Error)?
    WriterLoop(sysfs: sysfs, links: links, clock: .system, load: load).run(
      next: { lines.popFirst() },
      answer: { bytes in
        do {
          #expect(bytes.last == 0x0a && bytes.count { $0 == 0x0a } == 1)
          replies.append(try JSONDecoder().decode(WriterReply.self, from: Data(bytes)))
        } catch { failure = error }
      })
    if let failure { throw failure }
    return replies
  }

  @Test func aWriteIsMadeAndAnswered() throws {
    let sysfs = MemorySysfs(tree())
    let replies = try ask(
      [
        .perform(.override("vfio-pci", of: Sample.address, prior: nil)),
        .perform(.override(nil, of: Sample.address, prior: "vfio-pci")),
      ], of: sysfs)
    #expect(replies.map(\.errno) == [nil, nil])
    #expect(sysfs.content.withLock(\.written).count == 2)
    #expect(sysfs.content.withLock { $0.files[Self.folder + "/driver_override"] } == "\n")
  }

  @Test(arguments: [Errno.busy, .noDevice, .invalid, .io, .tryAgain, .notPermitted])
  func theKernelsAnswerIsHandedOn(errno: Errno) throws {
    var content = tree()
    let step = Step.bind(Sample.address, to: "vfio-pci")
    content.refusals[step.path] = errno
    let replies = try ask([.perform(step)], of: MemorySysfs(content))
    #expect(replies.map(\.errno) == [errno.name])
    #expect(replies.map(\.path) == [step.path])
  }

  @Test func anExpectationComparesTheLink() throws {
    let sysfs = MemorySysfs(tree())
    let replies = try ask(
      [
        .perform(.expectDriver("nvme", of: Sample.address)), .perform(.expectDriver("vfio-pci", of: Sample.address)),
        .perform(.expectDriver(nil, of: Sample.address)), .perform(.expectDriver(nil, of: Sample.sibling)),
        .perform(.expectDriver("nvme", of: Sample.sibling)),
      ], of: sysfs)
    #expect(replies.map(\.errno) == [nil, "ENODEV", "ENODEV", "EIO", "EIO"])
    #expect(
      replies.map(\.detail) == [
        nil, "bound to nvme", "bound to nvme", "its driver cannot be read", "its driver cannot be read",
      ])
    #expect(sysfs.content.withLock(\.written).isEmpty)
  }

  @Test func aModuleMustBringItsDriver() throws {
    let step = Step.load(["vfio-pci", "ids="], for: "vfio-pci")
    var content = tree()
    let words = Mutex<[[String]]>([])
    let absent = try ask([.perform(step)], of: MemorySysfs(content)) { arguments in
      words.withLock { $0.append(arguments) }
      return nil
    }
    #expect(words.withLock(\.self) == [["vfio-pci", "ids="]])
    #expect(absent[0].errno == "ENOENT")
    #expect(absent[0].detail?.isEmpty == false)
    content.files[step.path + "/bind"] = ""
    #expect(try ask([.perform(step)], of: MemorySysfs(content))[0].errno == nil)
    let failed = try ask([.perform(step)], of: MemorySysfs(content)) { _ in (.notPermitted, "modprobe: exit 1") }
    #expect(failed[0].errno == "EPERM")
    #expect(failed[0].detail == "modprobe: exit 1")
  }

  @Test func aLookSaysTheWholeState() throws {
    let reply = try ask([.look(Sample.address, attributes: ["reset_method"])], of: MemorySysfs(tree()))[0]
    #expect(reply.state == State(driver: "nvme", override: nil, attributes: ["reset_method": "flr bus"]))
    #expect(reply.identity.map { $0.agrees(with: Sample.identity) } == true)
    #expect(reply.hasVFIONode == false)
    var content = tree()
    content.links[Self.folder + "/driver"] = nil
    content.files[Self.folder + "/driver_override"] = "vfio-pci\n"
    let unbound = try ask([.look(Sample.address, attributes: [])], of: MemorySysfs(content))[0]
    #expect(unbound.state == State(driver: nil, override: "vfio-pci"))
  }

  @Test func eitherNodeIsOne() throws {
    var content = tree()
    content.files[Self.folder + "/vfio-dev/vfio0/dev"] = ""
    #expect(try ask([.look(Sample.address, attributes: [])], of: MemorySysfs(content))[0].hasVFIONode == true)
    content = tree()
    content.files["/dev/vfio/12"] = ""
    #expect(try ask([.look(Sample.address, attributes: [])], of: MemorySysfs(content))[0].hasVFIONode == true)
  }

  @Test func whatIsGoneIsNoState() throws {
    let gone = try ask([.look(Sample.sibling, attributes: [])], of: MemorySysfs(tree()))[0]
    #expect(gone.errno == "ENODEV")
    #expect(gone.state == nil)
    let attribute = try ask([.look(Sample.address, attributes: ["sriov_numvfs"])], of: MemorySysfs(tree()))[0]
    #expect(attribute.errno == "ENOENT")
    #expect(attribute.state == nil)
  }

  /// A card of one virtual function, at the sibling's place.
  private final class Card: VirtualLinks {
    let said = Mutex<[String]>([])
    let settings: [VirtualSetting: String]

    init(_ settings: [VirtualSetting: String] = [.mac: "52:54:00:00:00:01"]) { self.settings = settings }

    func settings(on interface: String) throws(LinkError) -> [Int: [VirtualSetting: String]] {
      guard interface == "eth0" else {
        throw LinkError(interface: interface, errno: .noDevice, words: "Cannot find device")
      }
      return [1: settings]
    }

    func run(_ command: LinkCommand) throws(LinkError) {
      if command.index > 1 {
        throw LinkError(interface: command.interface, errno: .invalid, words: "RTNETLINK answers: Invalid argument")
      }
      said.withLock { $0.append("\(command.interface) \(command.index) \(command.setting.keyword) \(command.value)") }
    }
  }

  private static let place = VirtualPlace(physical: Sample.address, index: 1, interface: "eth0")

  @Test func aSettingIsMadeThroughTheCardAndNothingElseIsRun() throws {
    let card = Card()
    func step(_ index: Int, _ setting: VirtualSetting, to value: String) -> Step {
      .link(
        LinkCommand(interface: "eth0", index: index, setting: setting, value: value), of: Sample.sibling,
        physical: Sample.address, prior: nil)
    }
    let replies = try ask(
      [
        .perform(step(1, .vlan, to: "100 qos 3")), .perform(step(2, .trust, to: "on")),
      ], of: MemorySysfs(tree()), links: card)
    #expect(replies.map(\.errno) == [nil, "EINVAL"])
    #expect(replies[1].detail?.contains("Invalid argument") == true)
    #expect(card.said.withLock { $0 } == ["eth0 1 vlan 100 qos 3"])
  }

  @Test func aVirtualFunctionIsThereOrNotAndItsCardIsAsked() throws {
    var content = tree()
    let look = WriterRequest.look(Sample.sibling, attributes: ["vf/mac"], virtual: Self.place)
    #expect(try ask([look], of: MemorySysfs(content), links: Card())[0].state == .absent)
    let folder = "/sys/bus/pci/devices/\(Sample.sibling)"
    content.files[folder + "/driver_override"] = "(null)\n"
    content.links[folder + "/physfn"] = "../\(Sample.address)"
    let there = try ask([look], of: MemorySysfs(content), links: Card())[0]
    #expect(there.state == State(driver: nil, override: nil, attributes: ["vf/mac": "52:54:00:00:00:01"]))
    // What the card does not tell is not made up.
    let silent = try ask([look], of: MemorySysfs(content), links: Card([:]))[0]
    #expect(silent.state == State(driver: nil, override: nil))
    // Another one's came to its place.
    content.links[folder + "/physfn"] = "../0000:07:00.0"
    let stranger = try ask([look], of: MemorySysfs(content), links: Card())[0]
    #expect(stranger.state == nil && stranger.errno == "ENODEV")
  }

  @Test(arguments: [
    "", "{", "null", #"{"erase":{}}"#, #"{"perform":{"_0":{"step":"run","value":"reboot"}}}"#,
    #"{"perform":{"_0":{"op":"write","path":"/etc/passwd","value":"x"}}}"#,
    #"{"perform":{"_0":{"step":"attribute","function":"0000:01:00.0","name":"../remove","value":"1"}}}"#,
  ])
  func aRequestThatIsNoneEndsIt(text: String) throws {
    let sysfs = MemorySysfs(tree())
    var lines = [Array(text.utf8), Array(try JSONEncoder().encode(WriterRequest.look(Sample.address, attributes: [])))]
    var answers = 0
    WriterLoop(sysfs: sysfs, links: NoLinks(), clock: .system) { _ in nil }.run(
      next: { lines.isEmpty ? nil : lines.removeFirst() }, answer: { _ in answers += 1 })
    #expect(answers == 0)
    #expect(lines.count == 1)
  }

  /// A plan and the way back, step by step, on a sysfs that only keeps what is written.
  @Test func everyStepOfAPlanIsAnswered() throws {
    var content = tree()
    content.files["/sys/bus/pci/drivers/vfio-pci/bind"] = ""
    let steps = converge(
      from: [Placement(Sample.address, Sample.home)], to: [Placement(Sample.address, Sample.away)])
    let replies = try ask(steps.map { .perform($0) }, of: MemorySysfs(content))
    #expect(replies.count == steps.count)
    #expect(replies.allSatisfy { $0.milliseconds >= 0 })
  }
}

@Suite struct TimeoutTests {
  @Test func eachKindOfWriteHasItsTime() {
    let defaults = Timeouts(seconds: nil)
    let address = Sample.address
    #expect(defaults.limit(for: .unbind(address, from: "nvme")) == .seconds(120))
    #expect(defaults.limit(for: .reset(address)) == .seconds(90))
    #expect(defaults.limit(for: .bind(address, to: "vfio-pci")) == .seconds(60))
    #expect(defaults.limit(for: .override(nil, of: address, prior: nil)) == .seconds(60))
    #expect(defaults.limit(for: .attribute("reset_method", "flr", of: address, prior: nil)) == .seconds(60))
    #expect(defaults.limit(for: .load(["vfio-pci"], for: "vfio-pci")) == .seconds(60))
  }

  @Test func oneLimitHoldsForAll() {
    let all = Timeouts(seconds: 0.25)
    for step in [Step.unbind(Sample.address, from: "nvme"), .reset(Sample.address)] {
      #expect(all.limit(for: step) == .milliseconds(250))
    }
  }
}

@Suite struct FailureTests {
  @Test(arguments: [
    (Step.override("vfio-pci", of: Sample.address, prior: nil), "set driver_override of 0000:01:00.0 to vfio-pci"),
    (.override(nil, of: Sample.address, prior: nil), "clear driver_override of 0000:01:00.0"),
    (.unbind(Sample.address, from: "nvme"), "unbind 0000:01:00.0 from nvme"),
    (.bind(Sample.address, to: "vfio-pci"), "bind 0000:01:00.0 to vfio-pci"),
    (.reset(Sample.address), "reset 0000:01:00.0"),
    (.expectDriver("vfio-pci", of: Sample.address), "verify that 0000:01:00.0 is on vfio-pci"),
    (.expectDriver(nil, of: Sample.address), "verify that 0000:01:00.0 is unbound"),
    (.load(["vfio-pci", "ids="], for: "vfio-pci"), "modprobe vfio-pci ids="),
    (.attribute("reset_method", "flr", of: Sample.address, prior: nil), "set reset_method of 0000:01:00.0 to flr"),
  ])
  func aStepHasItsWords(step: Step, words: String) { #expect(step.text == words) }

  @Test func aLedgerThatFailsSaysWhere() {
    let full = Failure(
      recording: .cannotWrite(SystemError(call: "write", path: "/run/hostdev/journal/1.json", errno: .noSpace)))
    #expect(full.path == "/run/hostdev/journal/1.json")
    #expect(full.errno == "ENOSPC")
    #expect(full.operation == "cannot write the journal")
    #expect(!full.next.isEmpty)
    #expect(Failure(recording: .malformed(file: "/x", reason: "id is missing")).state.contains("id is missing"))
    #expect(Failure(recording: .locked(by: "12")).state == "held by 12")
  }
}
