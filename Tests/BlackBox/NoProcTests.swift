import Foundation
import TestSupport
import Testing

/// In a chroot of an image builder, or in a rescue shell, `/proc` is not mounted.
@Suite struct NoProcTests {
  /// Root alone may hide /proc, in a mount namespace of its own.
  private static let canHide = (try? hidden("true").status) == 0

  private static func hidden(_ command: String) throws -> Ending {
    try Command.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /proc && { \(command); }"])
  }

  @Test(.enabled(if: NoProcTests.canHide)) func theArgumentsAreNotLost() throws {
    let capture = try Capture()
    let program = Program.path
    for (words, status) in [
      ("nonsense --bogus", 64), ("bind nonsense --bogus", 64), ("check 01:00.0 --root \(capture.path)", 1),
      ("check 01:00 --root \(capture.path)", 0), ("image /nowhere", 66), ("--version", 0),
    ] as [(String, Int32)] {
      let ending = try Self.hidden("\(program) \(words)")
      #expect(ending.status == status && !ending.output.contains("OVERVIEW"), "\(ending)")
    }
  }

  @Test(.enabled(if: NoProcTests.canHide)) func nothingIsChanged() throws {
    let capture = try Capture()
    let before = try capture.picture(including: true)
    for words in ["bind 01:00", "release --all", "pin card 01:00", "apply", "recover"] {
      let ending = try Self.hidden("\(Program.path) \(words) --root \(capture.path)")
      #expect(ending.status == 69 && ending.errors.contains("mount -t proc proc /proc"), "\(ending)")
    }
    #expect(try differences(before, capture.picture(including: true)) == [])
    #expect(try Self.hidden("\(Program.path) bind 01:00 --dry-run --root \(capture.path)").status == 0)
  }

  /// An image that lacks its pins must not be made in silence.
  @Test(.enabled(if: NoProcTests.canHide)) func anImageGetsItsPins() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let tree = try Scratch()
    let ending = try Self.hidden("\(Program.path) image \(tree.path) --root \(capture.path)")
    #expect(ending.status == 0 && tree.exists(Capture.pin("card")), "\(ending)")
  }

  /// That of the capture is another matter.
  @Test func aCaptureNeedsNone() throws {
    let capture = try Capture()
    try capture.remove("/proc")
    #expect(try capture.hostdev("check", "01:00").status == 0)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(card.map { capture.driver($0) } == ["vfio-pci", "vfio-pci"])
  }
}
