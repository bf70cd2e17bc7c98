import Host
import PCI

/// A step in the journal. A record is not taken at its word: names in it become paths that are written, and words of
/// commands that are run.
extension Step: Codable {
  private enum Name: String, Codable {
    case override, unbind, bind, offer, reset, attribute, link, load
    case expectDriver = "expect-driver"
    case expectAnswer = "expect-answer"
  }

  private enum Key: String, CodingKey {
    case step, function, driver, name, value, prior, interface, index, physical, words, vendor, device
  }

  private var name: Name {
    switch self {
    case .override: .override
    case .unbind: .unbind
    case .bind: .bind
    case .offer: .offer
    case .reset: .reset
    case .attribute: .attribute
    case .link: .link
    case .load: .load
    case .expectDriver: .expectDriver
    case .expectAnswer: .expectAnswer
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(name, forKey: .step)
    try values.encodeIfPresent(function, forKey: .function)
    switch self {
    case .override(let driver, _, let prior):
      try values.encodeIfPresent(driver, forKey: .driver)
      try values.encodeIfPresent(prior, forKey: .prior)
    case .unbind(_, let driver), .bind(_, let driver): try values.encode(driver, forKey: .driver)
    case .expectDriver(let driver, _): try values.encodeIfPresent(driver, forKey: .driver)
    case .offer, .reset: break
    case .attribute(let name, let value, _, let prior):
      try values.encode(name, forKey: .name)
      try values.encode(value, forKey: .value)
      try values.encodeIfPresent(prior, forKey: .prior)
    case .link(let command, _, let physical, let prior):
      try values.encode(command.setting, forKey: .name)
      try values.encode(command.value, forKey: .value)
      try values.encode(command.interface, forKey: .interface)
      try values.encode(command.index, forKey: .index)
      try values.encode(physical, forKey: .physical)
      try values.encodeIfPresent(prior, forKey: .prior)
    case .load(let words, let driver):
      try values.encode(words, forKey: .words)
      try values.encode(driver, forKey: .driver)
    case .expectAnswer(let id, _):
      try values.encode(id.vendor, forKey: .vendor)
      try values.encode(id.device, forKey: .device)
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    func function() throws -> Address { try values.decode(Address.self, forKey: .function) }
    func text(_ key: Key) throws -> String { try values.decode(String.self, forKey: key) }
    func prior() throws -> String? { try values.decodeIfPresent(String.self, forKey: .prior) }
    func driver() throws -> String? {
      let name = try values.decodeIfPresent(String.self, forKey: .driver)
      if let name, !DriverName.isSound(name) {
        throw Self.fault(.driver, values, reason: "this is not the name of a driver")
      }
      return name
    }
    func required() throws -> String {
      guard let name = try driver() else { throw Self.fault(.driver, values, reason: "the driver is missing") }
      return name
    }
    switch try values.decode(Name.self, forKey: .step) {
    case .override: self = .override(try driver(), of: try function(), prior: try prior())
    case .unbind: self = .unbind(try function(), from: try required())
    case .bind: self = .bind(try function(), to: try required())
    case .offer: self = .offer(try function())
    case .reset: self = .reset(try function())
    case .expectDriver: self = .expectDriver(try driver(), of: try function())
    case .expectAnswer:
      let id = DeviceID(
        vendor: try values.decode(UInt16.self, forKey: .vendor), device: try values.decode(UInt16.self, forKey: .device)
      )
      self = .expectAnswer(id, of: try function())
    case .attribute:
      let name = try text(.name)
      guard State.isAttribute(name) else {
        throw Self.fault(.name, values, reason: "\(name) is not an attribute that hostdev writes")
      }
      self = .attribute(name, try text(.value), of: try function(), prior: try prior())
    case .link:
      let command = LinkCommand(
        interface: try text(.interface), index: try values.decode(Int.self, forKey: .index),
        setting: try values.decode(VirtualSetting.self, forKey: .name), value: try text(.value))
      guard command.isSound else { throw Self.fault(.value, values, reason: "this is not a setting of a VF") }
      self = .link(
        command, of: try function(), physical: try values.decode(Address.self, forKey: .physical), prior: try prior())
    case .load:
      let words = try values.decode([String].self, forKey: .words)
      guard let module = words.first, ModuleNames.isSound(module) else {
        throw Self.fault(.words, values, reason: "this is not the name of a module")
      }
      self = .load(words, for: try required())
    }
  }

  private static func fault(_ key: Key, _ values: KeyedDecodingContainer<Key>, reason: String) -> DecodingError {
    .dataCorruptedError(forKey: key, in: values, debugDescription: reason)
  }
}
