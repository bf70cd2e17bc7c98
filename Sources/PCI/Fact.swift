/// What is known of one thing: a value, that there is none, or nothing at all.
///
/// Unknown is not no: a rule that needs an unknown fact says so instead of taking it for absent.
public enum Fact<Value> {
  case known(Value)
  /// Known not to be there: an unbound function's driver, a group on a host without IOMMU.
  case absent
  /// Could not be read: no file, no permission, a truncated register dump.
  case unknown
}

extension Fact: Sendable where Value: Sendable {}
extension Fact: Equatable where Value: Equatable {}

extension Fact {
  /// The value, or nil for both absent and unknown. Use it only if the difference does not matter.
  public var value: Value? { if case .known(let value) = self { value } else { nil } }
  public var isUnknown: Bool { if case .unknown = self { true } else { false } }
  public var isAbsent: Bool { if case .absent = self { true } else { false } }

  public func map<Other>(_ transform: (Value) -> Other) -> Fact<Other> {
    switch self {
    case .known(let value): .known(transform(value))
    case .absent: .absent
    case .unknown: .unknown
    }
  }

  public func flatMap<Other>(_ transform: (Value) -> Fact<Other>) -> Fact<Other> {
    switch self {
    case .known(let value): transform(value)
    case .absent: .absent
    case .unknown: .unknown
    }
  }

  /// This fact, or another source's if it is unknown.
  public func or(_ other: @autoclosure () -> Self) -> Self { isUnknown ? other() : self }
}
