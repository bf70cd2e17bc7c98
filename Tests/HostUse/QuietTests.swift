import Foundation
import TestSupport
import Testing

/// The program itself, watched.
@Suite("What looking costs the host")
struct QuietTests {
  private static let strace = "/usr/bin/strace"
  /// Beside the test's own program.
  private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "hostdev").path

  private static var canWatch: Bool {
    [strace, program].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Exit status and standard output.
  private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, lines: [Substring]) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text.split(separator: "\n"))
  }

  private func opens(_ arguments: [String]) throws -> [Substring] {
    let scratch = try Scratch()
    let watched = ["-f", "-o", scratch.path + "/log", "-e", "trace=open,openat,openat2", Self.program] + arguments
    #expect([0, 1].contains(try run(Self.strace, watched).status))
    return try scratch.text("/log").split(separator: "\n")
  }

  @Test(
    "no device node is opened by list, check and show", .enabled(if: canWatch),
    arguments: [["list"], ["check", "0000:02:00.0"], ["show", "0000:02:00.0"]])
  func noNodeIsOpened(_ command: [String]) throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.link("/sys/bus/pci/devices/0000:02:00.0", to: "../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0")
    try host.file("\(host.card)/uevent", "DRIVER=nvme\nPCI_CLASS=10802\nPCI_ID=144D:A808\n")
    try host.link("\(host.card)/driver", to: "../../../../bus/pci/drivers/nvme")
    try host.file("/run/udev/data/b259:1", "S:disk/by-uuid/aa\nE:ID_FS_UUID=aa\n")
    try host.link("/dev/disk/by-uuid/aa", to: "../../nvme0n1p1")
    for node in ["nvme0", "nvme0n1", "nvme0n1p1", "nvme0n1p2"] { try host.file("/dev/\(node)") }
    try host.file("/proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n")
    try host.file("/etc/fstab", "UUID=aa /x ext4 noauto 0 0\n")
    try host.link("/proc/7/fd/3", to: "/dev/nvme0n1")
    let opened = try opens([command[0], "--root", host.path] + command.dropFirst())
    #expect(opened.contains { $0.contains("/sys/bus/pci/devices") })
    // A folder, and a link that is only read as one, are not nodes.
    let nodes = opened.filter { $0.contains("\"/dev/") && !$0.contains("O_DIRECTORY") && !$0.contains("O_PATH") }
      .filter { !$0.contains("\"/dev/null\"") }
    #expect(nodes.isEmpty, "\(nodes)")
    if command[0] == "check" { #expect(opened.contains { $0.contains("/proc/7/fd") }) }
  }

  /// The function of `CapturedHost` on this driver, with a working reset of its own.
  private func bus(_ host: CapturedHost, driver: String) throws {
    try host.link("/sys/bus/pci/devices/0000:02:00.0", to: "../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0")
    try host.file(
      "\(host.card)/uevent", "DRIVER=\(driver)\nPCI_CLASS=120000\nPCI_ID=10EE:5000\nPCI_SUBSYS_ID=10EE:000E\n")
    try host.file("\(host.card)/modalias", "pci:v000010EEd00005000sv000010EEsd0000000Ebc12sc00i00\n")
    try host.file("\(host.card)/reset_method", "flr\n")
    try host.file("\(host.card)/driver_override", "(null)\n")
    try host.link("\(host.card)/driver", to: "../../../../bus/pci/drivers/\(driver)")
    try host.link("\(host.card)/iommu_group", to: "../../../../kernel/iommu_groups/14")
    try host.link("/sys/kernel/iommu_groups/14/devices/0000:02:00.0", to: "\(host.card)")
    try host.file("/sys/kernel/iommu_groups/14/reserved_regions", "\n")
    try host.folder("/sys/bus/pci/drivers/\(driver)")
    try host.file("/proc/sys/kernel/osrelease", "6.1.0\n")
    try host.file("/lib/modules/6.1.0/modules.alias", "alias pci:v000010EEd00005000sv*sd*bc*sc*i* xocl\n")
  }

  @Test("a module that cannot be loaded is a refusal of check, and 69 of bind", .enabled(if: canWatch))
  func missingModule() throws {
    let host = try CapturedHost()
    try bus(host, driver: "xocl")
    try host.file("/proc/sys/kernel/modules_disabled", "1\n")
    let check = try run(Self.program, ["check", "--root", host.path, "0000:02:00.0"])
    #expect(check.status == 1 && check.lines.contains("refused: module-missing"), "\(check.lines)")
    #expect(try run(Self.program, ["bind", "--root", host.path, "0000:02:00.0"]).status == 69)
    try host.file("/proc/sys/kernel/modules_disabled", "0\n")
    #expect(try run(Self.program, ["bind", "--dry-run", "--root", host.path, "0000:02:00.0"]).status == 0)
  }
}
