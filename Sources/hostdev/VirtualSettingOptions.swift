import ArgumentParser
import Host

/// What a network card is to keep of its virtual functions.
struct VirtualSettingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("MAC addresses of the VFs.", valueName: "k=mac[,…]"))
  var mac: [VirtualValues] = []

  @Option(help: ArgumentHelp("VLAN of the VFs; 0 for none.", valueName: "[k=]vlan[,…]"))
  var vlan: [VirtualValues] = []

  @Option(
    help: ArgumentHelp(
      "on: the VFs may send only from their own MAC address.", valueName: "[k=]on|off[,…]"))
  var spoofCheck: [VirtualValues] = []

  @Option(
    help: ArgumentHelp("on: the guest may change these settings.", valueName: "[k=]on|off[,…]"))
  var trust: [VirtualValues] = []

  var isEmpty: Bool { mac.isEmpty && vlan.isEmpty && spoofCheck.isEmpty && trust.isEmpty }

  /// By the index of the virtual function; a usage error where one does not fit into this number of them.
  func byIndex(count: Int) throws(ValidationError) -> [Int: [VirtualSetting: String]] {
    var found: [Int: [VirtualSetting: String]] = [:]
    for (setting, lists) in [
      (VirtualSetting.mac, mac), (.vlan, vlan), (.spoofCheck, spoofCheck), (.trust, trust),
    ] {
      // One that is for a single virtual function goes before one that is for all, whatever their order.
      for (index, text) in lists.flatMap(\.entries).sorted(by: { $0.index == nil && $1.index != nil }) {
        guard let value = setting.value(text) else {
          throw ValidationError("--\(setting.rawValue): '\(text)' is \(Self.wanted(setting))")
        }
        if let index, !(0..<count).contains(index) {
          throw ValidationError("--\(setting.rawValue) is for VF \(index), and --vfs makes \(count), counted from 0")
        }
        if index == nil, setting == .mac, count != 1 {
          throw ValidationError("--mac: two VFs cannot have one address; give each its own: --mac 0=\(value)")
        }
        for index in index.map({ $0...$0 }).map(Array.init) ?? Array(0..<count) {
          found[index, default: [:]][setting] = value
        }
      }
    }
    let addresses = found.values.compactMap { $0[.mac] }.filter { $0 != "00:00:00:00:00:00" }
    if Set(addresses).count != addresses.count { throw ValidationError("--mac: two VFs cannot have one address") }
    return found
  }

  /// As `byIndex`, of what was validated.
  func valid(count: Int) -> [Int: [VirtualSetting: String]] { (try? byIndex(count: count)) ?? [:] }

  private static func wanted(_ setting: VirtualSetting) -> String {
    switch setting {
    case .mac: "not the MAC address of an interface, such as 52:54:00:12:34:56"
    case .vlan: "not a VLAN from 0 to 4094"
    case .spoofCheck, .trust: "neither on nor off"
    }
  }
}

/// `VALUE` or `K=VALUE`, several of them between commas.
struct VirtualValues: ExpressibleByArgument {
  let entries: [(index: Int?, text: String)]

  init?(argument: String) {
    var entries: [(index: Int?, text: String)] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "=") else {
        entries.append((nil, String(part)))
        continue
      }
      guard let index = UInt16(part[..<equals]) else { return nil }
      entries.append((Int(index), String(part[part.index(after: equals)...])))
    }
    self.entries = entries
  }
}
