import Assignment
import Host
import PCI

/// What the run asks of its writer process, one JSON line each.
enum WriterRequest: Codable, Sendable {
  case perform(Step)
  /// The state now, with these attributes. A read of `driver_override` can hang as a write can. `virtual`: it may not be
  /// there, and where it is it must be that one of its physical function.
  case look(Address, attributes: [String], virtual: VirtualPlace? = nil)
}

/// What the writer answers.
struct WriterReply: Codable, Sendable {
  /// The kernel's answer by its C name; nil for success.
  var errno: String?
  /// The path that it was about, where that is not the step's own.
  var path: String?
  /// More in words: modprobe's exit status, what was found in place of what was expected.
  var detail: String?
  var state: State?
  var identity: Identity?
  /// There is a node by which a guest can open the function: `vfio-dev/`, or before 6.1 `/dev/vfio/N`.
  var hasVFIONode: Bool?
  /// Other members of its group that keep a guest from opening it: `0000:01:00.1 on e1000e`.
  var blockers: [String]?
  var milliseconds: Int = 0
}
