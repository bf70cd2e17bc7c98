import Host
import PCI
import Settings

/// Why a function may not be in the host although it is in the machine.
public struct AbsenceCause: Sendable, Equatable {
  public let source: SourceLine
  /// `a udev rule`, `supergfxd`.
  public let tool: String
  /// False: whether it is this function that it removes could not be told.
  public let isCertain: Bool
  /// The commands that have the function back.
  public let wayBack: String

  /// `/etc/udev/rules.d/50-x.rules:3 (a udev rule) takes it off the PCI bus. To have it back: …`
  public var advice: String {
    "\(source.place) (\(tool)) \(isCertain ? "takes" : "may take") it off the PCI bus. To have it back: \(wayBack)"
  }
}

/// What of a host's settings takes functions off the bus before hostdev sees them.
public struct AbsenceCauses: Sendable {
  private let settings: HostSettings

  public init(_ settings: HostSettings) { self.settings = settings }

  /// Everything that does, whatever it removes.
  public var all: [AbsenceCause] {
    settings.udev.effective.filter { rule in rule.effects.contains { $0.kind == .removal } }.map {
      Self.cause($0, isCertain: true)
    } + settings.removals.map { Self.cause($0, isCertain: true) }
  }

  /// `isPlaced`: the address is known; of an id alone it is not.
  public func of(_ function: Function, isPlaced: Bool = true) -> [AbsenceCause] {
    var found: [AbsenceCause] = []
    let readings = settings.udev.readings(UdevDevice(function, isPresent: isPlaced)) { _ in [] }
    for reading in readings where reading.kind == .removal {
      if let named = reading.function, isPlaced, named != function.address { continue }
      let cause = Self.cause(reading.rule, isCertain: reading.isCertain)
      if !found.contains(where: { $0.source == cause.source }) { found.append(cause) }
    }
    for removal in settings.removals {
      guard let isCertain = Self.concerns(removal, function, isPlaced: isPlaced) else { continue }
      found.append(Self.cause(removal, isCertain: isCertain))
    }
    // What is certain is why; the rest only may be.
    return found.contains(where: \.isCertain) ? found.filter(\.isCertain) : found
  }

  /// Nil if it does not; false if it may.
  private static func concerns(_ removal: BusRemoval, _ function: Function, isPlaced: Bool) -> Bool? {
    switch removal.target {
    case .path(let path):
      let parts = path.split(separator: "/")
      guard isPlaced else { return false }
      if parts.contains("\(function.address)") { return true }
      return path.contains { "$%*?[`".contains($0) } ? false : nil
    case .graphics:
      // The card's sound and USB functions go with it.
      if let code = function.classCode.value, ![0x03, 0x04, 0x0c].contains(code.base) { return nil }
      guard let vendor = function.vendorID.value else { return false }
      // The second card of a laptop is NVIDIA's, or AMD's beside Intel's.
      return vendor == 0x10de ? true : vendor == 0x1002 ? false : nil
    }
  }

  private static let rescan = "echo 1 > /sys/bus/pci/rescan"

  private static func cause(_ rule: UdevRule, isCertain: Bool) -> AbsenceCause {
    // EnvyControl writes this file, and prime-select the other: each has a command that takes it back.
    let switchers = [
      "50-remove-nvidia.rules": "envycontrol --switch hybrid", "80-pm-nvidia.rules": "prime-select on-demand",
    ]
    let name = rule.source.file.split(separator: "/").last.map(String.init) ?? ""
    return AbsenceCause(
      source: rule.source, tool: "a udev rule", isCertain: isCertain,
      wayBack: switchers[name].map { "\($0), then reboot" } ?? "\(rule.withdrawal) && \(rescan)")
  }

  private static func cause(_ removal: BusRemoval, isCertain: Bool) -> AbsenceCause {
    let edit = "\"${EDITOR:-vi}\" +\(removal.source.line ?? 1) \(ShellWord.quoted(removal.source.file))"
    return AbsenceCause(
      source: removal.source, tool: removal.tool, isCertain: isCertain,
      wayBack: removal.wayBack.map { "\($0), then reboot" } ?? "\(edit); then reboot")
  }
}
