import Foundation
import TestSupport
import Testing

/// `scripts/dist/install`.
@Suite struct InstallTests {
  private static let script = "/etc/grub.d/41_hostdev"

  private func install(_ words: String...) throws -> Ending {
    try Command.run([Fixture.repository + "/scripts/dist/install"] + words)
  }

  /// What is no more than asked about installs nothing.
  @Test func helpIsHelp() throws {
    for word in ["--help", "-h"] {
      let top = try Scratch()
      let ending = try install(word, top.path)
      #expect(ending.status == 0 && ending.output.contains("usage:") && top.names("/").isEmpty, "\(ending)")
    }
  }

  @Test func whatIsNotAProgramIsRefused() throws {
    let top = try Scratch()
    try top.program("/notes", "to do\n")
    let readme = Fixture.repository + "/README.md"
    for words in [
      ["--bogus"], ["nonsense"], [readme], [top.path], [top.path + "/notes"], ["--", Program.path],
      [Program.path, "--prefix=/usr"], [Program.path, top.path, "more"], [Program.path, readme], [],
    ] {
      let ending = try Command.run([Fixture.repository + "/scripts/dist/install"] + words)
      #expect(ending.status == 64 && ending.errors.contains("usage:"), "\(ending)")
    }
    #expect(top.names("/") == ["notes"])
  }

  @Test func aProgramIsInstalled() throws {
    let top = try Scratch()
    let ending = try install(Program.path, top.path)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending)")
    for file in [
      "/usr/sbin/hostdev", "/usr/share/man/man8/hostdev.8", "/usr/lib/systemd/system/hostdev.service",
      "/usr/lib/udev/rules.d/60-hostdev.rules", Self.script, "/etc/hostdev/pins.d",
    ] {
      #expect(top.exists(file), "\(file)")
    }
  }

  /// The next release does not undo what an administrator did, and reaches a file that was left alone.
  @Test func theAdministratorsFileStays() throws {
    let top = try Scratch()
    _ = try install(Program.path, top.path)
    let shipped = try top.text(Self.script)
    let edited = shipped + "# no entry for old kernels\n"
    try top.file(Self.script, edited)
    let kept = try install(Program.path, top.path)
    #expect(kept.status == 0 && kept.errors.contains(Self.script), "\(kept)")
    #expect(try top.text(Self.script) == edited)

    try top.remove(Self.script)
    #expect(try install(Program.path, top.path).errors.contains("removed") && !top.exists(Self.script))

    // That of an earlier release, untouched.
    try top.file(Self.script, "#!/bin/sh\n")
    try top.file("/usr/share/hostdev" + Self.script, "#!/bin/sh\n")
    let newer = try install(Program.path, top.path)
    #expect(try newer.errors.isEmpty && top.text(Self.script) == shipped, "\(newer)")
  }

  @Test func oneThatIsTurnedOffStaysOff() throws {
    let top = try Scratch()
    _ = try install(Program.path, top.path)
    #expect(chmod(top.path + Self.script, 0o644) == 0)
    _ = try install(Program.path, top.path)
    #expect(!FileManager.default.isExecutableFile(atPath: top.path + Self.script))
  }
}
