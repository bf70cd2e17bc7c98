import Host
import PCI

/// What is to be done with the set.
public enum Intent: Sendable, Equatable {
  /// Move to this driver, so that a guest can have it.
  case assign(driver: String)
  /// Give back to the host; `all`: everything that is held.
  case release(all: Bool)
  case reset
}

/// What a driver's own id table says of a function, as modules.alias or the built-in table has it.
public enum DriverMatch: Sendable, Equatable {
  case matches
  case doesNot
  /// No table could be read.
  case unknown
}

/// Everything that the rules may look at: one host at one moment, the set, and what is known around it.
public struct Situation: Sendable {
  public let host: Host
  /// What was asked for, in the order of addresses.
  public let set: [Address]
  public let intent: Intent
  public let usage: Usage
  public let surroundings: Surroundings
  /// A capture: nothing can be harmed, so what could not be read is a warning.
  public let isRehearsal: Bool
  /// What the asked driver's table says of each function; empty where none was asked for.
  public let matches: [Address: DriverMatch]
  /// Functions that hostdev itself put where they are.
  public let held: Set<Address>

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

  /// What an unknown fact counts for.
  var unknownSeverity: Finding.Severity { isRehearsal ? .warning : .error }
}
