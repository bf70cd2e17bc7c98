import Host
import PCI

extension Host {
  /// Of functions that must move with the set, those that can: not what goes with the driver of the set or of another one
  /// of them, and not what takes a function of the set away.
  func movable(_ others: [Function], with set: some Collection<Address>) -> [Function] {
    let gone = removed(with: Array(set) + others.map(\.address))
    return others.filter { !gone.contains($0.address) && removed(with: [$0.address]).isDisjoint(with: set) }
  }
}
