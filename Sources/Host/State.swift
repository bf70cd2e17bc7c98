/// What a transaction may change of a function, and must be able to put back.
public struct State: Sendable, Hashable {
  /// The bound driver, or nil while unbound; `any` where a plan leaves it to the host.
  public var driver: String?
  /// `driver_override`, or nil while none is set.
  public var override: String?

  /// Every other attribute of the function that a plan writes, by its name: `reset_method`.
  public var attributes: [String: String]

  /// False of a virtual function that its physical one does not have (any more, or yet).
  public var isPresent = true

  public init(driver: String?, override: String?, attributes: [String: String] = [:]) {
    self.driver = driver
    self.override = override
    self.attributes = attributes
  }
}

extension State {
  /// In place of a driver or of an attribute's value: whatever it is, it is right. No driver is called that.
  public static let any = "*"

  /// A virtual function that is not there.
  public static let absent = {
    var state = State(driver: nil, override: nil)
    state.isPresent = false
    return state
  }()

  /// As a virtual function comes into being while nobody is offered it: of its settings nothing is known.
  public func renewed() -> State {
    State(driver: nil, override: nil, attributes: attributes.mapValues { _ in Self.any })
  }

  /// As it is when it goes; what there is to know of it when it comes again is the same.
  public func departed() -> State {
    var state = renewed()
    state.isPresent = false
    return state
  }

  /// It is the host's to choose a driver, and the host has not.
  public func isOpen(_ found: State) -> Bool { driver == Self.any && found.driver == nil }

  /// What was found is what this state asks for.
  public func admits(_ found: State) -> Bool {
    guard isPresent, found.isPresent else { return isPresent == found.isPresent }
    return (driver == Self.any || driver == found.driver) && override == found.override
      && attributes.keys == found.attributes.keys
      && attributes.allSatisfy { $0.value == Self.any || $0.value == found.attributes[$0.key] }
  }
  /// Same driver and override, whatever the other attributes are.
  public func isPlaced(like other: Self) -> Bool { driver == other.driver && override == other.override }
}

extension State: CustomStringConvertible {
  public var description: String {
    guard isPresent else { return "not there" }
    return
      ([driver == Self.any ? "left to the host" : driver ?? "no driver"] + (override.map { ["override \($0)"] } ?? [])
      + attributes.filter { $0.value != Self.any }.sorted { $0.key < $1.key }.map {
        "\(VirtualSetting(attribute: $0.key)?.rawValue ?? $0.key) \($0.value)"
      }).joined(separator: ", ")
  }
}

/// A record of a state is not taken at its word: names in it become paths that are written.
extension State: Codable {
  private enum Key: String, CodingKey { case driver, override, attributes, isAbsent = "absent" }
  private static let known: Set<String> = ["reset_method", "sriov_numvfs", "sriov_drivers_autoprobe", "power/control"]

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    driver = try values.decodeIfPresent(String.self, forKey: .driver)
    override = try values.decodeIfPresent(String.self, forKey: .override)
    attributes = try values.decodeIfPresent([String: String].self, forKey: .attributes) ?? [:]
    isPresent = try values.decodeIfPresent(Bool.self, forKey: .isAbsent) != true
    if let driver, !DriverName.isSound(driver) {
      throw DecodingError.dataCorruptedError(forKey: .driver, in: values, debugDescription: "this is no driver's name")
    }
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) where !Self.known.contains(name) {
      // These become words of a command line.
      guard let setting = VirtualSetting(attribute: name), value == Self.any || setting.isSound(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: .attributes, in: values, debugDescription: "\(name) is no attribute that a run writes")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(driver, forKey: .driver)
    try values.encodeIfPresent(override, forKey: .override)
    try values.encode(attributes, forKey: .attributes)
    if !isPresent { try values.encode(true, forKey: .isAbsent) }
  }
}
