import Host
import PCI

/// A function that hostdev holds, as far as the rules have to know of it.
public struct HeldFunction: Sendable, Equatable {
  public let function: Address
  /// As it was left.
  public let state: State
  /// The driver that it goes back to.
  public let homeDriver: String?
  /// As it was typed.
  public let command: [String]
  /// How it differs from what hostdev left; nil if it does not.
  public let drift: String?

  public init(_ function: Address, state: State, homeDriver: String?, command: [String], drift: String?) {
    self.function = function
    self.state = state
    self.homeDriver = homeDriver
    self.command = command
    self.drift = drift
  }
}
