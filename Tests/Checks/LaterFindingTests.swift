import Host
import PCI
import Testing

@testable import Checks

@Suite("What is overruled covers the findings that stood when it was typed")
struct LaterFindingTests {
  private let forced: Set<FindingCode> = [.heldOpen]

  private func use(_ pid: UInt32, isGuests: Bool = false) -> Use {
    let process = Use.Process(pid, command: "dd")
    return Use(
      isGuests ? .vfioOpen(process) : .open(process, Use.Node("/dev/x")), of: Small.first,
      chain: ["\(Small.first)", "x"])
  }

  private func assessment(_ uses: [Use]) -> Assessment { Case { $0.usage = Usage(uses: uses) }.assessment }

  @Test("the same finding again is covered")
  func same() {
    let first = assessment([use(7)])
    #expect(first.blocking(forced: forced).isEmpty)
    #expect(assessment([use(7)]).appeared(since: first, forced: forced).isEmpty)
  }

  @Test("one that has gone meanwhile leaves the rest covered")
  func fewer() {
    let first = assessment([use(7), use(8)])
    #expect(assessment([use(8)]).appeared(since: first, forced: forced).isEmpty)
    #expect(assessment([]).appeared(since: first, forced: forced).isEmpty)
  }

  @Test("a further holder is a new finding, which --force did not cover")
  func further() {
    let first = assessment([use(7)])
    #expect(assessment([use(7), use(8)]).appeared(since: first, forced: forced).map(\.code) == [.heldOpen])
    #expect(assessment([use(8)]).appeared(since: assessment([]), forced: forced).map(\.code) == [.heldOpen])
  }

  @Test("a code that was not named, and one that cannot be overruled, stand")
  func others() {
    let first = assessment([use(7)])
    #expect(assessment([use(7)]).appeared(since: first, forced: []).map(\.code) == [.heldOpen])
    #expect(
      assessment([use(7), use(9, isGuests: true)]).appeared(since: first, forced: [.heldOpen, .guestRunning])
        .map(\.code) == [.guestRunning])
  }
}
