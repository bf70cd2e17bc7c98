import Settings
import System

extension InterfaceMatch {
  enum Answer: Sendable, Equatable {
    case no
    /// It is meant: by its name or its address.
    case named
    /// The setting is for any interface of a kind, and this is one of them.
    case anyOf
    /// It is meant by an address, and which one it has is not known.
    case unclear
  }

  /// Whether it is for this interface.
  func answer(for one: InterfaceIdentity) -> Answer {
    guard !isForMadeLinks, Self.fits(kinds, one.kind.map { [$0] }), Self.fits(drivers, one.driver.map { [$0] }),
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

  /// An empty list fits anything; what is not known fits too, since it may. A leading `!` turns all of a list round.
  private static func fits(_ patterns: [String], _ values: [String]?) -> Bool {
    guard let first = patterns.first, let values else { return true }
    let isInverted = first.hasPrefix("!")
    let wanted = isInverted ? [String(first.dropFirst())] + patterns.dropFirst() : patterns
    return wanted.contains { pattern in values.contains(where: WildcardPattern(pattern).matches) } != isInverted
  }
}
