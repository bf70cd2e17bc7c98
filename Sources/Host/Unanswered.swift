import PCI

/// An attribute of a function that the kernel did not answer, or that was not read because it would not have.
///
/// It answers some attributes under the function's device lock, which an unbind, a probe, a reset or a removal keeps
/// until it is through: with a guest in its way, for as long as the guest runs.
public struct Unanswered: Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// Not read: a write of an open journal has not returned.
    case writePending
    /// Not read: the `driver` link is gone and the driver is not.
    case unbindPending
    /// Not read: the SR-IOV capability counts more VFs than there are links to, so some are on their way out.
    case removalPending
    /// A read was tried, and no answer came in time.
    case silent
  }

  /// The attribute's name: `uevent`, `driver_override`, `sriov_numvfs`, `config`.
  public let attribute: String
  public let reason: Reason

  public init(_ attribute: String, _ reason: Reason) {
    self.attribute = attribute
    self.reason = reason
  }
}

extension Unanswered {
  public func path(of function: Address) -> String { "/sys/bus/pci/devices/\(function)/\(attribute)" }

  /// Path and reason, as evidence.
  public func line(of function: Address) -> String { "\(path(of: function)): \(reason)" }
}

extension Unanswered.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .writePending: "not read: a write of an interrupted hostdev run is still waiting in the kernel"
    case .unbindPending: "not read: an unbind of the function is still waiting, as it does while a guest has it open"
    case .removalPending: "not read: its virtual functions are being removed, which waits for a guest that has one open"
    case .silent:
      "no answer from the kernel: an unbind, probe, reset or removal of the function holds its device lock"
    }
  }
}
