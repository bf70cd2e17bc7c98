import Host
import PCI

/// The request for the set.
public enum Intent: Sendable, Equatable {
  /// Move to this driver, so that a guest can have it.
  case assign(driver: String)
  /// Give back to the host; `all`: everything that is held. `losing`: functions that a driver of the host has, and will
  /// not have then, and virtual functions that disappear with the driver of their physical one.
  case release(all: Bool, losing: Set<Address> = [])
  case reset
  /// Give this physical function another number of virtual ones; the rest of the set are those that go. `driver`: the
  /// VFIO driver that the new ones are for, or nil if the host has them.
  case virtualFunctions(of: Address, count: Int, driver: String?)
}

/// What a driver's own id table says of a function, as modules.alias or the built-in table has it.
public enum DriverMatch: Sendable, Equatable {
  case matches
  case doesNot
  /// No table could be read.
  case unknown
}

/// What an earlier run left behind.
public struct Interrupted: Sendable, Equatable {
  public let functions: [Address]
  /// As it was typed.
  public let command: String
  /// The journal's file.
  public let path: String
  /// The process whose write has not returned; nil if nothing is pending.
  public let pending: String?

  public init(functions: [Address], command: String, path: String, pending: String?) {
    self.functions = functions
    self.command = command
    self.path = path
    self.pending = pending
  }
}

/// Everything that the rules may look at: one host at one moment, the set, and what is known around it.
public struct Situation: Sendable {
  public var host: Host
  /// The requested functions, in the order of addresses.
  public var set: [Address]
  public let intent: Intent
  public let usage: Usage
  public let surroundings: Surroundings
  /// A capture: nothing can be harmed, so what could not be read is a warning.
  public let isRehearsal: Bool
  /// What the requested driver's table says of each function; empty if no driver was requested.
  public let matches: [Address: DriverMatch]
  /// Functions that hostdev itself put on their driver.
  public let held: Set<Address>

  /// Interrupted runs that concern the set: which functions, and the facts of each run.
  public var interrupted: [Interrupted] = []

  /// The set with what it lacks, and what speaks against that; nil if it lacks nothing or that was not assessed yet.
  public var completion: Completion?

  /// Of functions of the host that are assessed one by one, what goes with each: worked out once.
  public var kinship: Kinship?

  /// What is in doubt of who the functions are that a pin named.
  public var identity: [Finding] = []

  /// Why what we see may not be the whole host: another namespace. Nil if nothing says so.
  public var namespaceDoubt: String?

  public init(
    host: Host, set: [Address], intent: Intent, usage: Usage, surroundings: Surroundings, isRehearsal: Bool,
    matches: [Address: DriverMatch] = [:], held: Set<Address> = []
  ) {
    self.host = host
    self.set = set
    self.intent = intent
    self.usage = usage
    self.surroundings = surroundings
    self.isRehearsal = isRehearsal
    self.matches = matches
    self.held = held
  }

  public var functions: [Function] { self.set.compactMap { host[$0] } }

  /// Something of how the host uses this function, in this respect, could not be read: nothing is claimed of it then.
  func isUnknown(_ area: UnknownUse.Area, of function: Function) -> Bool {
    usage.unknown.contains { $0.area == area && $0.function == function.address }
  }

  /// What an unknown fact counts for.
  var unknownSeverity: Finding.Severity { isRehearsal ? .warning : .error }
}

extension Situation {
  /// The VFIO driver that functions must go to, be they there or yet to come.
  var assignedDriver: String? {
    switch intent {
    case .assign(let driver): driver
    case .virtualFunctions(_, let count, let driver): count > 0 ? driver : nil
    case .release, .reset: nil
    }
  }

  /// Whether any function must go to a guest.
  var isForGuests: Bool { !candidates.isEmpty || (assignedDriver != nil && !set.isEmpty) }

  /// What the host will lose: to a guest, or for good.
  var leaving: [Function] {
    switch intent {
    case .assign: functions
    case .virtualFunctions(let physical, _, _): functions.filter { $0.address != physical }
    case .release(_, let losing): losing.sorted().compactMap { host[$0] }
    case .reset: []
    }
  }

  /// Virtual functions that disappear with the driver of their physical one.
  var disappearing: [Function] { leaving.filter { !set.contains($0.address) && $0.physicalFunction.value != nil } }

  /// What must move to a vfio-pci that is not in the kernel yet.
  var movesToUnloaded: [Function] {
    guard assignedDriver == "vfio-pci", surroundings.vfioPCI != .loaded, surroundings.vfioPCI != .builtIn else {
      return []
    }
    return functions.filter { $0.driver.value != "vfio-pci" && !$0.isOnVendorVFIO }
  }
}

extension Situation {
  /// Functions that must go to a guest; none for other intents.
  var candidates: [Function] { if case .assign = intent { functions } else { [] } }

  /// A finding that a fact needed by a check could not be read.
  func unknown(
    _ code: FindingCode, on functions: [Address], message: String, evidence: [Finding.Evidence], remedy: String,
    forceIf condition: String? = nil
  ) -> Finding {
    Finding(
      code, unknownSeverity, on: functions, message: message, evidence: evidence, remedy: remedy, forceIf: condition)
  }
}
