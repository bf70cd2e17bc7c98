extension Use {
  /// A process, and how people call it.
  public struct Process: Sendable, Hashable {
    /// Who it works for.
    public enum Owner: Sendable, Hashable {
      /// A guest, by its name.
      case guest(String)
      case container(String)
      /// A unit of systemd's; `user`: of that user's own manager.
      case unit(String, user: String?)
    }

    public let pid: UInt32
    public let command: String
    public let owner: Owner?

    public init(_ pid: UInt32, command: String, owner: Owner? = nil) {
      self.pid = pid
      self.command = command
      self.owner = owner
    }
  }
}

extension Use.Process: CustomStringConvertible {
  /// `Xorg`; `qemu-system-x86, guest win10`; `redis, in redis.service of user 1000`.
  public var description: String {
    switch owner {
    case nil: command
    case .guest(let name): "\(command), guest \(name)"
    case .container(let id): "\(command), in container \(id)"
    case .unit(let unit, let user): "\(command), in \(unit)" + (user.map { " of user \($0)" } ?? "")
    }
  }
}

extension Use {
  /// The process that has a node of the function open; nil of every other use.
  public var process: Process? {
    switch what {
    case .open(let process, _), .vfioOpen(let process, _): process
    default: nil
    }
  }
}
