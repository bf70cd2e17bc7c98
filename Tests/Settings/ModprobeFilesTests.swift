import Host
import TestSupport
import Testing

@testable import Settings

@Suite("What modprobe is told")
struct ModprobeFilesTests {
  private func read(_ files: [String: String], commandLine: [String] = []) -> [ModprobeLine] {
    ModprobeFiles.read(Written(files), commandLine: commandLine)
  }

  @Test("continued lines, and a file that hides another of its name")
  func modprobe() {
    let found = read([
      "/etc/modprobe.d/b.conf": "# note\noptions vfio-pci \\\n  ids=10ee:5000\nblacklist nouveau\n",
      "/usr/lib/modprobe.d/b.conf": "blacklist hidden\n",
      "/usr/lib/modprobe.d/a.conf": "install xocl /bin/true\n",
    ])
    #expect(
      found == [
        ModprobeLine(
          file: "/usr/lib/modprobe.d/a.conf", line: 1, command: .install, module: "xocl", arguments: "/bin/true"),
        ModprobeLine(
          file: "/etc/modprobe.d/b.conf", line: 2, command: .options, module: "vfio_pci", arguments: "ids=10ee:5000"),
        ModprobeLine(file: "/etc/modprobe.d/b.conf", line: 4, command: .blacklist, module: "nouveau", arguments: ""),
      ])
  }

  @Test("dashes in the brackets of a pattern stay")
  func patterns() {
    let found = read(["/etc/modprobe.d/a.conf": "install vfio[-_]p-* /bin/false\n"])
    #expect(found.map(\.module) == ["vfio[-_]p_*"])
    #expect(found.map { $0.isFor("vfio_p_i") } == [true])
    #expect(found.map { $0.isFor("vfio_q_i") } == [false])
  }

  @Test("a pattern is what fnmatch(3) takes it for")
  func classesAndEscapes() {
    let found = read([
      "/etc/modprobe.d/a.conf":
        "install vfio[[:punct:]]pci /bin/false\nsoftdep vfio\\_p?i pre: x\ninstall vfio[!_]pci /bin/false\n"
    ])
    #expect(found.map { $0.isFor("vfio_pci") } == [true, true, false])
    #expect(found.map { $0.isFor("vfioxpci") } == [false, false, true])
  }

  @Test("the kernel's command line comes last")
  func commandLine() {
    let found = read(
      ["/etc/modprobe.d/a.conf": "blacklist a\n"],
      commandLine: ["quiet", "modprobe.blacklist=b,c-d", "module_blacklist=e"])
    #expect(found.map(\.module) == ["a", "b", "c_d", "e"])
    #expect(found.map(\.file).last == "/proc/cmdline")
  }
}
