import Host
import PCI

/// What resetting a function will reach, and how that is known.
public struct ResetForecast: Sendable, Equatable {
  public enum Reach: String, Sendable {
    /// The function has a reset of its own.
    case function
    /// Only VFIO's hot reset of the whole bus is left: every function there must be handed over together.
    case together
    /// Nothing resets it.
    case none
    case unknown
  }

  public enum Source: String, Sendable { case kernel, config }

  /// The methods that work, in the kernel's order, without a stale `bus`; nil if that is not known.
  public let methods: [String]?
  public let source: Source?
  public let reach: Reach
  /// The other functions that the narrowest working reset also resets.
  public let affects: [Address]
}

extension ResetForecast {
  /// By the kernel's word if there is one, quirks included, else by the registers.
  public init(of function: Function, in host: Host) {
    switch function.kernelResetMethods {
    case .known(let words):
      source = .kernel
      methods = Self.working(words, of: function, in: host)
    case .absent:
      source = .kernel
      methods = []
    case .unknown:
      methods = Self.fromRegisters(function, in: host)
      source = methods == nil ? nil : .config
    }
    guard let methods else {
      reach = .unknown
      affects = []
      return
    }
    let own = Set(Self.virtualFunctions(of: function, in: host))
    if !methods.isEmpty {
      reach = .function
      // A PF's reset takes its VFs with it; a bridge's, what is below it.
      let below = function.isBusBridge ? host.functions(below: function.address).map(\.address) : []
      affects = own.union(below).sorted()
      return
    }
    switch Self.hotReset(of: function, in: host) {
    case .known(let others):
      reach = .together
      affects = own.union(others).sorted()
    case .absent:
      reach = .none
      affects = []
    case .unknown:
      reach = .unknown
      affects = []
    }
  }

  /// `reset_method` without a stale `bus`: that one needs this function alone on its bus (`pci_parent_bus_reset`).
  public static func working(_ words: [String], of function: Function, in host: Host) -> [String] {
    words.filter { $0 != "bus" && $0 != "cxl_bus" || host.functions(onBus: function.address.segment).count == 1 }
  }

  /// The kernel's probes by the registers, in its order: flr, af_flr, pm, bus. Quirks cannot be seen from here.
  private static func fromRegisters(_ function: Function, in host: Host) -> [String]? {
    guard case .known(let registers) = function.configuration,
      case .known(let flr) = registers.functionLevelReset,
      case .known(let af) = registers.advancedFeaturesReset,
      case .known(let pm) = registers.powerManagementReset
    else { return nil }
    var methods: [String] = []
    if flr { methods.append("flr") }
    if af { methods.append("af_flr") }
    if pm { methods.append("pm") }
    switch host.isRootBus(function.address.segment) {
    case .known(false): if !function.isBusBridge { methods.append("bus") }
    case .known(true), .absent: break
    // Whether a bus reset is left matters only if nothing else is.
    case .unknown: if methods.isEmpty { return nil }
    }
    return working(methods, of: function, in: host)
  }

  /// The other functions that a hot reset of the bus reaches; absent on a root bus, which has no hot reset.
  public static func hotReset(of function: Function, in host: Host) -> Fact<[Address]> {
    // A VF's bus has no port of its own: it is reset alone or with its PF.
    if function.physicalFunction.value != nil { return .absent }
    switch host.isRootBus(function.address.segment) {
    case .known(true), .absent: return .absent
    case .unknown: return .unknown
    case .known(false): break
    }
    let bus = host.functions(onBus: function.address.segment).filter { $0.address != function.address }
    let below = bus.filter(\.isBusBridge).flatMap { host.functions(below: $0.address) }
    return .known(Set((bus + below).map(\.address)).subtracting([function.address]).sorted())
  }

  private static func virtualFunctions(of function: Function, in host: Host) -> [Address] {
    function.virtualFunctions.filter { host[$0] != nil }
  }
}
