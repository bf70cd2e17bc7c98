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

extension VirtualsToCome {
  /// What they are called until they are there.
  var phrase: String { "the virtual functions of \(physical), which come when their number is set" }

  /// The pin that does what ids of theirs are for; the number is the administrator's to say.
  var declaration: String { "hostdev pin NAME \(physical) --vfs N --bind" }
}

extension Examination {
  /// Physical functions with virtual ones to come that these ids mean, as far as no pin makes them.
  func physicals(toCome ids: [ClaimedID]) -> [VirtualsToCome] {
    virtualsToCome.filter { coming in
      coming.present == 0 && coming.id.map { id in ids.contains { $0.matchesVirtual(id) } } ?? false
        && !pins.contains { $0.virtuals?.physical == coming.physical && $0.virtuals?.isBound == true }
    }
  }
}
