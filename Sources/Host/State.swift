/// What a transaction may change of a function, and must be able to put back.
public struct State: Sendable, Hashable, Codable {
  /// The bound driver, or nil while unbound.
  public var driver: String?
  /// `driver_override`, or nil while none is set.
  public var override: String?

  public init(driver: String?, override: String?) {
    self.driver = driver
    self.override = override
  }
}

extension State: CustomStringConvertible {
  public var description: String { "\(driver ?? "no driver")\(override.map { ", override \($0)" } ?? "")" }
}
