import Foundation
import Synchronization
import Testing

/// Counts what an enumerating test went through, and prints it. Too few reached fail the test.
final class Tally: Sendable {
  let name: String
  private let counts = Mutex((cases: 0, reached: 0))

  init(_ name: String) { self.name = name }

  /// One case; `wasReached`: what it is about did happen.
  func count(_ wasReached: Bool = true) {
    counts.withLock {
      $0.cases += 1
      if wasReached { $0.reached += 1 }
    }
  }

  /// `least` is the number that this repository's tests are known to reach.
  func report(atLeast least: Int, _ location: SourceLocation = #_sourceLocation) {
    let (cases, reached) = counts.withLock { $0 }
    print("\(name): \(cases) cases, \(reached) reached")
    #expect(reached >= least, "\(name) reached \(reached) of \(least)", sourceLocation: location)
  }
}

/// Does `body` for each, as many at a time as the machine has processors.
func forEach<Item: Sendable>(_ items: [Item], _ body: @escaping @Sendable (Item) throws -> Void) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for item in items { group.addTask { try body(item) } }
    try await group.waitForAll()
  }
}
