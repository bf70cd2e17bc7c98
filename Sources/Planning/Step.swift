import Host
import PCI

/// One thing that a transaction does or makes sure of. The same value is the dry run, the JSON, the journal and what is executed.
public enum Step: Sendable, Equatable {
  /// Sets `driver_override`, or with nil clears it.
  case override(String?, of: Address, prior: String?)
  case unbind(Address, from: String)
  /// Through the driver's own `bind`, whose errno is the probe's; that of `drivers_probe` says nothing.
  case bind(Address, to: String)
  /// Offers a function to the host's drivers. It is not an error if none of them takes it.
  case offer(Address)
  case reset(Address)
  /// Sets any other attribute of the function, by name and value.
  case attribute(String, String, of: Address, prior: String?)
  /// Sets what a network card keeps of a virtual function, through the interface of its physical one.
  case link(LinkCommand, of: Address, physical: Address, prior: String?)
  /// `modprobe` with these words, the module first; afterwards the driver must be there.
  case load([String], for: String)
  /// Looks which driver it has; nil: that it has none.
  case expectDriver(String?, of: Address)
  /// Looks whether it answers, by the ids that its configuration space begins with.
  case expectAnswer(DeviceID, of: Address)
}

extension Step {
  /// Whether a function may sleep, `auto` or `on`.
  public static let powerControl = "power/control"

  /// Wakes a function that sleeps, and its ports with it. Written back when the function is on its target driver.
  public static func wake(_ address: Address) -> Self { attribute(powerControl, "on", of: address, prior: "auto") }

  /// What a network card keeps of a virtual function; nil where that has no interface to ask it through.
  public static func setting(
    _ setting: VirtualSetting, _ value: String, of address: Address, at place: VirtualPlace, prior: String?
  ) -> Self? {
    place.interface.map { interface in
      .link(
        LinkCommand(interface: interface, index: place.index, setting: setting, value: value), of: address,
        physical: place.physical, prior: prior)
    }
  }
}

extension Step {
  /// The function that it concerns; nil for a module.
  public var function: Address? {
    switch self {
    case .override(_, let address, _), .unbind(let address, _), .bind(let address, _), .offer(let address),
      .reset(let address), .attribute(_, _, let address, _), .link(_, let address, _, _),
      .expectDriver(_, let address), .expectAnswer(_, let address):
      address
    case .load: nil
    }
  }

  /// Makes virtual functions or takes them away.
  public var isRenumbering: Bool {
    if case .attribute(SRIOVAttribute.count, _, _, _) = self { true } else { false }
  }

  /// Changes something: what is counted, and what recovery may find done or not.
  public var isChange: Bool { operation == .write || operation == .run }

  /// A reset on the way to a host driver: where it fails the driver gets the function all the same.
  public func isOptional(in plan: [Step]) -> Bool {
    guard case .reset(let function) = self else { return false }
    return plan.contains { if case .bind(function, _) = $0 { true } else { false } }
  }
}
