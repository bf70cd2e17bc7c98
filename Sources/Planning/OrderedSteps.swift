import Host
import PCI

/// The steps of a way, each kind apart: their order is what the way rests on.
struct OrderedSteps {
  /// Functions that are reset while no driver has them.
  let resetting: Set<Address>
  /// Functions that must answer before a driver of the host gets them, and their ids.
  let answering: [Address: DeviceID]
  private var ready: [Step] = []
  private var overrides: [Step] = []
  private var unbinds: [Step] = []
  private var resets: [Step] = []
  private var answers: [Step] = []
  private var departures: [Step] = []
  private var numbers: [Step] = []
  private var settings: [Step] = []
  private var arrivals: [Step] = []
  private var binds: [Step] = []
  private var looks: [Step] = []
  private var finals: [Step] = []
  private var offers: [Step] = []

  init(resetting: Set<Address>, answering: [Address: DeviceID]) {
    self.resetting = resetting
    self.answering = answering
  }

  /// Overrides of the whole set first, since between an unbind and a late override udev can put the host's driver back;
  /// then the unbinds and what is reset, which must answer after it; the virtual functions that go and those that come; the binds; a look at each
  /// driver; last what is to stay.
  var steps: [Step] {
    let before = ready + overrides + unbinds + resets + answers + departures + numbers + settings
    return before + arrivals + binds + looks + finals + offers
  }

  /// From one state of a function to another one.
  mutating func lead(_ target: Placement, from state: State, isRenewed: Bool, isOffered: Bool) {
    let function = target.function
    let wanted = target.state
    var override = state.override
    if wanted.driver == .any {
      // A driver that the override selected goes with the override; one that the host chose stays.
      let isOurs = state.driver.name != nil && state.driver.name == override && override != wanted.override
      if isOurs, let driver = state.driver.name {
        unbinds.append(.unbind(function, from: driver))
        if resetting.contains(function) { resets.append(.reset(function)) }
        looks.append(.expectDriver(nil, of: function))
      }
      // A second offer does no harm, so after an interrupted run it is made again.
      if isOffered, isOurs || state.driver == .unbound {
        if let id = answering[function] { answers.append(.expectAnswer(id, of: function)) }
        offers.append(.offer(function))
      }
    } else if state.driver != wanted.driver {
      // While a driver is to be bound the override names it, so that no other one can be faster; and a function that is
      // to be left unbound gets what keeps drivers away before there is none.
      if let first = wanted.driver.name ?? wanted.override, override != first {
        let step = Step.override(first, of: function, prior: override)
        if isRenewed { arrivals.append(step) } else { overrides.append(step) }
        override = first
      }
      if let driver = state.driver.name { unbinds.append(.unbind(function, from: driver)) }
      if let driver = wanted.driver.name {
        if resetting.contains(function) { resets.append(.reset(function)) }
        if let id = answering[function], !VFIODriver.leavesGroupViable(driver) {
          answers.append(.expectAnswer(id, of: function))
        }
        binds.append(.bind(function, to: driver))
      }
      looks.append(.expectDriver(wanted.driver.name, of: function))
    }
    if override != wanted.override { finals.append(.override(wanted.override, of: function, prior: override)) }
    // A driver sets `power/control` as it comes and goes (`pm_runtime_allow`, `pm_runtime_forbid`).
    let isMoved = state.driver != wanted.driver
    for (name, value) in wanted.attributes.compactMapValues(\.text).sorted(by: { $0.key < $1.key })
    where state.attributes[name] != .known(value) || isMoved && name == Step.powerControl {
      let prior = state.attributes[name]?.text
      if let setting = VirtualSetting(attribute: name) {
        // Before a driver, or the guest, reads it.
        let step = target.virtual.flatMap { Step.setting(setting, value, of: function, at: $0, prior: prior) }
        settings += [step].compactMap { $0 }
      } else if name != SRIOVAttribute.count {
        finals.append(.attribute(name, value, of: function, prior: prior))
      }
    }
  }

  /// Another number of virtual functions. The kernel changes a non-zero number only by setting it to 0 first, and that
  /// write blocks with the bus's locks held while a process has a VF open. So every VF is unbound before, and that is
  /// verified. Returns the state of the physical function after this.
  mutating func renumber(_ function: Address, from state: State, to count: String) -> State {
    var after = state
    if count != "0", let asked = state.attributes[SRIOVAttribute.autoprobe]?.text, asked != "0" {
      ready.append(.attribute(SRIOVAttribute.autoprobe, "0", of: function, prior: asked))
      after.attributes[SRIOVAttribute.autoprobe] = .known("0")
    }
    let now = state.attributes[SRIOVAttribute.count]?.text
    if now != "0" { numbers.append(.attribute(SRIOVAttribute.count, "0", of: function, prior: now)) }
    if count != "0" { numbers.append(.attribute(SRIOVAttribute.count, count, of: function, prior: "0")) }
    after.attributes[SRIOVAttribute.count] = .known(count)
    return after
  }

  /// A virtual function goes.
  mutating func depart(_ function: Address, from state: State) {
    if let driver = state.driver.name { unbinds.append(.unbind(function, from: driver)) }
    departures.append(.expectDriver(nil, of: function))
  }
}
