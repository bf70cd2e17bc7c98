import Host
import PCI

/// A function and a state of it: the actual or the requested one.
public struct Placement: Sendable, Hashable, Codable {
  public let function: Address
  public var state: State
  /// Of a virtual function that comes and goes with the number of its physical one's.
  public let virtual: VirtualPlace?

  public init(_ function: Address, _ state: State, virtual: VirtualPlace? = nil) {
    self.function = function
    self.state = state
    self.virtual = virtual
  }
}

/// The names under which a physical function's state has what makes virtual ones come and go.
public enum SRIOVAttribute {
  public static let count = "sriov_numvfs"
  /// While 0, a virtual function is offered to no driver but the one that its override names.
  public static let autoprobe = "sriov_drivers_autoprobe"
}
