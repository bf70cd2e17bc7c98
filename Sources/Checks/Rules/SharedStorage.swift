import Host
import PCI

/// Storage of the host that goes on without a function: it loses a path or a member, and not the file system.
enum SharedStorage {
  static func findings(_ function: Function, _ uses: [Use]) -> [Finding] {
    var names: [Use.Remainder] = []
    for remainder in uses.compactMap(\.remainder) where remainder.kind != .port && !names.contains(remainder) {
      names.append(remainder)
    }
    return names.map { remainder in
      let own = uses.filter { $0.remainder == remainder }
      return Finding(
        .rootStorage, .error, on: [function.address], message: message(function, remainder, carrying: own),
        evidence: own.map(\.evidence) + ["\(remainder.name) goes on by \(remainder.by.joined(separator: ", "))"],
        remedy: remedy(function, remainder), forceIf: condition(remainder), isForceable: true)
    }
  }

  private static func message(_ function: Function, _ remainder: Use.Remainder, carrying uses: [Use]) -> String {
    let places = uses.filter { [.mount, .swap, .pool].contains($0.kind) }.map { "\($0.kind.rawValue) \($0.detail)" }
    let what = remainder.name + (places.isEmpty ? "" : " (\(Set(places).sorted().joined(separator: ", ")))")
    let others = remainder.by.joined(separator: ", ")
    return switch remainder.kind {
    case .path:
      "\(function.address) is one of several paths to \(what), which the host uses. The host keeps it by \(others) and loses the other path. The guest reaches the same disk: if it writes, it destroys what the host has on it."
    case .member, .port:
      "\(function.address) has a member of \(what), which the host uses. The host keeps it by \(others) and loses the redundancy: the array is degraded."
    }
  }

  private static func remedy(_ function: Function, _ remainder: Use.Remainder) -> String {
    let lost = remainder.lost.split(separator: ",").map { $0.drop { $0 == " " } }
    switch remainder.kind {
    case .path where lost.allSatisfy { $0.hasPrefix("nvme") }:
      return "Take the host's rights to the namespace on \(function.address) away in the array's own setup"
    case .path:
      return lost.map { "multipathd del path \($0) && echo 1 > /sys/block/\($0)/device/delete" }
        .joined(separator: " && ")
    case .member, .port:
      return lost.map { "mdadm /dev/\(remainder.name) --fail /dev/\($0) --remove /dev/\($0)" }.joined(separator: " && ")
    }
  }

  private static func condition(_ remainder: Use.Remainder) -> String {
    switch remainder.kind {
    case .path: "the guest does not use the disk"
    case .member, .port: "the array may be degraded"
    }
  }
}
