import Foundation
import Testing

/// Counts what an enumerating test went through. A case that was not reached says why, and too few fail the test.
struct Tally {
  let name: String
  private(set) var cases = 0
  private(set) var reached = 0

  init(_ name: String) { self.name = name }

  /// One case; `wasReached`: what it is about did happen.
  mutating func count(_ wasReached: Bool = true) {
    cases += 1
    if wasReached { reached += 1 }
  }

  /// `least` is the number that this repository's tests are known to reach.
  func report(atLeast least: Int, _ location: SourceLocation = #_sourceLocation) {
    print("\(name): \(cases) cases, \(reached) reached")
    #expect(reached >= least, "\(name) reached \(reached) of \(least)", sourceLocation: location)
  }
}
