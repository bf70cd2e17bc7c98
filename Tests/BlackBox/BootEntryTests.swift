import Foundation
import TestSupport
import Testing

/// `/etc/grub.d/41_hostdev`, with a 10_linux beside it that prints an entry as GRUB's own does.
@Suite struct BootEntryTests {
  private static let id = "gnulinux-6.1.0-28-amd64-advanced-0815"

  private func entries(_ settings: [String: String], with10Linux: Bool = true, pins: [String] = ["card.json"]) throws
    -> Ending
  {
    let scratch = try Scratch()
    try scratch.folder("/etc/grub.d")
    let script = scratch.path + "/etc/grub.d/41_hostdev"
    try FileManager.default.copyItem(atPath: Fixture.repository + "/scripts/dist/grub.d/41_hostdev", toPath: script)
    for pin in pins { try scratch.file("/etc/hostdev/pins.d/\(pin)", "{}\n") }
    if with10Linux {
      try scratch.program(
        "/etc/grub.d/10_linux",
        #"""
        #!/bin/sh
        echo "Found linux image" >&2
        echo "function gfxmode {"
        [ "$GRUB_DISABLE_SUBMENU" = y ] || echo "submenu 'More' \$menuentry_id_option 'more' {"
        for title in "$GRUB_DISTRIBUTOR GNU/Linux, with Linux 6.1.0-28-amd64" "Bob'\\''s Linux"; do
          echo "menuentry '$title' --class gnu-linux --class os \$menuentry_id_option 'gnulinux-6.1.0-28-amd64-advanced-0815' {"
          [ "$GRUB_SAVEDEFAULT" = false ] || echo "	savedefault"
          echo "	echo	'Loading Linux ...'"
          echo "	linux	/boot/vmlinuz-6.1.0-28-amd64 root=UUID=0815 ro $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT"
          echo "}"
        done
        [ "$GRUB_DISABLE_RECOVERY" = true ] || echo "menuentry 'recovery' {"
        """#)
    }
    return try Command.run([script], environment: settings)
  }

  private func debian() throws -> Ending {
    try entries([
      "GRUB_CMDLINE_LINUX": "quiet", "GRUB_CMDLINE_LINUX_DEFAULT": "splash", "GRUB_DISTRIBUTOR": "Debian",
      "GRUB_SAVEDEFAULT": "true",
    ])
  }

  @Test func anEntryMoreForEachKernel() throws {
    let ending = try debian()
    let linux = ending.lines.filter { $0.hasPrefix("\tlinux") }
    #expect(ending.status == 0 && linux.count == 2, "\(ending)")
    #expect(linux.allSatisfy { $0.hasSuffix(" ro quiet hostdev=off splash") }, "\(ending)")
    #expect(!ending.output.contains("recovery") && !ending.output.contains("submenu"), "\(ending)")
    #expect(try entries(["GRUB_ENABLE_BLSCFG": "false"]).output.contains(" ro hostdev=off"))
    let none = try entries([:], with10Linux: false)
    #expect(none.status == 0 && none.output.isEmpty, "\(none)")
  }

  /// `GRUB_DEFAULT` and a saved entry name an entry by title or id: the first with that name boots.
  @Test func theEntriesHaveNamesOfTheirOwn() throws {
    let ending = try debian()
    let menu = ending.lines.filter { $0.hasPrefix("menuentry") }
    #expect(
      menu == [
        "menuentry 'Debian GNU/Linux, with Linux 6.1.0-28-amd64, without pins' --class gnu-linux --class os"
          + " $menuentry_id_option '\(Self.id)-without-pins' {",
        #"menuentry 'Bob'\''s Linux, without pins' --class gnu-linux --class os"#
          + " $menuentry_id_option '\(Self.id)-without-pins' {",
      ])
    // What is chosen once does not become the default, and nothing but the names is changed.
    #expect(!ending.output.contains("savedefault") && ending.output.contains("echo\t'Loading Linux ...'"))
  }

  @Test(arguments: [[], [".card.json.swp"], ["README"]]) func noneWithoutAPin(files: [String]) throws {
    let ending = try entries(["GRUB_DISTRIBUTOR": "Debian"], pins: files)
    #expect(ending.status == 0 && ending.output.isEmpty && ending.errors.isEmpty, "\(ending)")
  }

  /// There 10_linux writes what it is given into the entries that boot every day.
  @Test(arguments: ["true", "yes", "y"])
  func noneWhereTheEntriesAreFiles(value: String) throws {
    let ending = try entries(["GRUB_CMDLINE_LINUX": "quiet", "GRUB_ENABLE_BLSCFG": value])
    #expect(ending.status == 0 && ending.output.isEmpty && ending.errors.isEmpty, "\(ending)")
  }
}
