import Host
import PCI
import Settings
import Sysfs
import System

/// What configuration may call an interface by.
struct InterfaceIdentity: Sendable {
  /// Its name now, and those that udev gives it.
  var names: [String]
  /// Hardware addresses in lower case; none if they are not known.
  var addresses: [String] = []
  var driver: String?
  /// udev's `ID_PATH`.
  var path: String?
  /// `ether`, `wlan`, `infiniband`; nil if that is not known.
  var kind: String?
  /// It has no driver yet: its names are those that udev will give it, and a driver may add the name of the port.
  var isPredicted = false

  func has(_ name: String) -> Bool {
    names.contains { own in
      if own == name { return true }
      guard isPredicted, name.hasPrefix(own) else { return false }
      // `enp1s0f0np0`, `enp1s0d1`: what drivers with several ports on a function add.
      let rest = name.dropFirst(own.utf8.count)
      let digits = rest.hasPrefix("np") ? rest.dropFirst(2) : rest.hasPrefix("d") ? rest.dropFirst() : ""
      return !digits.isEmpty && digits.allSatisfy(\.isNumber)
    }
  }
}

extension InterfaceIdentity {
  /// An interface that is there.
  init(_ device: ChildDevice, driver: String?, in sysfs: any Sysfs) {
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

  /// A network function that has no driver yet: udev's names by its place (`systemd.net-naming-scheme(7)`).
  init(unboundAt function: Function, slots: [String], links: [NameByPath]) {
    let address = function.address
    let kinds: [UInt16: (String, String)] = [0x0207: ("ib", "infiniband"), 0x0280: ("wl", "wlan")]
    let (prefix, kind) = kinds[function.classCode.value?.subclass ?? 0] ?? ("en", "ether")
    let domain = address.domain == 0 ? "" : "P\(address.domain)"
    let place = "\(domain)p\(address.bus)s\(address.device)"
    // The function is named if there are several, or may be.
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
