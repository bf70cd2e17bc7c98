import Host
import Sysfs

/// Keyboards over Bluetooth LE: BlueZ makes them through uhid, so that they stand under `/devices/virtual/misc/uhid`, and
/// not below the adapter. The `phys` of their input device is the adapter's address.
struct WirelessKeyboards {
  let sysfs: any Sysfs

  struct Keyboard {
    let name: String
    /// Folders of the adapters that it may use, as `/sys/class/bluetooth` leads to them.
    let adapters: [String]
  }

  /// All that the host has now. What is on no adapter is a program's own.
  var all: [Keyboard] {
    let adapters = adapters
    guard !adapters.isEmpty else { return [] }
    return sysfs.names(in: "/sys/class/input").compactMap { name in
      let folder = "/sys/class/input/\(name)"
      guard name.hasPrefix("input"), let target = try? sysfs.linkTarget(folder),
        target.contains("/devices/virtual/misc/uhid/"), InputUse.isKeyboard(folder, sysfs),
        let address = sysfs.fact("\(folder)/phys").value ?? quoted("PHYS", folder), Self.isAddress(address)
      else { return nil }
      // No kernel since 3.12 shows an adapter's address. Of several, each may be the one.
      let known = adapters.filter {
        sysfs.fact("/sys/class/bluetooth/\($0.name)/address").value?.lowercased() == address.lowercased()
      }
      return Keyboard(
        name: sysfs.fact("\(folder)/name").value ?? quoted("NAME", folder) ?? name,
        adapters: (known.isEmpty ? adapters : known).map(\.target))
    }
  }

  private var adapters: [(name: String, target: String)] {
    sysfs.names(in: "/sys/class/bluetooth").filter { $0.hasPrefix("hci") && !$0.contains(":") }.compactMap { name in
      (try? sysfs.linkTarget("/sys/class/bluetooth/\(name)")).map { (name, $0) }
    }
  }

  private func quoted(_ key: String, _ folder: String) -> String? {
    sysfs.lines("\(folder)/uevent").first { $0.hasPrefix("\(key)=") }.map {
      String($0.dropFirst(key.utf8.count + 1)).replacing("\"", with: "")
    }
  }

  /// `00:1a:7d:da:71:13`.
  private static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 6 && parts.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
  }
}
