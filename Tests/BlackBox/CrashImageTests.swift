import Foundation
import TestSupport
import Testing

/// The hooks of the makers of an initramfs, as far as they say whether they have anything to do.
@Suite struct CrashImageTests {
  private static let dist = Fixture.repository + "/scripts/dist"

  /// Whether dracut takes the module; its functions, and the pins of this machine, are made up.
  private func dracut(_ settings: [String: String]) throws -> Int32? {
    let script = """
      require_binaries() { return 0; }
      compgen() { return 0; }
      . "$0"
      check
      """
    return try Command.run(
      ["/bin/bash", "-c", script, Self.dist + "/dracut/90hostdev/module-setup.sh"], environment: settings
    ).status
  }

  @Test func dracutLeavesItOutOfTheCrashKernelsImage() throws {
    #expect(try dracut([:]) == 0)
    #expect(try dracut(["add_dracutmodules": " lvm dm "]) == 0)
    #expect(try dracut(["IN_KDUMP": "1"]) == 1)
    #expect(try dracut(["add_dracutmodules": " kdumpbase "]) == 1)
    #expect(try dracut(["force_add_dracutmodules": " lvm kdump "]) == 1)
  }

  /// `copy_exec` of a machine that has the program and a pin would be called; here it has neither, so the text is read.
  @Test func initramfsToolsLeavesItOutByItsConfiguration() throws {
    let scratch = try Scratch()
    let hook = try String(contentsOfFile: Self.dist + "/initramfs-tools/hooks/hostdev", encoding: .utf8)
      .replacing(". /usr/share/initramfs-tools/hook-functions", with: "copy_exec() { echo \"copies $1\"; exit 0; }")
      .replacing("/usr/sbin/hostdev", with: "/bin/true")
      .replacing("/etc/hostdev/pins.d/*.json", with: "\(scratch.path)/*.json")
    try scratch.program("/hook", hook)
    try scratch.file("/card.json")
    func run(_ settings: [String: String]) throws -> String {
      let ending = try Command.run([scratch.path + "/hook"], environment: settings)
      #expect(ending.status == 0, "\(ending)")
      return ending.output
    }
    #expect(try run(["CONFDIR": "/etc/initramfs-tools"]) == "copies /bin/true\n")
    #expect(try run([:]) == "copies /bin/true\n")
    #expect(try run(["CONFDIR": "/var/lib/kdump/initramfs-tools"]).isEmpty)
  }
}
