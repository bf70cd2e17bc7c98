/// How a command ends: the contract's exit statuses.
public enum ExitStatus: Int32, Sendable {
  case done = 0
  case refused = 1
  case rolledBack = 2
  case partial = 3
  case timeout = 4
  case usage = 64
  case malformed = 65
  case notFound = 66
  case missing = 69
  /// A fault of the program's own (EX_SOFTWARE).
  case software = 70
  case locked = 75
  case notRoot = 77
}

extension ExitStatus {
  /// The status of several: what was not put back first, then what hangs, then what was rolled back, then the
  /// largest number.
  public static func worst(of statuses: some Sequence<ExitStatus>) -> ExitStatus {
    let gravest: [ExitStatus] = [.rolledBack, .timeout, .partial]
    func rank(_ status: ExitStatus) -> (Int, Int32) { (gravest.firstIndex(of: status) ?? -1, status.rawValue) }
    return statuses.max { rank($0) < rank($1) } ?? .done
  }
}
