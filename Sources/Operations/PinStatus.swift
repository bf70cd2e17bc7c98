import Checks
import Host
import PCI
import Pins

/// One pin against the host as it is.
public struct PinStatus {
  public let pin: Pin
  public let resolution: Resolution
  public let finding: Finding?
  /// The resolved functions; empty where the pin is in doubt.
  public let functions: [Function]
  /// The driver that each should be on.
  public let wanted: [String]
  /// Of a pin that declares virtual functions and whose physical one is known.
  public let virtuals: VirtualFunctionsStatus?
  /// What takes its device off the bus.
  public let absence: [AbsenceCause]

  init(_ pin: Pin, _ resolution: Resolution, on workspace: Workspace) {
    self.pin = pin
    self.resolution = resolution
    absence = resolution.status == .absent ? workspace.absence(of: pin) : []
    finding =
      resolution.finding(pin, isRehearsal: !workspace.isHost) ?? PinAbsence(pin, resolution, by: absence).finding
    functions = resolution.functions.compactMap { workspace.host[$0] }
    // A physical function stays on the driver that makes its virtual ones.
    wanted = functions.map {
      pin.virtuals == nil ? workspace.wantedDriver(pin.driver, of: $0) : $0.driver.value ?? "its own driver"
    }
    if let declared = pin.virtuals, let physical = functions.first {
      virtuals = VirtualFunctionsStatus(declared, of: physical, on: workspace)
    } else {
      virtuals = nil
    }
  }

  /// Every function is known and on its driver.
  public var isInPlace: Bool {
    functions.count == pin.functions.count && finding?.severity != .error
      && zip(functions, wanted).allSatisfy { $0.driver.value == $1 } && virtuals?.isInPlace ?? (pin.virtuals == nil)
  }
}

/// All pins, or those of these names, against the host.
public struct PinStatusList {
  public let pins: [PinStatus]
  /// Of files that cannot be used.
  public let errors: [Diagnostic]
  /// It is refused unless every pin is in place.
  private let isCheck: Bool

  public var status: ExitStatus {
    errors.first?.status ?? (isCheck && !pins.allSatisfy(\.isInPlace) ? .refused : .done)
  }

  public init(_ workspace: Workspace, names: [String], isCheck: Bool = false) throws(Diagnostic) {
    self.isCheck = isCheck
    let listing = try workspace.pinFolder.listing(names)
    pins = zip(listing.pins, workspace.resolve(listing.pins)).map { PinStatus($0, $1, on: workspace) }
    errors = listing.errors.map { Diagnostic($0) }
  }
}
