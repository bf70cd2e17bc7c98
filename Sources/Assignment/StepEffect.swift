/// What a step does to its function, read off the path that it writes.
///
/// A plan is paths and values, since that is what users see and what is executed; whoever has to know what a step means
/// asks here.
public enum StepEffect: Sendable, Equatable {
  /// Sets `driver_override`, or with nil clears it.
  case override(String?)
  case unbind(driver: String)
  case bind(driver: String)
  case reset
  /// Offers the function to the host's drivers.
  case offer
  /// Sets any other attribute of the function, or one of its settings.
  case attribute(name: String, value: String)
  case loadModule
  /// Looks, and changes nothing.
  case expect(driver: String?)
  /// Looks whether its configuration space begins with these bytes.
  case expectAnswer(String)
}

extension Step {
  /// Makes virtual functions or takes them away.
  public var isRenumbering: Bool {
    if case .attribute(SRIOVAttribute.count, _) = effect { true } else { false }
  }

  /// Changes something: what is counted, and what recovery may find done or not.
  public var isChange: Bool { operation == .write || operation == .run }

  public var effect: StepEffect {
    switch operation {
    case .loadModule: return .loadModule
    case .expect: return path.hasSuffix("/config") ? .expectAnswer(value ?? "") : .expect(driver: value)
    case .run:
      // Anything else is nothing that a plan does, and is not run either.
      guard let command = value.flatMap({ LinkCommand($0) }) else { return .expect(driver: nil) }
      return .attribute(name: command.setting.attribute, value: command.value)
    case .write: break
    }
    let parts = path.split(separator: "/").map(String.init)
    let last = parts.last ?? ""
    // `/sys/bus/pci/devices/A/power/control`: an attribute in a folder of the function's.
    let name = parts.count == 7 && parts[3] == "devices" ? parts[5...].joined(separator: "/") : last
    // A lone newline clears; it is never part of a value.
    let written = value == "\n" ? "" : value ?? ""
    if parts.count > 2, parts[parts.count - 3] == "drivers" {
      let driver = parts[parts.count - 2]
      if name == "unbind" { return .unbind(driver: driver) }
      if name == "bind" { return .bind(driver: driver) }
    }
    switch name {
    case "driver_override": return .override(written.isEmpty ? nil : written)
    case "reset": return .reset
    case "drivers_probe": return .offer
    default: return .attribute(name: name, value: written)
    }
  }
}
