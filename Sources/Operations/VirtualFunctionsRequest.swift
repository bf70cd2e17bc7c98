import Planning
import Host
import Inventory
import PCI

/// What is asked of a physical function's virtual ones.
public struct VirtualFunctionsRequest: Sendable {
  /// The VFIO driver that they are for, or `auto`; nil where they are the host's.
  public let driver: String?
  public let settings: VirtualSettings

  public init(driver: String? = nil, settings: VirtualSettings) {
    self.driver = driver
    self.settings = settings
  }

  public var count: Int { settings.count }
}

/// One virtual function that the request concerns: as it is, and as it is to be.
struct VirtualFunction {
  let address: Address
  let place: VirtualPlace
  /// Nil where it is not there yet.
  let now: Function?
  /// What can be told of it before it is there.
  let forecast: Function
  /// What its card keeps of it now, as far as that was asked and told.
  let settings: [VirtualSetting: String]
  /// What is asked to be kept.
  let asked: [VirtualSetting: String]
  /// The VFIO driver that it is for; nil for the host's.
  let driver: String?

  /// The same names in every state of it: what is not asked for may be anything.
  private func attributes(_ known: [VirtualSetting: String]) -> [String: State.Value] {
    let names = Set(settings.keys).union(asked.keys)
    return Dictionary(uniqueKeysWithValues: names.map { ($0.attribute, known[$0].map { .known($0) } ?? .any) })
  }

  var prior: Placement {
    var state = now?.state ?? .absent
    state.attributes = attributes(now == nil ? [:] : settings)
    return Placement(address, state, virtual: place)
  }

  /// `isWanted`: it is to be there. `isRenewed`: it comes anew. `isOffered`: the host's drivers are offered it then.
  func target(isWanted: Bool, isRenewed: Bool, isOffered: Bool) -> Placement {
    var state = isWanted ? now?.state ?? State(driver: nil, override: nil) : .absent
    if isWanted, let driver {
      // What is there already is left as it is, override and all.
      if isRenewed || state.driver != .bound(driver) { state = State(driver: driver, override: driver) }
    } else if isWanted, isRenewed {
      state = State(driver: isOffered ? .any : .unbound, override: nil)
    }
    state.attributes = attributes(isWanted ? asked : [:])
    return Placement(address, state, virtual: place)
  }
}
