import Planning

/// How long each write may take.
public struct Timeouts: Sendable {
  private let all: Duration?

  /// `all`: one limit in seconds for every write; nil for the defaults.
  public init(seconds all: Double?) { self.all = all.map { .milliseconds(Int64($0 * 1000)) } }

  /// A guest has two minutes to close a function. A reset has the kernel's own minute and 30 s more.
  func limit(for step: Step) -> Duration {
    if let all { return all }
    switch step {
    case .unbind: return .seconds(120)
    case .reset: return .seconds(90)
    default: return .seconds(60)
    }
  }
}
