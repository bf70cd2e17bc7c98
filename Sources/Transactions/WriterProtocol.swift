import Planning
import Host
import PCI

/// What the run asks of its writer process, one JSON line each.
public enum WriterRequest: Codable, Sendable {
  case perform(Step)
  /// The state now, with these attributes. A read of `driver_override` can hang as a write can. `virtual`: it may not be
  /// there, and where it is it must be that one of its physical function.
  case look(Address, attributes: [String], virtual: VirtualPlace? = nil)
}

/// What the writer answers.
public struct WriterReply: Codable, Sendable {
  /// The kernel's answer by its C name; nil for success.
  public internal(set) var errno: String?
  /// The path that it was about, where that is not the step's own.
  public internal(set) var path: String?
  /// More in words: modprobe's exit status, what was found in place of what was expected.
  public internal(set) var detail: String?
  public internal(set) var state: State?
  public internal(set) var identity: Identity?
  /// There is a node by which a guest can open the function: `vfio-dev/`, or before 6.1 `/dev/vfio/N`.
  public internal(set) var hasVFIONode: Bool?
  /// Other members of its group that keep a guest from opening it: `0000:01:00.1 on e1000e`.
  public internal(set) var blockers: [String]?
  public internal(set) var milliseconds: Int = 0
}
