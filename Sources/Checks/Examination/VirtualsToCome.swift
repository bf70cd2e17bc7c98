import Host
import PCI

/// Virtual functions that a physical one can have and does not have now: they are made later in a boot, at addresses that
/// the card tells before (First VF Offset and VF Stride).
public struct VirtualsToCome: Sendable, Equatable {
  public let physical: Address
  /// How many it can have.
  public let total: Int
  /// Their vendor and device id, if it is known.
  public let id: DeviceID?
  /// By address, of those that do not exist.
  public let indices: [Address: Int]
  /// Those that exist.
  public let present: Int

  public init(of physical: Address, total: Int, id: DeviceID?, indices: [Address: Int], present: Int) {
    self.physical = physical
    self.total = total
    self.id = id
    self.indices = indices
    self.present = present
  }
}
