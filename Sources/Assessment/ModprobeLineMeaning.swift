import Host
import PCI

/// What a line of modprobe.d says to the rules.
extension ModprobeLine {
  var text: String { "\(file):\(line): \(command.rawValue) \(module) \(arguments)" }

  /// `install MODULE /bin/false`: nothing gets loaded.
  var isVoid: Bool {
    let command = arguments.split(separator: " ").first ?? ""
    return ["true", "false", ":"].contains(command.split(separator: "/").last ?? "")
  }

  /// `ids=10ee:5000,8086:1521:ffffffff:…` names this id.
  func claims(_ id: DeviceID) -> Bool {
    arguments.split(separator: " ").filter { $0.hasPrefix("ids=") }.contains { option in
      option.dropFirst(4).split(separator: ",").contains { entry in
        let parts = entry.split(separator: ":").prefix(2).map { parseHex($0, as: UInt16.self) }
        return parts == [id.vendor, id.device]
      }
    }
  }
}
