import Foundation
import TestSupport
import Testing

/// `/etc/grub.d/41_hostdev`, with a 10_linux beside it that only says what it was given.
@Suite struct BootEntryTests {
  private func entries(_ settings: [String: String], with10Linux: Bool = true) throws -> Ending {
    let scratch = try Scratch()
    let script = scratch.path + "/41_hostdev"
    try FileManager.default.copyItem(atPath: Fixture.repository + "/scripts/dist/grub.d/41_hostdev", toPath: script)
    if with10Linux {
      try scratch.program("/10_linux", "#!/bin/sh\necho \"$GRUB_DISTRIBUTOR: $GRUB_CMDLINE_LINUX\"\n")
    }
    return try Command.run([script], environment: settings)
  }

  @Test func anEntryMoreForEachKernel() throws {
    let ending = try entries(["GRUB_CMDLINE_LINUX": "quiet", "GRUB_DISTRIBUTOR": "Debian"])
    #expect(ending.status == 0 && ending.output == "Debian without pins: quiet hostdev=off\n", "\(ending)")
    #expect(try entries(["GRUB_ENABLE_BLSCFG": "false"]).output == "Linux without pins: hostdev=off\n")
    let none = try entries([:], with10Linux: false)
    #expect(none.status == 0 && none.output.isEmpty, "\(none)")
  }

  /// There 10_linux writes what it is given into the entries that boot every day.
  @Test(arguments: ["true", "yes", "y"])
  func noneWhereTheEntriesAreFiles(value: String) throws {
    let ending = try entries(["GRUB_CMDLINE_LINUX": "quiet", "GRUB_ENABLE_BLSCFG": value])
    #expect(ending.status == 0 && ending.output.isEmpty && ending.errors.isEmpty, "\(ending)")
  }
}
