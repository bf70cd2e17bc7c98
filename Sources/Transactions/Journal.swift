import Planning
import Host
import PCI
import System

/// What an interrupted run leaves for the next one: everything that is needed to finish or undo it.
///
/// Written before the first write to the kernel and taken away when the run has ended and nothing of it is pending; with
/// rename and without sync, since none of what it describes survives a reboot either.
public struct Journal: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable { case bind, release, reset, sriov }

  public static let currentSchema = "hostdev-journal/2"

  public var schema = Self.currentSchema
  /// Names the file: the owner's pid and when it began.
  public let id: String
  public let kind: Kind
  /// As typed.
  public let command: [String]
  public let owner: ProcessIdentity?
  /// Seconds since 1970.
  public let begun: Int
  public let identities: [Address: Identity]
  public let prior: [Placement]
  public let target: [Placement]
  public let plan: [Step]
  /// Codes of findings that were overruled.
  public let forced: [String]
  /// Records to keep when the target is reached.
  public let holds: [Hold]
  /// The process that writes for this run; while it lives, a write of it may be under way.
  public var writer: ProcessIdentity?
  /// Writers before that one which did not answer.
  public var leftBehind: [ProcessIdentity] = []
  /// Steps that did not return within their time.
  public var pending: [Step] = []
  /// The run failed and was putting back: recovery goes on with that, and never finishes what failed.
  public var hasGivenUp = false

  /// Where a number of virtual functions is being written, each of them is on its way too.
  public var pendingFunctions: Set<Address> {
    let direct = Set(pending.compactMap(\.function))
    let renumbered = Set(pending.filter(\.isRenumbering).compactMap(\.function))
    return direct.union(prior.filter { $0.virtual.map { renumbered.contains($0.physical) } ?? false }.map(\.function))
  }

  /// The process, if any, whose write may still happen: before it ends nothing may be written, nor `driver_override` read.
  public func busy(on runtime: Runtime) -> ProcessIdentity? {
    (leftBehind + [writer].compactMap { $0 }).first(where: runtime.isAlive)
  }

  /// The run's own process is still running.
  public func isUnderWay(on runtime: Runtime) -> Bool { owner.map(runtime.isAlive) ?? false }

  public init(
    id: String, kind: Kind, command: [String], owner: ProcessIdentity?, begun: Int, identities: [Address: Identity],
    prior: [Placement], target: [Placement], plan: [Step], forced: [String], holds: [Hold]
  ) {
    self.id = id
    self.kind = kind
    self.command = command
    self.owner = owner
    self.begun = begun
    self.identities = identities
    self.prior = prior
    self.target = target
    self.plan = plan
    self.forced = forced
    self.holds = holds
  }

  public var set: [Address] { prior.map(\.function) }

  /// The physical function of each virtual one that the run makes or takes away.
  var physical: [Address: Address] {
    Dictionary(
      prior.compactMap { place in place.virtual.map { (place.function, $0.physical) } },
      uniquingKeysWith: { first, _ in first })
  }
}

/// A function that hostdev put on a VFIO driver, and where it came from.
public struct Hold: Sendable, Codable, Equatable {
  public static let currentSchema = "hostdev-hold/1"

  public var schema = Self.currentSchema
  public let function: Address
  public let identity: Identity
  /// Where it is now.
  public let state: State
  /// Where it was, and goes back to.
  public let home: State
  public let since: Int
  public let command: [String]
  public let forced: [String]
  /// The pin that it was moved for; nil if it was moved by a command.
  public let pin: String?

  public init(
    function: Address, identity: Identity, state: State, home: State, since: Int, command: [String], forced: [String],
    pin: String? = nil
  ) {
    self.function = function
    self.identity = identity
    self.state = state
    self.home = home
    self.since = since
    self.command = command
    self.forced = forced
    self.pin = pin
  }
}
