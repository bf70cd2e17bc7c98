import FoundationEssentials
import KernelSimulator
import Libvirt
import PCI
import TestSupport
import Testing
import Transactions

@testable import Pins

/// Every input that ever ended the program, by the name of its target: Fixtures/crashers/TARGET-….
@Suite("What once crashed")
struct ReplayTests {
  private static let folder = Fixture.folder + "/crashers"

  @Test(arguments: FuzzTarget.allCases)
  func noLongerDoes(target: FuzzTarget) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    where name.hasPrefix(target.rawValue + "-") {
      target.run([UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)"))))
    }
    // No file has these two: no bytes, and all ones.
    target.run([])
    target.run([UInt8](repeating: 0xff, count: 4096))
  }

  /// What is played with must be worth it: a seed that is refused at once leads nowhere.
  @Test(arguments: FuzzTarget.allCases)
  func seedsAreReadAsWhatTheyAre(target: FuzzTarget) throws {
    let folder = "\(Fixture.folder)/seeds/\(target.rawValue)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    #expect(names.isEmpty == ![.journal, .pins, .xml, .faults].contains(target), "\(folder)")
    for name in names {
      let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
      switch target {
      case .journal where name.hasPrefix("held"): _ = try JSONDecoder().decode(Hold.self, from: bytes)
      case .journal: _ = try JSONDecoder().decode(Journal.self, from: bytes)
      case .pins where name.hasSuffix(".vpd"): #expect(VitalProductData([UInt8](bytes)).serialNumber.value != nil)
      case .pins: _ = try Pin(name: "seed", bytes: [UInt8](bytes))
      case .faults: #expect(try JSONDecoder().decode(Faults.self, from: bytes) != Faults())
      case .xml: #expect(try !readHostdevs([UInt8](bytes), name: name).isEmpty)
      default: Issue.record("\(name): no test knows what it is")
      }
      target.run([UInt8](bytes))
    }
  }

  /// The check of what is written outside can fail: a tree that is written through its own links is complained of.
  @Test func aWriteOutsideIsSeen() throws {
    // Kind 5 is a link; the second content of the table's fifteen is the folder outside.
    let tree = CaptureTree([1, 5, CaptureTree.number(of: "run"), 16])
    defer { tree.remove() }
    #expect(tree.complaint() == nil)
    try Data("x".utf8).write(to: URL(filePath: tree.root + "/run/file"))
    #expect(tree.complaint() != nil)
  }
}
