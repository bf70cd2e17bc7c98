import FoundationEssentials
import Host

/// What `ip -j link show dev NAME` says of virtual functions.
///
/// ```json
/// [{"ifname": "enp1s0f0", "vfinfo_list": [{"vf": 0, "link_type": "ether", "address": "52:54:00:00:02:00",
///   "vlan_list": [{"vlan": 100, "qos": 3}], "spoofchk": true, "trust": false}]}]
/// ```
/// The address was called `mac` before iproute2 5.0.
public enum VirtualLinkReport {
  /// By index; nil if the text is not such a report.
  public static func settings(_ text: String) -> [Int: [VirtualSetting: String]]? {
    // Other messages of `ip` come before it, one per line.
    guard let start = text.firstIndex(of: "["),
      let links = try? JSONDecoder().decode([Link].self, from: Data(text[start...].utf8))
    else { return nil }
    var found: [Int: [VirtualSetting: String]] = [:]
    for function in links.flatMap({ $0.functions ?? [] }) {
      var settings: [VirtualSetting: String] = [:]
      settings[.mac] = (function.address ?? function.mac).flatMap { VirtualSetting.mac.value($0) }
      settings[.vlan] = function.vlan
      settings[.spoofCheck] = function.spoofCheck.map { $0 ? "on" : "off" }
      settings[.trust] = function.trust.map { $0 ? "on" : "off" }
      found[function.index] = settings
    }
    return found
  }

  private struct Link: Decodable {
    let functions: [Function]?
    enum CodingKeys: String, CodingKey { case functions = "vfinfo_list" }
  }

  private struct Function: Decodable {
    let index: Int
    let address: String?
    let mac: String?
    let vlans: [VLAN]?
    let spoofCheck: Bool?
    let trust: Bool?
    enum CodingKeys: String, CodingKey {
      case index = "vf"
      case address, mac
      case vlans = "vlan_list"
      case spoofCheck = "spoofchk"
      case trust
    }

    /// Without a list there is none: 0.
    var vlan: String? {
      guard let first = vlans?.first(where: { $0.vlan != nil && $0.vlan != 0 }), let number = first.vlan else {
        return "0"
      }
      var text = "\(number)"
      if let quality = first.qos, quality != 0 { text += " qos \(quality)" }
      if let name = first.proto, name.lowercased() != "802.1q" { text += " proto \(name)" }
      return VirtualSetting.vlan.value(text)
    }
  }

  private struct VLAN: Decodable {
    let vlan: Int?
    let qos: Int?
    let proto: String?
    enum CodingKeys: String, CodingKey {
      case vlan, qos
      case proto = "protocol"
    }
  }
}
