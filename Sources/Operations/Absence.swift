import Checks
import Host
import Inventory
import PCI
import Pins
import Settings

/// Why a selector or a pin finds nothing, if a setting of another tool is why.
extension Workspace {
  private var absenceCauses: AbsenceCauses {
    AbsenceCauses(HostSettings(reading: sysfs, functions: host.functions.map(\.address)))
  }

  /// For a selector without a hit: empty if no setting is known to be why.
  func absence(of selector: Selector) -> String {
    let causes: [AbsenceCause]
    switch selector {
    case .function(let address): causes = absenceCauses.of(Function(address: address))
    case .functions(let slot, let range):
      causes = place(slot, range.lowerBound).map { absenceCauses.of($0) } ?? []
    case .slot(let slot): causes = place(slot, 0).map { absenceCauses.of($0) } ?? []
    case .id(let id):
      var function = Function(address: Address(domain: 0, routingID: 0))
      function.vendorID = .known(id.vendor)
      function.deviceID = .known(id.device)
      causes = absenceCauses.of(function, isPlaced: false)
    case .network, .block, .classDevice:
      return givenAway + words(absenceCauses.of(kind(of: selector), isPlaced: false))
    default: return ""
    }
    return words(causes)
  }

  /// What takes the pin's functions off the bus.
  func absence(of pin: Pin) -> [AbsenceCause] {
    let causes = absenceCauses
    var found: [AbsenceCause] = []
    for pinned in pin.functions where host[pinned.address]?.id != pinned.id {
      for cause in causes.of(pinned.function) where !found.contains(where: { $0.source == cause.source }) {
        found.append(cause)
      }
    }
    return found
  }

  /// What to do about a pin whose device does not exist.
  func wayBack(of pin: Pin) -> String {
    let causes = absence(of: pin)
    return causes.isEmpty ? "plug it in" : causes.map(\.advice).joined(separator: "; ")
  }

  private func place(_ slot: Slot, _ function: UInt8) -> Function? {
    Address(domain: slot.domain, bus: slot.bus, device: slot.device, function: function).map { Function(address: $0) }
  }

  /// Of a function that is known by its interface, its disk or its node alone: what it is.
  private func kind(of selector: Selector) -> Function {
    var function = Function(address: Address(domain: 0, routingID: 0))
    switch selector {
    case .network: function.classCode = .known(ClassCode(0x020000))
    case .classDevice(let folder, _) where folder == "drm" || folder == "graphics":
      function.classCode = .known(ClassCode(0x030000))
    case .block(let name) where name.hasPrefix("dri/") || name.hasPrefix("nvidia"):
      function.classCode = .known(ClassCode(0x030000))
    case .block(let name) where name.hasPrefix("nvme"): function.classCode = .known(ClassCode(0x010802))
    default: break
    }
    return function
  }

  /// Functions that a setting gave to a driver which makes no interface or disk.
  private var givenAway: String {
    let stubs: Set = ["pci-stub", "pciback", "xen-pciback"]
    let kept = host.functions.filter { function in function.driver.value.map(stubs.contains) ?? false }
    if kept.isEmpty { return "" }
    let settings = HostSettings(reading: sysfs, functions: host.functions.map(\.address))
    let claims = Examination(host: host, surroundings: surroundings, settings: settings, isCapture: !isHost).claims
    return kept.map { function in
      let source = claims.first { $0.functions.contains(function.address) }?.sources.last
      let why = source.map { " (\($0))" } ?? ""
      return "\(function.address) is on \(function.driver.value ?? ""), which makes no interface and no disk\(why). "
    }.joined()
  }

  private func words(_ causes: [AbsenceCause]) -> String { causes.map { "\($0.advice). " }.joined() }
}

extension PinnedFunction {
  /// As far as the pin tells of it.
  var function: Function {
    var function = Function(address: address)
    function.vendorID = .known(vendorID)
    function.deviceID = .known(deviceID)
    function.subsystemVendorID = subsystemVendorID.map { .known($0) } ?? .unknown
    function.subsystemDeviceID = subsystemDeviceID.map { .known($0) } ?? .unknown
    function.classCode = classCode.map { .known($0) } ?? .unknown
    return function
  }
}
