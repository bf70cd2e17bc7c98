import PCI
import System

extension Sequence where Element == Journal {
  /// Every function of a run whose writer still lives: it may be moved at any moment, so what is there now says nothing
  /// of where it stays.
  public func unsettled(on runtime: Runtime) -> Set<Address> { Set(busy(on: runtime).flatMap(\.set)) }

  /// Functions that a read can wait for: those with a write that has not returned; of a run that is going on, all.
  public func blocked(on runtime: Runtime) -> Set<Address> {
    Set(busy(on: runtime).flatMap { $0.pendingFunctions.isEmpty ? Set($0.set) : $0.pendingFunctions })
  }

  private func busy(on runtime: Runtime) -> [Journal] { filter { $0.busy(on: runtime) != nil } }
}
