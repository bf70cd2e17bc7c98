import System

/// What a configuration file of the host says of an interface that is up or will be: at the next boot, or when the
/// interface appears.
struct InterfaceSetting: Sendable {
  let file: String
  /// From 1 on.
  let line: Int
  let match: InterfaceMatch
  /// `inet dhcp`, `port of bond0`.
  let detail: String
  /// The interface that is made on top of it: a bond, a bridge, a VLAN.
  var upper: String?
  /// Brought up without being asked; else somebody has to type it.
  var isAutomatic = true

  var place: String { "\(file):\(line)" }
}

/// Which interfaces a setting is for. Every part that is there has to fit.
struct InterfaceMatch: Sendable, Equatable {
  /// Names as they are, or patterns of the shell; any of them. Empty: whatever the name.
  var names: [String] = []
  /// Hardware addresses in lower case; any of them. Empty: whatever the address.
  var addresses: [String] = []
  /// Patterns of drivers' names.
  var drivers: [String] = []
  /// Patterns of udev's `ID_PATH`: `pci-0000:01:00.0`.
  var paths: [String] = []
  /// `ether`, `wlan`, `infiniband`: any of them.
  var kinds: [String] = []
  /// Conditions that are not looked at here.
  var hasMore = false

  enum Answer: Sendable, Equatable {
    case no
    /// It is meant: by its name or its address.
    case named
    /// Whatever comes along is meant, and it is one of those.
    case anyOf
    /// It is meant by an address, and which one it has is not known.
    case unclear
  }

  /// Whether it is for this interface.
  func answer(for one: InterfaceIdentity) -> Answer {
    guard Self.fits(kinds, one.kind.map { [$0] }), Self.fits(drivers, one.driver.map { [$0] }),
      Self.fits(paths, one.path.map { [$0] })
    else { return .no }
    let isNamed = names.contains { WildcardPattern($0).literal.map(one.has) ?? false }
    guard names.isEmpty || isNamed || Self.fits(names, one.names) else { return .no }
    guard addresses.isEmpty || one.addresses.isEmpty || addresses.contains(where: one.addresses.contains) else {
      return .no
    }
    let isAddressed = !addresses.isEmpty && !one.addresses.isEmpty
    let isPlaced = paths.contains { WildcardPattern($0).literal != nil }
    if isNamed || isAddressed || isPlaced { return hasMore ? .anyOf : .named }
    return addresses.isEmpty ? .anyOf : .unclear
  }

  /// Nothing asked for fits; what is not known fits too, since it may. A leading `!` turns all of a list round.
  private static func fits(_ patterns: [String], _ values: [String]?) -> Bool {
    guard let first = patterns.first, let values else { return true }
    let isInverted = first.hasPrefix("!")
    let wanted = isInverted ? [String(first.dropFirst())] + patterns.dropFirst() : patterns
    return wanted.contains { pattern in values.contains(where: WildcardPattern(pattern).matches) } != isInverted
  }
}

/// What configuration may call an interface by.
struct InterfaceIdentity: Sendable {
  /// Its name now, and those that udev would give it.
  var names: [String]
  /// Hardware addresses in lower case; none where they are not known.
  var addresses: [String] = []
  var driver: String?
  /// udev's `ID_PATH`.
  var path: String?
  /// `ether`, `wlan`, `infiniband`; nil where that is not known.
  var kind: String?
  /// It has no driver yet: its names are what udev would call it, and a driver may add the name of the port.
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
