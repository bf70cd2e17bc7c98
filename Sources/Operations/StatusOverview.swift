import Host
import PCI
import Transactions

/// What hostdev holds, and what is pending or left over.
public struct StatusOverview {
  /// One function that is held.
  public struct Held {
    public let hold: Hold
    /// As it is now; nil where it is gone.
    public let function: Function?
    /// How it differs from what hostdev left; nil if it does not.
    public let drift: HoldDrift?
  }

  /// A run whose journal is open.
  public struct Run {
    public let journal: Journal
    public let isUnderWay: Bool
    /// The process, if any, whose write may still happen.
    public let pendingIn: Int32?
    /// The driver of each of its functions; nil where it must not be asked for.
    public let drivers: [Address: Fact<String>]
  }

  public let held: [Held]
  public let runs: [Run]

  public init(_ workspace: Workspace) throws(Diagnostic) {
    let (held, open) = try workspace.recorded()
    let pending = open.unsettled(on: workspace.runtime)
    // An override that a pending write waits for would make us wait as well.
    workspace.scanner.detail(held.map(\.function).filter { !pending.contains($0) }, of: &workspace.host)
    self.held = held.map { hold in
      let function = workspace.host[hold.function]
      return Held(
        hold: hold, function: function, drift: hold.drift(from: function, isPending: pending.contains(hold.function)))
    }
    runs = open.map { journal in
      let asked = journal.set.filter { !pending.contains($0) }
      return Run(
        journal: journal, isUnderWay: journal.isUnderWay(on: workspace.runtime),
        pendingIn: journal.busy(on: workspace.runtime)?.pid,
        drivers: Dictionary(
          asked.map { ($0, workspace.scanner.driver($0)) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
