import Planning
import Foundation
import Host
import PCI
import Testing

/// A physical function with a few virtual ones, and many pairs of a found and a requested state.
private enum Card {
  static let physical = Address(domain: 0, routingID: 0x100)
  static func virtual(_ index: Int) -> Address { Address(domain: 0, routingID: UInt16(0x180 + 4 * index)) }
  static func place(_ index: Int) -> VirtualPlace { VirtualPlace(physical: physical, index: index, interface: "eth0") }

  /// How a virtual function can be found.
  static let found: [State] = [nil, "igbvf", "vfio-pci"].flatMap { (driver: String?) in
    ["52:54:00:00:00:01", "52:54:00:00:00:02"].map { mac in
      State(
        driver: driver, override: driver == "vfio-pci" ? "vfio-pci" : nil,
        attributes: ["vf/mac": mac])
    }
  }
  static let wanted: [State] =
    found + [State(driver: .any, override: nil, attributes: ["vf/mac": .any])]
    + [State(driver: .bound("vfio-pci"), override: "vfio-pci", attributes: ["vf/mac": .any])]

  static func world(count: Int, autoprobe: String, _ states: [State]) -> [Placement] {
    let own = State(
      driver: "igb", override: nil,
      attributes: ["sriov_numvfs": "\(count)", "sriov_drivers_autoprobe": autoprobe])
    return [Placement(physical, own)]
      + states.enumerated().map { index, state in
        Placement(virtual(index), index < count ? state : state.departed(), virtual: place(index))
      }
  }

  /// Prior and target: every number from 0 to 2 to every other one, and every state of two virtual functions.
  static let pairs: [([Placement], [Placement])] = (0...2).flatMap { from in
    (0...2).flatMap { to in
      ["0", "1"].flatMap { probe in
        found.flatMap { first in
          wanted.filter { $0.driver != .any || (from != to && probe == "1") }.map { last in
            (
              world(count: from, autoprobe: probe, [first, first]),
              world(count: to, autoprobe: probe, [last, found[0]])
            )
          }
        }
      }
    }
  }

  static func isAt(_ goal: [Placement], _ now: [Placement]) -> Bool {
    zip(goal, now).allSatisfy { $0.function == $1.function && $0.state.admits($1.state) }
  }
}

extension Step {
  fileprivate var isBind: Bool { path.hasSuffix("/bind") }
  fileprivate var isProbe: Bool { path.hasSuffix("/drivers_probe") }
}

/// As a kernel has it: a virtual function that comes has settings of its own.
private func play(_ step: Step, _ now: [Placement]) -> [Placement] {
  var after = apply(step, to: now)
  for place in after.indices {
    if after[place].state.attributes["vf/mac"] == .any {
      after[place].state.attributes["vf/mac"] = .known("02:00:00:00:00:00")
    }
    if step.isProbe, after[place].function == step.function { after[place].state.driver = .bound("igbvf") }
  }
  return after
}

@Suite struct VirtualPlanTests {
  @Test func everyPairArrives() {
    var reached = 0
    for (from, to) in Card.pairs where Card.isAt(to, converge(from: from, to: to).reduce(from) { play($1, $0) }) {
      reached += 1
    }
    print("VIRTUAL PAIRS: \(Card.pairs.count) cases, \(reached) reached")
    #expect(reached == Card.pairs.count)
    #expect(Card.pairs.count >= 500)
  }

  /// Writing 0 blocks while a process holds a virtual function. So the plan first unbinds each, and verifies that.
  @Test func noneIsTakenAwayWithADriver() {
    var cases = 0
    for (from, to) in Card.pairs {
      var now = from
      var seen: Set<Address> = []
      for step in converge(from: from, to: to) {
        if case .expectDriver(nil, let function) = step { seen.insert(function) }
        if step.isRenumbering, step.value == "0" {
          let there = now.filter { $0.virtual != nil && $0.state.isPresent }
          #expect(there.allSatisfy { $0.state.driver == .unbound && seen.contains($0.function) }, "\(from) to \(to)")
          cases += there.count
        }
        now = play(step, now)
      }
    }
    print("DEPARTURES: \(cases) cases")
    #expect(cases > 100)
  }

  @Test func theyComeWhileNobodyIsOfferedThemAndBindWithTheirSettings() {
    var made = 0
    for (from, to) in Card.pairs {
      var now = from
      for step in converge(from: from, to: to) {
        if step.isRenumbering, step.value != "0" {
          made += 1
          #expect(now[0].state.attributes["sriov_drivers_autoprobe"] == .known("0"))
          // A count that is not 0 is changed only through 0.
          #expect(now[0].state.attributes["sriov_numvfs"] == .known("0"))
        }
        now = play(step, now)
        if step.isBind, let place = now.firstIndex(where: { $0.function == step.function }) {
          #expect(
            to[place].state.attributes.allSatisfy { name, value in
              value == .any || now[place].state.attributes[name] == value
            })
          #expect(now[place].state.override == now[place].state.driver.name)
        }
        if step.isProbe { #expect(now[0].state.attributes["sriov_drivers_autoprobe"] == .known("1")) }
      }
    }
    #expect(made > 200)
  }

  /// It goes to the driver that the host would have given it. A driver that the override brought is unbound, and an
  /// interrupted release offers the function again.
  @Test func oneIsGivenBackToTheHostsChoice() {
    let home = [Placement(Card.virtual(0), State(driver: .any, override: nil))]
    func lines(_ state: State) -> [String] {
      converge(from: [Placement(Card.virtual(0), state)], to: home).map(\.shellLine)
    }
    let folder = "/sys/bus/pci/devices/0000:01:10.0"
    let offer = "printf %s 0000:01:10.0 > /sys/bus/pci/drivers_probe"
    let clear = "printf '\\n' > \(folder)/driver_override"
    #expect(
      lines(State(driver: "vfio-pci", override: "vfio-pci")) == [
        "printf %s 0000:01:10.0 > /sys/bus/pci/drivers/vfio-pci/unbind", "[ ! -L \(folder)/driver ]", clear, offer,
      ])
    #expect(lines(State(driver: nil, override: "vfio-pci")) == [clear, offer])
    #expect(lines(State(driver: nil, override: nil)) == [offer])
    #expect(lines(State(driver: "igbvf", override: nil)).isEmpty)
  }

  @Test func anEqualNumberTakesNoneAway() {
    for (from, to) in Card.pairs
    where from[0].state.attributes["sriov_numvfs"] == to[0].state.attributes["sriov_numvfs"] {
      let steps = converge(from: from, to: to)
      #expect(!steps.contains { $0.isRenumbering || $0.path.hasSuffix("/sriov_drivers_autoprobe") })
    }
  }

  @Test func oneThatMustNotBeTouchedKeepsTheNumber() {
    let from = Card.world(count: 2, autoprobe: "1", [Card.found[0], Card.found[2]])
    let to = Card.world(count: 0, autoprobe: "1", [Card.found[0], Card.found[0]])
    let steps = converge(from: from.filter { $0.function != Card.virtual(1) }, to: to)
    #expect(steps.isEmpty)
    #expect(converge(from: from, to: to).contains { $0.isRenumbering })
  }

  /// Given up after any step, put back or taken up again, and given up again: never a stranger.
  @Test func everyStateOfAnInterruptedRunIsOnTheWay() {
    var cases = 0
    var reached = 0
    for (from, to) in Card.pairs {
      let plan = converge(from: from, to: to)
      let allowed = statesOnTheWay(from: from, to: to, by: plan)
      var open = [from]
      for step in plan { open.append(play(step, open[open.count - 1])) }
      for first in open {
        for goal in [from, to] {
          var now = first
          for step in [nil] + converge(from: first, to: goal).map(Optional.some) {
            if let step { now = play(step, now) }
            for placement in now {
              cases += 1
              if allowed[placement.function]?.contains(where: { $0.admits(placement.state) }) == true { reached += 1 }
            }
          }
          #expect(Card.isAt(goal, now))
        }
      }
    }
    print("VIRTUAL INTERRUPTIONS: \(cases) cases, \(reached) reached")
    #expect(reached == cases)
    #expect(cases >= 20_000)
  }

  @Test func somebodyElsesStateIsNot() {
    let from = Card.world(count: 2, autoprobe: "1", [Card.found[2], Card.found[4]])
    let to = Card.world(count: 1, autoprobe: "1", [Card.found[5], Card.found[0]])
    let allowed = statesOnTheWay(from: from, to: to, by: converge(from: from, to: to))
    func isOn(_ state: State, _ address: Address) -> Bool {
      allowed[address]?.contains { $0.admits(state) } ?? false
    }
    var stub = Card.found[0]
    stub.driver = .bound("pci-stub")
    #expect(!isOn(stub, Card.virtual(0)) && !isOn(stub, Card.virtual(1)))
    var own = from[0].state
    #expect(isOn(own, Card.physical))
    own.attributes["sriov_numvfs"] = .known("3")
    #expect(!isOn(own, Card.physical))
    // One that does not come back was never on VFIO by the plan's doing but before.
    #expect(isOn(State.absent, Card.virtual(1)) && isOn(Card.found[4], Card.virtual(1)))
  }

  @Test func whatTheHostHasMayBeAnything() {
    let open = State(driver: .any, override: nil)
    #expect(open.admits(State(driver: nil, override: nil)) && open.admits(State(driver: "igbvf", override: nil)))
    #expect(!open.admits(State(driver: "igbvf", override: "igbvf")) && !open.admits(.absent))
    #expect(State.absent.admits(State(driver: nil, override: nil, attributes: ["vf/mac": "x"]).departed()))
  }

  // MARK: The command that a plan runs

  @Test func aSettingIsAStepOfItsOwn() throws {
    let step = try #require(
      Step.setting(.vlan, "100 qos 3", of: Card.virtual(1), at: Card.place(1), prior: "0"))
    #expect(step.operation == .run && step.path == "/sys/bus/pci/devices/0000:01:00.0/net/eth0")
    #expect(step.value == "ip link set dev eth0 vf 1 vlan 100 qos 3" && step.shellLine == step.value)
    let command = LinkCommand(interface: "eth0", index: 1, setting: .vlan, value: "100 qos 3")
    #expect(step == .link(command, of: Card.virtual(1), physical: Card.physical, prior: "0"))
    #expect(try JSONDecoder().decode(Step.self, from: try JSONEncoder().encode(step)) == step)
    #expect(
      Step.setting(.vlan, "1", of: Card.virtual(1), at: VirtualPlace(physical: Card.physical, index: 1), prior: nil)
        == nil)
  }

  @Test func aJournalsVirtualFunctionIsItself() throws {
    for placement in Card.pairs[0].0 + Card.pairs[40].1 {
      #expect(try JSONDecoder().decode(Placement.self, from: try JSONEncoder().encode(placement)) == placement)
    }
    for text in [
      #"{"physical":"0000:01:00.0","index":0,"interface":"-x"}"#, #"{"physical":"0000:01:00.0","index":-1}"#,
      #"{"physical":"0000:01:00.0","index":0,"interface":"a b"}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(VirtualPlace.self, from: Data(text.utf8)) }
    }
    for text in [#"{"attributes":{"vf/mac":"x"}}"#, #"{"attributes":{"vf/rate":"1"}}"#] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(State.self, from: Data(text.utf8)) }
    }
  }
}
