import ArgumentParser
import Host
import Operations

/// What a network card must keep of its virtual functions.
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

  private var entries: [VirtualSettings.Entry] {
    [(VirtualSetting.mac, mac), (.vlan, vlan), (.spoofCheck, spoofCheck), (.trust, trust)].flatMap { setting, lists in
      // One that is for a single virtual function goes before one that is for all, whatever their order.
      lists.flatMap(\.entries).sorted { $0.index == nil && $1.index != nil }
        .map { VirtualSettings.Entry(setting, $0.text, of: $0.index) }
    }
  }

  /// A usage error if one does not fit into this number of virtual functions.
  func check(count: Int) throws(ValidationError) {
    do { _ = try VirtualSettings(count: count, entries) } catch { throw ValidationError(words(error, count: count)) }
  }

  /// For this number of virtual functions.
  func settings(count: Int) throws(Diagnostic) -> VirtualSettings {
    do { return try VirtualSettings(count: count, entries) } catch {
      throw Diagnostic(.usage, words(error, count: count), next: "hostdev sriov --help")
    }
  }

  private func words(_ fault: VirtualSettings.Fault, count: Int) -> String {
    let entry = entries[fault.place]
    let option = "--\(entry.setting.rawValue)"
    switch fault.reason {
    case .value: return "\(option): '\(entry.text)' is \(Self.wanted(entry.setting))"
    case .index: return "\(option) is for VF \(entry.index ?? 0), and --vfs makes \(count), counted from 0"
    case .sharedAddress:
      let each = entry.setting.value(entry.text).map { "; give each its own: --mac 0=\($0)" } ?? ""
      return "\(option): two VFs cannot have one address\(entry.index == nil ? each : "")"
    }
  }

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
