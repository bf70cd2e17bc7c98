import PCI

/// What the physical function of a network card keeps for each of its virtual ones, and `ip link set … vf` changes.
///
/// Part of the virtual function's state, under a name that no attribute of sysfs has.
public enum VirtualSetting: String, Sendable, CaseIterable, Codable {
  case mac, vlan
  case spoofCheck = "spoof-check"
  case trust

  /// Its name among a state's attributes: `vf/mac`.
  public var attribute: String { "vf/\(rawValue)" }

  public init?(attribute: String) {
    guard attribute.hasPrefix("vf/") else { return nil }
    self.init(rawValue: String(attribute.dropFirst("vf/".utf8.count)))
  }

  /// iproute2's word for it.
  public var keyword: String { self == .spoofCheck ? "spoofchk" : rawValue }

  public init?(keyword: some StringProtocol) {
    guard let setting = Self.allCases.first(where: { $0.keyword == keyword }) else { return nil }
    self = setting
  }

  /// The one spelling of a value; nil if it is not a value. What was not given is left out, as in `ip`'s line:
  /// a VLAN is `100`, `100 qos 3` or `100 qos 3 proto 802.1ad`, and 0 is none.
  public func value(_ text: String) -> String? {
    switch self {
    case .mac:
      let octets = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
      guard octets.count == 6,
        octets.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { hexDigit($0) != nil } }),
        // A multicast address cannot be a VF's own (`is_multicast_ether_addr`); all zeros means none.
        UInt8(octets[0], radix: 16).map({ $0 & 1 == 0 }) == true
      else { return nil }
      return octets.joined(separator: ":")
    case .spoofCheck, .trust: return ["on", "off"].contains(text) ? text : nil
    case .vlan:
      let words = text.split(separator: " ").map(String.init)
      func number(_ word: String, upTo limit: Int) -> String? {
        guard word.utf8.count < 5, let value = UInt16(word), value <= limit else { return nil }
        return "\(value)"
      }
      guard let first = words.first.flatMap({ number($0, upTo: 4094) }) else { return nil }
      var parts = [first]
      var rest = words.dropFirst()
      if rest.first == "qos" {
        guard let quality = rest.dropFirst().first.flatMap({ number($0, upTo: 7) }) else { return nil }
        parts += ["qos", quality]
        rest = rest.dropFirst(2)
      }
      if rest.first == "proto" {
        guard let name = rest.dropFirst().first, ["802.1q", "802.1ad"].contains(name.lowercased()) else { return nil }
        parts += ["proto", name.lowercased() == "802.1q" ? "802.1Q" : "802.1ad"]
        rest = rest.dropFirst(2)
      }
      return rest.isEmpty ? parts.joined(separator: " ") : nil
    }
  }

  public func isSound(_ value: String) -> Bool { self.value(value) == value }
}

/// The place of a virtual function: its PF, its index, and the network interface of the PF, if it has one.
public struct VirtualPlace: Sendable, Hashable, Codable {
  public let physical: Address
  /// From 0, as `virtfnN`.
  public let index: Int
  public let interface: String?

  public init(physical: Address, index: Int, interface: String? = nil) {
    self.physical = physical
    self.index = index
    self.interface = interface
  }

  /// What may be an interface's name (`dev_valid_name` of the kernel), and no option of a command.
  public static func isInterface(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count < 16, first != UInt8(ascii: "-"), name != ".", name != ".."
    else {
      return false
    }
    return name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
  }

  private enum Key: String, CodingKey { case physical, index, interface }

  /// A record is not taken at its word: the interface becomes a word of a command line.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    physical = try values.decode(Address.self, forKey: .physical)
    index = try values.decode(Int.self, forKey: .index)
    interface = try values.decodeIfPresent(String.self, forKey: .interface)
    if index < 0 {
      throw DecodingError.dataCorruptedError(forKey: .index, in: values, debugDescription: "no VF has that index")
    }
    if let interface, !Self.isInterface(interface) {
      throw DecodingError.dataCorruptedError(
        forKey: .interface, in: values, debugDescription: "this is not the name of an interface")
    }
  }
}
