import PCI

/// A pin, as far as this room has to know of it: what it declares, and what is so now.
public struct DeclaredPin: Sendable, Equatable {
  public enum ActualState: Sendable, Equatable {
    case inPlace
    /// It is in another place or on another driver; what `apply` changes.
    case drifted(reason: String, evidence: [String])
    /// The device is not there.
    case absent(reason: String, evidence: [String])
    /// Who it is cannot be told, or it is another device: nothing is done, and the host keeps it.
    case refused(reason: String, evidence: [String])
    /// Its file is malformed, or may be written by others.
    case malformed(reason: String)
    case unknown(reason: String)
  }

  public let name: String
  public let file: String
  /// The places of its functions now.
  public let functions: [Address]
  public let driver: String
  public let actual: ActualState
  /// What takes its device off the bus.
  public var absence: [AbsenceCause] = []
  /// Of a pin that declares virtual functions.
  public let virtuals: Virtuals?
  /// Findings that were overruled as it was declared.
  public let forced: Set<FindingCode>

  /// The number of virtual functions that a physical one is to have, and whether they are for guests.
  public struct Virtuals: Sendable, Equatable {
    public let physical: Address
    public let count: Int
    public let isBound: Bool

    public init(of physical: Address, count: Int, isBound: Bool) {
      self.physical = physical
      self.count = count
      self.isBound = isBound
    }
  }

  public init(
    name: String, file: String, functions: [Address], driver: String, actual: ActualState,
    virtuals: Virtuals? = nil, forced: Set<FindingCode> = []
  ) {
    self.name = name
    self.file = file
    self.functions = functions
    self.driver = driver
    self.actual = actual
    self.virtuals = virtuals
    self.forced = forced
  }
}
