import PCI

/// What a pin's functions are on the host now.
public struct Resolution: Sendable, Equatable {
  /// In the order of doubt: a pin of several functions is the worst of them.
  public enum Status: String, Sendable, Comparable {
    /// Where it was declared.
    case inPlace = "in-place"
    /// At the same place in the topology, under another address.
    case renumbered
    /// In another place, and known there by its serial number or its ids, which the pin allows.
    case moved
    /// Place and ids fit, but the serial number that would prove it could not be read.
    case unverified
    /// Nowhere to be found.
    case absent
    /// More than one function could be it.
    case ambiguous
    /// Something else is at its place, or it is at another one.
    case mismatch

    private var rank: Int {
      switch self {
      case .inPlace: 0
      case .renumbered: 1
      case .moved: 2
      case .unverified: 3
      case .absent: 4
      case .ambiguous: 5
      case .mismatch: 6
      }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    /// The function is known.
    public var isFound: Bool { self <= .unverified }
  }

  public let status: Status
  /// In the order of the pin's functions, all of them or none: a card is given as a whole or not at all.
  public let functions: [Address]
  /// Why, in a sentence; empty for what is in place.
  public let reason: String
  /// Where that was seen.
  public let evidence: [String]
  /// Functions that stand where pinned ones were declared, found or not; what a finding is about.
  public let concerned: [Address]

  init(
    status: Status, functions: [Address], reason: String, evidence: [String], concerned: [Address]
  ) {
    self.status = status
    self.functions = functions
    self.reason = reason
    self.evidence = evidence
    self.concerned = concerned
  }

  /// Of a pin that was found before and has not moved since.
  init(_ status: Status, _ functions: [Address]) {
    self.init(status: status, functions: functions, reason: "", evidence: [], concerned: functions)
  }
}
