/// What a transaction may change of a function, and must be able to put back.
public struct State: Sendable, Hashable {
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

extension State {
  /// Same driver and override, whatever the other attributes are.
  public func isPlaced(like other: Self) -> Bool { driver == other.driver && override == other.override }
}

extension State: CustomStringConvertible {
  public var description: String {
    ([driver ?? "no driver"] + (override.map { ["override \($0)"] } ?? [])
      + attributes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
  }
}

/// A record of a state is not taken at its word: names in it become paths that are written.
extension State: Codable {
  private enum Key: String, CodingKey { case driver, override, attributes }
  private static let known: Set<String> = ["reset_method", "sriov_numvfs", "sriov_drivers_autoprobe", "power/control"]

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    driver = try values.decodeIfPresent(String.self, forKey: .driver)
    override = try values.decodeIfPresent(String.self, forKey: .override)
    attributes = try values.decodeIfPresent([String: String].self, forKey: .attributes) ?? [:]
    if let driver, !DriverName.isSound(driver) {
      throw DecodingError.dataCorruptedError(forKey: .driver, in: values, debugDescription: "this is no driver's name")
    }
    if let name = attributes.keys.sorted().first(where: { !Self.known.contains($0) }) {
      throw DecodingError.dataCorruptedError(
        forKey: .attributes, in: values, debugDescription: "\(name) is no attribute that a run writes")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(driver, forKey: .driver)
    try values.encodeIfPresent(override, forKey: .override)
    try values.encode(attributes, forKey: .attributes)
  }
}
