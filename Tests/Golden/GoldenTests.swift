import Foundation
import TestSupport
import Testing

/// What the program prints, to the letter, as kept in `Fixtures/golden`.
///
/// `HOSTDEV_REWRITE_GOLDEN=1 swift test --filter Golden` writes what it prints now; look at the difference before you commit it.
@Suite struct GoldenTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let fixture: String
    var before: [[String]] = []
    let words: [String]
    var status: Int32 = 0
  }

  static let cases: [Case] = [
    Case(description: "alveo-list", fixture: "alveo", words: ["list"]),
    Case(description: "alveo-list-all", fixture: "alveo", words: ["list", "--all"]),
    Case(description: "alveo-show", fixture: "alveo", words: ["show", "01:00"]),
    Case(description: "alveo-show-bridge", fixture: "alveo", words: ["show", "00:01.0"]),
    Case(description: "alveo-check-half", fixture: "alveo", words: ["check", "01:00.0"], status: 1),
    Case(description: "alveo-check-card", fixture: "alveo", words: ["check", "01:00"]),
    Case(description: "alveo-bind-dry-run", fixture: "alveo", words: ["bind", "--dry-run", "01:00"]),
    Case(description: "alveo-bind", fixture: "alveo", words: ["bind", "01:00"]),
    Case(
      description: "alveo-release-dry-run", fixture: "alveo", before: [["bind", "01:00"]],
      words: ["release", "--dry-run", "01:00"]),
    Case(description: "alveo-status", fixture: "alveo", before: [["bind", "01:00"]], words: ["status"]),
    Case(description: "alveo-status-empty", fixture: "alveo", words: ["status"]),
    Case(description: "alveo-xml", fixture: "alveo", before: [["bind", "01:00"]], words: ["xml", "01:00"]),
    Case(description: "alveo-grub-release-dry-run", fixture: "alveo-grub", words: ["release", "--dry-run", "01:00"]),
    Case(description: "gpu-check", fixture: "gpu", words: ["check", "01:00.0"], status: 1),
    Case(description: "gpu-check-whole", fixture: "gpu", words: ["check", "--whole", "01:00.0"]),
    Case(description: "legacy-bridge-check", fixture: "legacy-bridge", words: ["check", "02:00"], status: 1),
    Case(description: "nic-vfs-list", fixture: "nic-vfs", words: ["list", "01:00.0", "01:10.0", "01:10.4"]),
    Case(description: "nic-vfs-check-pf", fixture: "nic-vfs", words: ["check", "01:00.0"], status: 1),
    Case(
      description: "nic-vfs-sriov-dry-run", fixture: "nic-vfs",
      words: ["sriov", "01:00.0", "--vfs", "2", "--bind", "--vlan", "1=100", "--force=host-network", "--dry-run"]),
    Case(
      description: "nic-vfs-sriov", fixture: "nic-vfs",
      words: ["sriov", "01:00.1", "--vfs", "2", "--mac", "0=52:54:00:00:09:00"]),
    Case(
      description: "nic-vfs-sriov-refused", fixture: "nic-vfs", words: ["sriov", "01:00.0", "--vfs", "9"], status: 1),
    Case(description: "nvme-root-check", fixture: "nvme-root", words: ["check", "01:00.0"], status: 1),
    Case(description: "no-iommu-check", fixture: "no-iommu", words: ["check", "01:00.0"], status: 1),
    Case(description: "vmd-list", fixture: "vmd", words: ["list", "10000:e1:00.0", "10000:e2:00.0"]),
    Case(description: "alveo-doctor", fixture: "alveo", words: ["doctor"]),
    Case(description: "alveo-grub-doctor", fixture: "alveo-grub", words: ["doctor"]),
    Case(
      description: "alveo-grub-doctor-imported", fixture: "alveo-grub", before: [["import", "--write"]],
      words: ["doctor"]),
    Case(description: "no-iommu-doctor", fixture: "no-iommu", words: ["doctor"], status: 1),
    Case(description: "alveo-grub-import", fixture: "alveo-grub", words: ["import"]),
    Case(description: "alveo-grub-import-write", fixture: "alveo-grub", words: ["import", "--write"]),
    Case(description: "alveo-import-nothing", fixture: "alveo", words: ["import"]),
    Case(
      description: "alveo-pin", fixture: "alveo", words: ["pin", "card", "01:00", "--description", "for the build"]),
    Case(description: "alveo-pin-dry-run", fixture: "alveo", words: ["pin", "card", "01:00", "--dry-run"]),
    Case(description: "alveo-pin-half", fixture: "alveo", words: ["pin", "card", "01:00.0"], status: 1),
    Case(description: "alveo-pins", fixture: "alveo", before: [["pin", "card", "01:00"]], words: ["pins"]),
    Case(
      description: "alveo-apply-dry-run", fixture: "alveo", before: [["pin", "card", "01:00"]],
      words: ["apply", "--dry-run"]),
    Case(description: "alveo-apply", fixture: "alveo", before: [["pin", "card", "01:00"]], words: ["apply"]),
    Case(
      description: "alveo-apply-again", fixture: "alveo", before: [["pin", "card", "01:00"], ["apply"]],
      words: ["apply"]),
    Case(
      description: "alveo-prune", fixture: "alveo",
      before: [["pin", "card", "01:00"], ["apply"], ["unpin", "card"]], words: ["apply", "--prune"]),
    Case(
      description: "alveo-unpin", fixture: "alveo", before: [["pin", "card", "01:00"], ["apply"]],
      words: ["unpin", "card"]),
    Case(description: "alveo-unknown", fixture: "alveo", words: ["check", "01:00.2"], status: 66),
  ]

  @Test(arguments: cases, [false, true])
  func printsWhatIsKept(_ given: Case, asJSON: Bool) throws {
    let capture = try Copy(Fixture(given.fixture))
    for words in given.before { #expect(try capture.run(words).0 == 0) }
    let (status, output) = try capture.run(given.words + (asJSON ? ["--json"] : []))
    #expect(status == given.status, "\(given): \(output)")
    let said = Self.plain(output, capture)
    let file = Fixture.folder + "/golden/\(given).\(asJSON ? "json" : "txt")"
    if ProcessInfo.processInfo.environment["HOSTDEV_REWRITE_GOLDEN"] != nil {
      try said.write(toFile: file, atomically: true, encoding: .utf8)
    } else {
      let kept = try String(contentsOfFile: file, encoding: .utf8)
      #expect(said == kept, "\(given)")
    }
  }

  @Test func nothingIsKeptThatNobodyAsksFor() throws {
    let kept = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder + "/golden")
    let asked = Self.cases.flatMap { ["\($0).json", "\($0).txt"] }
    #expect(Set(kept) == Set(asked))
    print("golden: \(asked.count) cases, \(kept.count) reached")
  }

  /// Without what differs from run to run: the place of the copy, times, and milliseconds.
  private static func plain(_ text: String, _ capture: Copy) -> String {
    text.replacingOccurrences(of: capture.path, with: "DIR")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "2026-01-01T00:00:00Z")
      .replacing(/"ms":[0-9]+/, with: "\"ms\":0").replacing(/in [0-9]+ ms/, with: "in 0 ms")
  }
}

/// A copy of a fixture, and the program run on it.
private final class Copy: Scratch, @unchecked Sendable {
  /// Exit status, and standard output with standard error after it.
  func run(_ words: [String]) throws -> (Int32, String) { try Self.start(Self.program, words + ["--root", path]) }

  private static var program: String {
    if let given = ProcessInfo.processInfo.environment["HOSTDEV_BINARY"] { return given }
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(filePath: bundle).deletingLastPathComponent().appending(path: "hostdev").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : Fixture.repository + "/.build/debug/hostdev"
  }

  private static func start(_ program: String, _ words: [String]) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = words
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile() + errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }
}
