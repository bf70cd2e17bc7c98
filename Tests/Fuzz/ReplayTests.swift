import FoundationEssentials
import Testing

/// Every input that ever ended the program, by the name of its target: Fixtures/crashers/TARGET-….
@Suite("What once crashed")
struct ReplayTests {
  private static let folder =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Fixtures/crashers"

  @Test(arguments: FuzzTarget.allCases)
  func noLongerDoes(target: FuzzTarget) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    where name.hasPrefix(target.rawValue + "-") {
      target.run([UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)"))))
    }
    // And what nobody ever sees otherwise: nothing, and all ones.
    target.run([])
    target.run([UInt8](repeating: 0xff, count: 4096))
  }
}
