import Host
import PCI
import System

/// Whether a rule is for a device.
enum UdevAnswer: Int, Comparable {
  case no, unknown, yes

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  static func all(_ answers: [UdevAnswer]) -> UdevAnswer { answers.min() ?? .yes }
}

extension UdevRule {
  /// The keys for parents have to fit one and the same device of the chain, the device itself included.
  func answer(_ device: UdevDevice, variables: [String: Fact<String>]) -> UdevAnswer {
    let above: Set = ["KERNELS", "SUBSYSTEMS", "DRIVERS", "ATTRS", "TAGS"]
    let own = UdevAnswer.all(
      matches.filter { !above.contains($0.key) }.map { $0.answer(device, variables: variables) })
    let wanted = matches.filter { above.contains($0.key) }
    if own == .no || wanted.isEmpty { return own }
    let chain = ([device] + device.parents).map { one in
      UdevAnswer.all(wanted.map { $0.answer(one, variables: variables) })
    }
    return min(own, chain.max() ?? .unknown)
  }
}

extension UdevToken {
  /// Actions under which a device comes to a host.
  private static let arrivals = ["add", "bind", "change", "move", "online"]

  func answer(_ device: UdevDevice, variables: [String: Fact<String>]) -> UdevAnswer {
    switch key {
    case "ACTION":
      Self.arrivals.contains { fits($0) == (sign == .equal) } ? .yes : .no
    case "KERNEL", "KERNELS": kernel(device)
    case "SUBSYSTEM", "SUBSYSTEMS": compared(device.subsystem)
    case "DRIVER", "DRIVERS": compared(device.driver)
    case "DEVPATH": compared(device.path)
    case "NAME": compared(device.kernel)
    case "ATTR", "ATTRS": ofAttribute(device)
    case "ENV":
      compared(
        variables[attribute] ?? device.variables[attribute].map { .known($0) }
          ?? (Self.isSetByUdev(attribute) ? .unknown : .known("")))
    case "TEST": device.attributes[value] != nil ? (sign == .unequal ? .no : .yes) : .unknown
    // A program of ours is not run to see what it says; a builtin tells the device's ids.
    case "IMPORT": attribute == "builtin" ? .yes : .unknown
    default: .unknown
    }
  }

  /// Variables of the kernel's and of udev's own programs.
  private static func isSetByUdev(_ name: String) -> Bool {
    name.hasPrefix("ID_") || name.hasPrefix("PCI_")
      || ["DRIVER", "MODALIAS", "DEVTYPE", "DEVNAME", "DEVPATH", "SEQNUM", "INTERFACE", "IFINDEX"].contains(name)
  }

  /// An interface appears as `eth0` and is named anew only then.
  private func kernel(_ device: UdevDevice) -> UdevAnswer {
    let answer = compared(device.kernel)
    guard answer == .no, sign == .equal, device.subsystem.value == "net" else { return answer }
    return (0..<10).contains { fits("eth\($0)") } ? .unknown : .no
  }

  /// An attribute that does not exist fits neither `==` nor `!=`.
  private func ofAttribute(_ device: UdevDevice) -> UdevAnswer {
    if device.absent.contains(attribute) { return .no }
    return device.attributes[attribute].map { compared(.known($0)) } ?? .unknown
  }

  private func compared(_ fact: Fact<String>) -> UdevAnswer {
    switch fact {
    case .unknown: .unknown
    case .absent: fits("") == (sign != .unequal) ? .yes : .no
    case .known(let text): fits(text) == (sign != .unequal) ? .yes : .no
    }
  }

  /// Patterns of `fnmatch(3)` between `|`.
  private func fits(_ text: String) -> Bool {
    let patterns = value.split(separator: "|", omittingEmptySubsequences: false)
    let wanted = ignoresCase ? text.lowercased() : text
    return patterns.contains { WildcardPattern(ignoresCase ? $0.lowercased() : String($0)).matches(wanted) }
  }
}
