/// What a transaction may change of a function, and must be able to put back.
public struct State: Sendable, Hashable {
  /// The driver that a function is bound to, or will be.
  public enum Driver: Sendable, Hashable {
    case unbound
    case bound(String)
    /// Left to the host: whatever it is, it is right. No state that was looked at has it.
    case any

    public init(_ name: String?) { self = name.map { .bound($0) } ?? .unbound }

    /// Nil while unbound, and if it is left to the host.
    public var name: String? { if case .bound(let name) = self { name } else { nil } }
  }

  /// The value of an attribute.
  public enum Value: Sendable, Hashable {
    case known(String)
    /// Whatever it is, it is right; nothing is known of it.
    case any

    public var text: String? { if case .known(let text) = self { text } else { nil } }
  }

  public var driver: Driver
  /// `driver_override`, or nil while none is set.
  public var override: String?

  /// Every other attribute of the function that a plan writes, by its name: `reset_method`.
  public var attributes: [String: Value]

  /// False of a virtual function that its physical one does not have (any more, or yet).
  public var isPresent = true

  public init(driver: Driver, override: String?, attributes: [String: Value] = [:]) {
    self.driver = driver
    self.override = override
    self.attributes = attributes
  }

  /// As it was looked at, or is wanted down to the last.
  public init(driver: String?, override: String?, attributes: [String: String] = [:]) {
    self.init(driver: Driver(driver), override: override, attributes: attributes.mapValues { .known($0) })
  }
}

extension State {
  /// A virtual function that is not there.
  public static let absent = {
    var state = State(driver: .unbound, override: nil)
    state.isPresent = false
    return state
  }()

  /// A new virtual function while the PF's `sriov_drivers_autoprobe` is 0: no driver, and its settings are unknown.
  public func renewed() -> State {
    State(driver: .unbound, override: nil, attributes: attributes.mapValues { _ in .any })
  }

  /// Its state after it goes; when it comes again, the same is known of it.
  public func departed() -> State {
    var state = renewed()
    state.isPresent = false
    return state
  }

  /// It is the host's to choose a driver, and the host has not.
  public func isOpen(_ found: State) -> Bool { driver == .any && found.driver == .unbound }

  /// Whether what was found agrees with this state.
  public func admits(_ found: State) -> Bool {
    guard isPresent, found.isPresent else { return isPresent == found.isPresent }
    return (driver == .any || driver == found.driver) && override == found.override
      && attributes.keys == found.attributes.keys
      && attributes.allSatisfy { $0.value == .any || $0.value == found.attributes[$0.key] }
  }
  /// Same driver and override, whatever the other attributes are.
  public func isPlaced(like other: Self) -> Bool { driver == other.driver && override == other.override }
}

extension State: CustomStringConvertible {
  public var description: String {
    guard isPresent else { return "not there" }
    let known = attributes.compactMapValues(\.text).sorted { $0.key < $1.key }
    return
      ([driver == .any ? "left to the host" : driver.name ?? "no driver"]
      + [override.map { "override \($0)" }].compactMap { $0 }
      + known.map { "\(VirtualSetting(attribute: $0.key)?.rawValue ?? $0.key) \($0.value)" }).joined(separator: ", ")
  }
}

/// A record of a state is not taken at its word: names in it become paths that are written.
extension State: Codable {
  private enum Key: String, CodingKey { case driver, override, attributes, isAbsent = "absent" }
  /// How a record has what is left to the host: no driver is called that, and no attribute reads so.
  static let any = "*"
  private static let names: Set<String> = ["reset_method", "sriov_numvfs", "sriov_drivers_autoprobe", "power/control"]

  /// One of those in sysfs that a run writes; what a network card keeps of a virtual function is none of them.
  public static func isAttribute(_ name: String) -> Bool { names.contains(name) }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let word = try values.decodeIfPresent(String.self, forKey: .driver)
    driver = word == Self.any ? .any : Driver(word)
    override = try values.decodeIfPresent(String.self, forKey: .override)
    attributes = (try values.decodeIfPresent([String: String].self, forKey: .attributes) ?? [:])
      .mapValues { $0 == Self.any ? .any : .known($0) }
    isPresent = try values.decodeIfPresent(Bool.self, forKey: .isAbsent) != true
    if let name = driver.name, !DriverName.isSound(name) {
      throw DecodingError.dataCorruptedError(
        forKey: .driver, in: values, debugDescription: "this is not the name of a driver")
    }
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) where !Self.isAttribute(name) {
      // These become words of a command line.
      guard let setting = VirtualSetting(attribute: name), value.text.map(setting.isSound) ?? true else {
        throw DecodingError.dataCorruptedError(
          forKey: .attributes, in: values, debugDescription: "\(name) is not an attribute that hostdev writes")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(driver == .any ? Self.any : driver.name, forKey: .driver)
    try values.encodeIfPresent(override, forKey: .override)
    try values.encode(attributes.mapValues { $0.text ?? Self.any }, forKey: .attributes)
    if !isPresent { try values.encode(true, forKey: .isAbsent) }
  }
}
