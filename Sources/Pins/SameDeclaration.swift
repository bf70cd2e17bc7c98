import Checks

extension Pin {
  /// The other one, made of the same functions today, declares nothing new: what was found on which day does not count.
  ///
  /// `forced`: codes that are to be overruled now. One of ours may have nothing to overrule any more, since the functions
  /// are with the guest already. `byAddress`: the buses must have the numbers of that day, too.
  public func declaresTheSame(as other: Pin, forced: Set<FindingCode>, byAddress: Bool) -> Bool {
    guard
      name == other.name, description == other.description, driver == other.driver, match == other.match,
      follow == other.follow, virtuals == other.virtuals, functions.count == other.functions.count,
      Set(self.forced).isSubset(of: forced), Set(other.forced).isSubset(of: self.forced)
    else { return false }
    return byAddress
      ? functions == other.functions
      : zip(functions, other.functions).allSatisfy { mine, theirs in
        mine.isSameFunction(as: theirs) && mine.serialNumber == theirs.serialNumber
          && mine.vpdSerialNumber == theirs.vpdSerialNumber
      }
  }
}
