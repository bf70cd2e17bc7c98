import Host
import PCI
import Sysfs
import System

extension InterfaceIdentity {
  /// An interface that is there.
  init(_ device: Device, driver: String?, _ sysfs: any Sysfs) {
    self.init(names: [device.name], driver: driver)
    let index = device.event["IFINDEX"] ?? sysfs.fact("\(device.path)/ifindex").value
    let record = index.flatMap { UdevRecord(sysfs, interface: $0) }
    let keys = ["ID_NET_NAME", "ID_NET_NAME_ONBOARD", "ID_NET_NAME_SLOT", "ID_NET_NAME_PATH", "ID_NET_NAME_MAC"]
    names += keys.compactMap { record?[$0] }.filter { $0 != device.name }
    // A port of a bond has the bond's address; by its own it goes in the name that udev made of that.
    let permanent = record?["ID_NET_NAME_MAC"].flatMap { name in Self.colons(name.suffix(12)) }
    addresses = [sysfs.fact("\(device.path)/address").value?.lowercased(), permanent].compactMap { $0 }
      .filter { address in address.contains { $0 != "0" && $0 != ":" } }
    path = record?["ID_PATH"]
    kind =
      device.event["DEVTYPE"] == "wlan"
      ? "wlan" : ["1": "ether", "32": "infiniband"][sysfs.fact("\(device.path)/type").value ?? ""]
  }

  /// A network function that has no driver yet: the names that udev would make of its place (`systemd.net-naming-scheme(7)`).
  init(unboundAt function: Function, slots: [String], links: [(pattern: String, name: String)]) {
    let address = function.address
    let kinds: [UInt16: (String, String)] = [0x0207: ("ib", "infiniband"), 0x0280: ("wl", "wlan")]
    let (prefix, kind) = kinds[function.classCode.value?.subclass ?? 0] ?? ("en", "ether")
    let domain = address.domain == 0 ? "" : "P\(address.domain)"
    let place = "\(domain)p\(address.bus)s\(address.device)"
    // The function is named where there are several, or may be.
    let tails = address.function == 0 ? ["", "f0"] : ["f\(address.function)"]
    let own = "pci-\(address)"
    self.init(
      names: tails.flatMap { tail in ([place] + slots.map { "\(domain)s\($0)" }).map { prefix + $0 + tail } }
        + links.filter { WildcardPattern($0.pattern).matches(own) }.map(\.name), path: own, kind: kind,
      isPredicted: true)
  }

  /// `00:11:22:33:44:55` of 12 hex digits.
  private static func colons(_ digits: Substring) -> String? {
    guard digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit) else { return nil }
    let bytes = Array(digits.lowercased())
    return stride(from: 0, to: 12, by: 2).map { String(bytes[$0...($0 + 1)]) }.joined(separator: ":")
  }
}
