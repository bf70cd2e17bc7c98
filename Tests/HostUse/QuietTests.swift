import Foundation
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

  private func opens(_ arguments: [String]) throws -> [Substring] {
    let log = FileManager.default.temporaryDirectory.appending(path: "opens-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: log) }
    let process = Process()
    process.executableURL = URL(filePath: Self.strace)
    process.arguments = ["-f", "-o", log, "-e", "trace=open,openat,openat2", Self.program] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect([0, 1].contains(process.terminationStatus))
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
  }

  @Test(
    "no device node is opened by list, check and show", .enabled(if: canWatch),
    arguments: [["list"], ["check", "0000:02:00.0"], ["show", "0000:02:00.0"]])
  func noNodeIsOpened(_ command: [String]) throws {
    let host = try CapturedHost("noNodeIsOpened\(command[0])")
    try host.nvme(partitions: 2)
    try host.link("/sys/bus/pci/devices/0000:02:00.0", "../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0")
    try host.file("\(host.card)/uevent", "DRIVER=nvme\nPCI_CLASS=10802\nPCI_ID=144D:A808\n")
    try host.link("\(host.card)/driver", "../../../../bus/pci/drivers/nvme")
    try host.file("/run/udev/data/b259:1", "S:disk/by-uuid/aa\nE:ID_FS_UUID=aa\n")
    try host.link("/dev/disk/by-uuid/aa", "../../nvme0n1p1")
    for node in ["nvme0", "nvme0n1", "nvme0n1p1", "nvme0n1p2"] { try host.file("/dev/\(node)") }
    try host.file("/proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n")
    try host.file("/etc/fstab", "UUID=aa /x ext4 noauto 0 0\n")
    try host.link("/proc/7/fd/3", "/dev/nvme0n1")
    let opened = try opens([command[0], "--root", host.path] + command.dropFirst())
    #expect(opened.contains { $0.contains("/sys/bus/pci/devices") })
    // A folder, and a link that is only read as one, are no nodes.
    let nodes = opened.filter { $0.contains("\"/dev/") && !$0.contains("O_DIRECTORY") && !$0.contains("O_PATH") }
      .filter { !$0.contains("\"/dev/null\"") }
    #expect(nodes.isEmpty, "\(nodes)")
    if command[0] == "check" { #expect(opened.contains { $0.contains("/proc/7/fd") }) }
  }
}
