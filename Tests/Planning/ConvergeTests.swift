import Planning
import Host
import PCI
import Testing

/// Small states, and all pairs of them.
private enum Small {
  static let drivers: [String?] = [nil, "nvme", "vfio-pci"]
  static let overrides: [String?] = [nil, "nvme", "vfio-pci", "admin"]
  static let states: [State] = drivers.flatMap { driver in
    overrides.flatMap { override in
      [[:], ["reset_method": "flr"], ["reset_method": ""]].map {
        State(driver: driver, override: override, attributes: $0)
      }
    }
  }

  static func address(_ function: Int) -> Address { Address(domain: 0, routingID: UInt16(0x100 + function)) }

  static func placements(_ states: [State]) -> [Placement] {
    states.enumerated().map { Placement(address($0.offset), $0.element) }
  }

  /// Prior and target of the same attributes: a plan puts back what it wrote and takes none away.
  static let pairs: [(State, State)] = states.flatMap { from in
    states.filter { $0.attributes.keys == from.attributes.keys }.map { (from, $0) }
  }
}

extension Step {
  fileprivate var isOverride: Bool { path.hasSuffix("/driver_override") }
  fileprivate var isUnbind: Bool { path.hasSuffix("/unbind") }
  fileprivate var isBind: Bool { path.hasSuffix("/bind") }
}

@Suite struct ConvergeTests {
  private func arrive(_ now: [Placement], _ wanted: [Placement]) -> [Placement] {
    converge(from: now, to: wanted).reduce(now) { apply($1, to: $0) }
  }

  @Test func everyPairArrives() {
    var reached = 0
    for (from, to) in Small.pairs {
      let wanted = Small.placements([to])
      if arrive(Small.placements([from]), wanted) == wanted { reached += 1 }
    }
    print("PAIRS: \(Small.pairs.count) cases, \(reached) reached")
    #expect(reached == Small.pairs.count)
    #expect(Small.pairs.count >= 700)
  }

  @Test func everySetOfStatesArrives() {
    var generator = SystemRandomNumberGenerator()
    var reached = 0
    var late = 0
    for turn in 0..<5000 {
      let pairs = (0...turn % 4).compactMap { _ in Small.pairs.randomElement(using: &generator) }
      let now = Small.placements(pairs.map(\.0))
      let wanted = Small.placements(pairs.map(\.1))
      let steps = converge(from: now.shuffled(), to: wanted.shuffled())
      if steps.reduce(now, { apply($1, to: $0) }) == wanted { reached += 1 }
      // Overrides that keep others away come before any unbind, and the set's unbinds before its binds.
      let lastEarly = steps.lastIndex { step in
        step.isOverride
          && steps.contains { $0.isBind && $0.function == step.function && $0.path.contains("/\(step.value ?? "")/") }
          && steps.firstIndex(of: step).map { place in
            steps[place...].contains { $0.isBind && $0.function == step.function }
          } ?? false
      }
      if let lastEarly, let unbind = steps.firstIndex(where: \.isUnbind), lastEarly > unbind { late += 1 }
      if let unbind = steps.lastIndex(where: \.isUnbind), let bind = steps.firstIndex(where: \.isBind) {
        if unbind > bind { late += 1 }
      }
    }
    #expect(late == 0)
    print("SETS: 5000 cases, \(reached) reached")
    #expect(reached == 5000)
  }

  /// Between an unbind and a late override udev can put the host's driver back.
  @Test func theOverrideStandsWhileNothingIsBound() {
    var cases = 0
    for (from, to) in Small.pairs {
      guard let driver = to.driver.name, to.driver != from.driver else { continue }
      cases += 1
      var now = Small.placements([from])
      for step in converge(from: now, to: Small.placements([to])) {
        if step.isUnbind || step.isBind { #expect(now[0].state.override == driver, "\(from) to \(to)") }
        now = apply(step, to: now)
      }
    }
    print("OVERRIDES: \(cases) cases")
    #expect(cases == 320)
  }

  @Test func everyChangedDriverIsLookedAt() {
    for (from, to) in Small.pairs {
      let steps = converge(from: Small.placements([from]), to: Small.placements([to]))
      let looks = steps.filter { $0.operation == .expect }
      #expect(looks.count == (from.driver == to.driver ? 0 : 1))
      #expect(looks.allSatisfy { $0.value == to.driver.name })
      if let look = steps.firstIndex(where: { $0.operation == .expect }) {
        #expect(!steps[look...].contains { $0.isBind || $0.isUnbind })
      }
    }
  }

  @Test func equalStatesNeedNothing() {
    for state in Small.states {
      #expect(converge(from: Small.placements([state]), to: Small.placements([state])).isEmpty)
    }
    #expect(converge(from: [], to: Small.placements([Small.states[0]])).isEmpty)
    #expect(converge(from: Small.placements([Small.states[0]]), to: []).isEmpty)
  }

  @Test func theAdministratorsOverrideIsLast() throws {
    let now = [Placement(Small.address(0), State(driver: "vfio-pci", override: "vfio-pci"))]
    let home = [Placement(Small.address(0), State(driver: "nvme", override: "admin"))]
    let steps = converge(from: now, to: home)
    #expect(steps.map(\.operation) == [.write, .write, .write, .expect, .write])
    #expect(steps.first?.value == "nvme")
    #expect(steps.last?.value == "admin")
    #expect(steps.last?.prior == "nvme")
  }

  @Test func theOrderIsThatOfTheKernelPage() {
    let home = State(driver: "nvme", override: nil)
    let away = State(driver: "vfio-pci", override: "vfio-pci")
    let lines = converge(from: Small.placements([home, home]), to: Small.placements([away, away])).map(\.shellLine)
    #expect(
      lines == [
        "printf %s vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override",
        "printf %s vfio-pci > /sys/bus/pci/devices/0000:01:00.1/driver_override",
        "printf %s 0000:01:00.0 > /sys/bus/pci/drivers/nvme/unbind",
        "printf %s 0000:01:00.1 > /sys/bus/pci/drivers/nvme/unbind",
        "printf %s 0000:01:00.0 > /sys/bus/pci/drivers/vfio-pci/bind",
        "printf %s 0000:01:00.1 > /sys/bus/pci/drivers/vfio-pci/bind",
        "[ \"$(basename \"$(readlink /sys/bus/pci/devices/0000:01:00.0/driver)\")\" = vfio-pci ]",
        "[ \"$(basename \"$(readlink /sys/bus/pci/devices/0000:01:00.1/driver)\")\" = vfio-pci ]",
      ])
  }

  @Test func anAttributeThatIsEmptyIsWrittenAsANewline() {
    let steps = converge(
      from: Small.placements([State(driver: nil, override: nil, attributes: ["reset_method": "flr bus"])]),
      to: Small.placements([State(driver: nil, override: nil, attributes: ["reset_method": ""])]))
    #expect(steps.map(\.value) == ["\n"])
    #expect(steps.map(\.prior) == ["flr bus"])
  }
}

@Suite struct PassesTests {
  /// Given up after any step, put back or taken up again, and given up again: never a stranger.
  @Test func everyStateOfAnInterruptedRunIsOnTheWay() {
    var cases = 0
    var reached = 0
    for (from, to) in Small.pairs {
      let prior = Small.placements([from])
      let target = Small.placements([to])
      let plan = converge(from: prior, to: target)
      let allowed = statesOnTheWay(from: prior, to: target, by: plan)[Small.address(0)] ?? []
      var open = [prior]
      for step in plan { open.append(apply(step, to: open[open.count - 1])) }
      for first in open {
        for goal in [prior, target] {
          var now = first
          for step in converge(from: first, to: goal) {
            now = apply(step, to: now)
            for again in [prior, target] {
              var later = now
              for next in converge(from: now, to: again) {
                later = apply(next, to: later)
                cases += 1
                if allowed.contains(later[0].state) { reached += 1 }
              }
              #expect(later == again)
            }
          }
        }
      }
      #expect(allowed.contains(from) && allowed.contains(to))
    }
    print("INTERRUPTIONS: \(cases) cases, \(reached) reached")
    #expect(reached == cases)
    #expect(cases >= 20_000)
  }

  @Test func aSetIsFollowedFunctionByFunction() {
    let home = State(driver: "nvme", override: "admin")
    let away = State(driver: "vfio-pci", override: "vfio-pci")
    let prior = Small.placements([home, away])
    let target = Small.placements([away, home])
    let plan = converge(from: prior, to: target)
    let allowed = statesOnTheWay(from: prior, to: target, by: plan)
    var now = prior
    for step in plan {
      now = apply(step, to: now)
      for placement in now { #expect(allowed[placement.function]?.contains(placement.state) == true) }
    }
    #expect(now == target)
    #expect(allowed.count == 2)
  }

  @Test func somebodyElsesStateIsNot() {
    let prior = Small.placements([State(driver: "nvme", override: nil)])
    let target = Small.placements([State(driver: "vfio-pci", override: "vfio-pci")])
    let allowed = statesOnTheWay(from: prior, to: target, by: converge(from: prior, to: target))[Small.address(0)] ?? []
    #expect(!allowed.contains(State(driver: "pci-stub", override: nil)))
    #expect(!allowed.contains(State(driver: nil, override: "admin")))
    #expect(!allowed.contains(State(driver: "vfio-pci", override: nil)))
    #expect(!allowed.contains(State(driver: nil, override: nil)))
    #expect(allowed.count < 8)
  }
}
