/// What a transaction may change of a function, and must be able to put back.
public struct State: Sendable, Hashable, Codable {
  /// The bound driver, or nil while unbound.
  public var driver: String?
  /// `driver_override`, or nil while none is set.
  public var override: String?

  /// Every other attribute of the function that a plan writes, by its name: `reset_method`.
  public var attributes: [String: String]

  public init(driver: String?, override: String?, attributes: [String: String] = [:]) {
    self.driver = driver
    self.override = override
    self.attributes = attributes
  }
}

extension State: CustomStringConvertible {
  public var description: String { 
    ([driver ?? "no driver"] + (override.map { ["override \($0)"] } ?? [])
      + attributes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
  }
}
