import Foundation
import TestSupport
import Testing

/// Where a capture ends: links that lead out, rights, full disks, and a running kernel's own sysfs.
@Suite struct BoundaryTests {
  private static let isRoot = geteuid() == 0
  private static let skips = Tally("skipped for want of root")

  // MARK: Links

  @Test func whatStandsOutsideIsNeverRead() throws {
    let tally = Tally("links out")
    let scratch = try Scratch()
    let outside = scratch.path
    let secret = "SECRET\(UUID().uuidString.prefix(8))"
    for name in ["uevent", "power_state", "driver_override", "reset_method", "file"] {
      try scratch.file("/0000:01:00.0/\(name)", "DRIVER=\(secret)\nPCI_ID=\(secret)\n")
    }
    let places = [
      "uevent", "power_state", "driver_override", "reset_method", "driver", "iommu_group", "revision", "boot_vga",
      "config",
    ]
    // Absolute links and such with `..` are taken to begin at the capture's own root.
    let up = String(repeating: "../", count: 20)
    for place in places {
      for target in ["\(outside)/0000:01:00.0/file", "\(up)\(outside.dropFirst())/0000:01:00.0/file"] {
        let capture = try Capture()
        try capture.link(Capture.folder(card[0]) + "/" + place, to: target)
        for words in [
          ["show", "--json", "01:00"], ["show", "--xml", "01:00"], ["check", "01:00"], ["list", "--all"],
        ] {
          let ending = try capture.run(words)
          #expect(ending.signal == nil && !ending.description.contains(secret), "\(place): \(ending)")
        }
        tally.count()
      }
    }
    let capture = try Capture()
    try capture.link("/sys/bus/pci/devices/\(card[0])", to: "\(outside)/0000:01:00.0")
    for words in [["show", "--json", "01:00"], ["check", "01:00"], ["bind", "01:00"]] {
      let ending = try capture.run(words)
      #expect(ending.signal == nil && !ending.description.contains(secret), "\(ending)")
    }
    tally.report(atLeast: 18)
  }

  @Test func nothingOutsideIsWritten() throws {
    let scratch = try Scratch()
    let outside = scratch.path
    let file = "\(outside)/driver_override"
    try scratch.file("/driver_override", "(null)\n")
    let capture = try Capture()
    try capture.link(Capture.folder(card[0]) + "/driver_override", to: file)
    _ = try capture.hostdev("bind", "01:00")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "(null)\n")
    // A journal that would land elsewhere.
    let other = try Capture()
    try other.link("/run", to: outside)
    _ = try other.hostdev("bind", "01:00")
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["driver_override"])
    let third = try Capture()
    try third.folder("/run")
    try third.link("/run/hostdev", to: outside)
    _ = try third.hostdev("bind", "01:00")
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["driver_override"])
  }

  @Test func pathsAreTheHostsOwn() throws {
    let capture = try Capture()
    for words in [
      ["show", "--json", "01:00"], ["check", "--json", "01:00.0"], ["bind", "--dry-run", "01:00"], ["status"],
    ] {
      let ending = try capture.run(words)
      #expect(!ending.output.contains(capture.path), "\(ending)")
    }
    try capture.fault(#"{"nth": {"3": {"errno": "EIO"}}}"#)
    let failed = try capture.hostdev("bind", "01:00")
    #expect(
      failed.errors.contains(" /sys/bus/pci/drivers/") && !failed.errors.contains(capture.path + "/sys"), "\(failed)")
  }

  // MARK: Rights

  @Test func aReadOnlyCaptureIsReadAndSaysHowToRehearse() throws {
    let capture = try Capture()
    let folder = try readOnly(capture)
    defer { chmod(folder, 0o755) }
    let listed = try unprivileged(["list", "--json", "--root", capture.path])
    #expect(listed.status == 0, "\(listed)")
    #expect(try unprivileged(["check", "01:00", "--root", capture.path]).status == 0)
    #expect(try unprivileged(["bind", "01:00", "--dry-run", "--root", capture.path]).status == 0)
    for words in [["bind", "01:00"], ["release", "01:00"], ["recover"]] {
      let ending = try unprivileged(words + ["--json", "--root", capture.path])
      #expect(ending.status == 2, "\(ending)")
      #expect(ending.errors.contains("cp -a \(capture.path) "), "what to type: \(ending)")
      #expect(try ending.json["error"]?["status"]?.int == 2)
    }
    #expect(!capture.exists("/run"))
  }

  @Test func aRehearsalNeedsNoRoot() throws {
    let capture = try Capture()
    _ = try Command.run(["/bin/chown", "-R", "65534", capture.path])
    #expect(try unprivileged(["bind", "01:00", "--root", capture.path]).status == 0)
    #expect(try unprivileged(["release", "01:00", "--root", capture.path]).status == 0)
    #expect(card.map { capture.driver($0) } == ["xclmgmt", "xocl"])
  }

  @Test func theHostIsOnlyChangedByRoot() throws {
    for words in [["bind", "ffff:ff:1f.7"], ["release", "--all"], ["recover"], ["reset", "ffff:ff:1f.7"]] {
      let ending = try unprivileged(words + ["--json"])
      #expect(ending.status == 77, "\(ending)")
      #expect(try ending.json["error"]?["status"]?.int == 77)
      #expect(ending.errors.contains("sudo"), "\(ending)")
    }
  }

  @Test func unreadableFilesAreUnknown() throws {
    let capture = try Capture()
    _ = try Command.run(["/bin/chmod", "-R", "a+rX", capture.path])
    for address in capture.addresses { chmod(capture.path + Capture.folder(address) + "/config", 0) }
    let show = try unprivileged(["show", "--all", "--json", "--root", capture.path])
    #expect(show.status == 0, "\(show)")
    for device in try show.json.devices {
      #expect(device["unknown"]?.texts?.contains("capabilities") == true, "\(device)")
    }
  }

  /// Makes the capture readable by every user and writable by root only.
  private func readOnly(_ capture: Capture) throws -> String {
    _ = try Command.run(["/bin/chmod", "-R", "a+rX,go-w", capture.path])
    if !Self.isRoot { chmod(capture.path, 0o555) }
    return capture.path
  }

  /// Runs the program as a user without rights.
  private func unprivileged(_ words: [String]) throws -> Ending {
    guard Self.isRoot else { return try Command.run([Program.path] + words) }
    // The build folder may be readable by root only.
    let copy = Self.program
    return try Command.run(
      ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy] + words)
  }

  private static let program: String = {
    let path = "/tmp/hostdev-blackbox-\(UUID().uuidString)"
    _ = try? Command.run(["/bin/cp", Program.path, path])
    chmod(path, 0o755)
    atexit_remove(path)
    return path
  }()

  // MARK: What the machine lacks

  @Test func aFullDiskUnderRunChangesNothing() throws {
    guard Self.isRoot else { return Self.skips.count(false) }
    let capture = try Capture()
    let before = try capture.picture()
    try capture.folder("/run/hostdev/journal")
    try capture.folder("/run/hostdev/held")
    // A file system of its own for the journal, full to the last page.
    let script = """
      mount -t tmpfs -o size=8k tmpfs '\(capture.path)/run/hostdev' && cd '\(capture.path)/run/hostdev' && mkdir journal held \
        && dd if=/dev/zero of=full bs=4k count=2 2>/dev/null
      '\(Program.path)' bind 01:00 --json --root '\(capture.path)'
      """
    let ending = try Command.run(["/usr/bin/unshare", "-m", "/bin/sh", "-c", script])
    #expect(ending.status == 2, "\(ending)")
    #expect(ending.errors.contains("ENOSPC"), "\(ending)")
    #expect(ending.output.contains(#""errno":"ENOSPC""#), "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func aRunningKernelsSysfsIsOnlyReadThroughARoot() throws {
    guard Self.isRoot else { return Self.skips.count(false) }
    let capture = try Capture()
    try capture.remove("/sys")
    try capture.folder("/sys")
    for words in [["bind", "0000:00:00.0"], ["release", "--all"], ["recover"], ["reset", "0000:00:00.0"]] {
      let script = """
        mount --bind /sys '\(capture.path)/sys' && exec '\(Program.path)' \(words.joined(separator: " ")) --json \
          --root '\(capture.path)'
        """
      let ending = try Command.run(["/usr/bin/unshare", "-m", "/bin/sh", "-c", script])
      #expect(ending.status == 64, "\(ending)")
      #expect(try ending.json["error"]?["status"]?.int == 64)
      #expect(ending.errors.contains("sysfs"), "\(ending)")
    }
    #expect(!capture.exists("/run"))
  }

  @Test func noTestHereWasSkippedAsRoot() {
    guard Self.isRoot else { return }
    Self.skips.report(atLeast: 0)
  }
}

/// Files to take away when this process ends.
private func atexit_remove(_ path: String) {
  leftovers.append(path)
}

private nonisolated(unsafe) var leftovers: [String] = {
  atexit { for path in leftovers { unlink(path) } }
  return []
}()
