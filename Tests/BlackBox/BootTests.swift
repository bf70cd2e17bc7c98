import Foundation
import Testing

/// `apply` at the hours of a boot, and the record that an image has of its host.
@Suite struct BootTests {
  private static let disk = "0000:04:00.0"

  /// A capture as an initramfs sees its host: no mount, no fstab, no record of udev's, and the disks' driver not yet there.
  private func inInitramfs(arguments: String = "quiet") throws -> Capture {
    let capture = try Capture("nvme-root")
    for path in ["/proc/1", "/proc/mounts", "/proc/swaps", "/etc/fstab", "/run/udev"] where capture.exists(path) {
      try capture.remove(path)
    }
    if capture.exists("/proc/self") { try capture.remove("/proc/self") }
    try capture.file("/proc/cmdline", arguments + "\n")
    for address in ["01", "02", "03", "04"].map({ "0000:\($0):00.0" }) {
      let link = "/sys/bus/pci/devices/\(address)/driver"
      if capture.exists(link) { try capture.remove(link) }
      for child in ["nvme", "hwmon"] {
        let folder = "/sys/bus/pci/devices/\(address)/\(child)"
        if capture.exists(folder) { try capture.remove(folder) }
      }
    }
    return capture
  }

  /// As before the modules of their drivers are loaded.
  private func unbind(_ functions: [String], in capture: Capture) throws {
    for address in functions {
      let driver = try #require(capture.driver(address))
      try capture.remove("/sys/bus/pci/devices/\(address)/driver")
      try capture.remove("/sys/bus/pci/drivers/\(driver)/\(address)")
      let uevent = "/sys/bus/pci/devices/\(address)/uevent"
      try capture.file(uevent, capture.text(uevent).replacingOccurrences(of: "DRIVER=\(driver)\n", with: ""))
    }
  }

  private func pin(_ capture: Capture, _ name: String, bus: String, path: String) throws {
    try capture.file(
      "/etc/hostdev/pins.d/\(name).json",
      """
      {"version": 1, "functions": [{"address": "0000:\(bus):00.0", "path": "\(path)", "vendor_id": "0x144d",
        "device_id": "0xa808"}]}
      """)
  }

  private func pins(_ capture: Capture, _ arguments: String...) throws -> (Ending, [String: JSON]) {
    let ending = try capture.run(["apply", "--json"] + arguments)
    let runs = try ending.json["pins"]?.list ?? []
    return (ending, Dictionary(runs.map { ($0["name"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first }))
  }

  @Test func theImageSaysWhatTheHostStandsOn() throws {
    let capture = try Capture("nvme-root")
    try pin(capture, "spare", bus: "04", path: "0000:00/1b.0/00.0")
    let tree = try Capture("nvme-root")
    try FileManager.default.createDirectory(atPath: tree.path + "/image", withIntermediateDirectories: true)
    let ending = try capture.hostdev("image", tree.path + "/image", "--json")
    #expect(ending.status == 0, "\(ending)")
    let footing = try ending.json["footing"]?.list?.compactMap(\.text) ?? []
    #expect(footing.contains("0000:01:00.0") && !footing.contains(Self.disk), "\(footing)")
    #expect(tree.exists("/image/etc/hostdev/footing.json"))
    let copied = try tree.text("/image/etc/hostdev/pins.d/spare.json")
    #expect(try copied == capture.text("/etc/hostdev/pins.d/spare.json"))
  }

  @Test func aPinThatTheImageGoesWithoutIsNamed() throws {
    let capture = try Capture("nvme-root")
    try pin(capture, "spare", bus: "04", path: "0000:00/1d.4/00.0")
    try capture.link("/etc/hostdev/pins.d/linked.json", to: "spare.json")
    try FileManager.default.createDirectory(
      atPath: capture.path + "/etc/hostdev/pins.d/folder.json", withIntermediateDirectories: true)
    // What others can write, and a name that is an option of a command: not obeyed here, and so not in the image.
    let text = try capture.text("/etc/hostdev/pins.d/spare.json")
    for name in ["loose", "--no-root"] { try capture.file("/etc/hostdev/pins.d/\(name).json", text) }
    chmod(capture.path + "/etc/hostdev/pins.d/loose.json", 0o666)
    let tree = try Capture("nvme-root")
    let ending = try capture.hostdev("image", tree.path, "--json")
    #expect(ending.status == 0, "\(ending)")
    #expect(try ending.json["pins"]?.texts == ["spare"])
    for (name, reason) in [
      ("linked", "it is a link"), ("folder", "it is not a plain file"), ("loose", "other users can write to it"),
      ("--no-root", "'--no-root' is not a pin name"),
    ] {
      #expect(
        ending.errors.split(separator: "\n").contains {
          $0.contains("pin \(name) is left out of the image: ") && $0.contains(reason)
        }, "\(name): \(ending.errors)")
    }
    #expect(!ending.errors.contains("spare"))
    #expect(tree.names("/etc/hostdev/pins.d") == ["spare.json"])
  }

  @Test func anImagesPinsAreComparedWithThoseOfNow() throws {
    let capture = try Capture()
    for (name, selector) in [("card", "01:00"), ("gone", "00:04.0")] {
      #expect(try capture.hostdev("pin", name, selector).status == 0)
    }
    let tree = capture.path + "/image"
    try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    #expect(try capture.hostdev("image", tree).status == 0)
    let packed = try Command.run(["sh", "-c", "cd '\(tree)' && find . | cpio -o -H newc --quiet >../boot.img"])
    #expect(packed.status == 0, "\(packed)")
    #expect(try capture.hostdev("unpin", "gone").status == 0)
    #expect(try capture.hostdev("pin", "new", "00:08.0").status == 0)
    try capture.edit("card", "\"follow\": false", "\"follow\": true")
    let listed = try capture.hostdev("image", "--list", "/boot.img")
    for line in [
      "card  (differs from /etc/hostdev/pins.d/card.json)\n", "gone  (no longer declared)\n",
      "# the image lacks pin new\n",
    ] { #expect(listed.output.contains(line), "\(listed)") }
    #expect(try capture.hostdev("image", "--list", "/boot.img", "--json").json["lacking"] == .list([.text("new")]))
  }

  @Test func earlyNeverTakesWhatTheHostStandsOn() throws {
    let whole = try Capture("nvme-root")
    let capture = try inInitramfs()
    #expect(try whole.hostdev("image", capture.path).status == 0)
    try pin(capture, "root", bus: "01", path: "0000:00/01.0/00.0")
    let (ending, runs) = try pins(capture, "--early")
    #expect(ending.status == 1, "\(ending)")
    #expect(runs["root"]?["result"]?.text == "refused")
    let finding = runs["root"]?["findings"]?.list?.first { $0["code"]?.text == "root-storage" }
    #expect(finding?["forceable"] == .bool(false))
    #expect(finding?["evidence"]?.list?.contains { $0.text?.contains("footing.json") == true } == true, "\(ending)")

  }

  /// What has been moved since does not make the hour another one.
  @Test func aPinThatIsMovedBeforeDoesNotEndTheHour() throws {
    let whole = try Capture("nvme-root")
    let capture = try inInitramfs()
    #expect(try whole.hostdev("image", capture.path).status == 0)
    try pin(capture, "a-spare", bus: "04", path: "0000:00/1b.0/00.0")
    try pin(capture, "root", bus: "01", path: "0000:00/01.0/00.0")
    let (ending, runs) = try pins(capture, "--early")
    #expect(ending.status == 1, "\(ending)")
    // Of the root disk's own kind: its last look knows places as the first one did.
    #expect(runs["a-spare"]?["result"]?.text == "done", "\(ending)")
    #expect(runs["root"]?["result"]?.text == "refused")
    let codes = runs["root"]?["findings"]?.list?.compactMap { $0["code"]?.text } ?? []
    #expect(codes.contains("root-storage"), "\(ending)")
  }

  /// Without a record, or with an empty one, it is unknown whether the host needs a disk. This does not concern a card,
  /// which is not a disk.
  @Test(arguments: [nil, "{}", "not JSON"] as [String?])
  func anImageWithoutARecordSaysSoOfStorage(record: String?) throws {
    let capture = try inInitramfs()
    try pin(capture, "spare", bus: "04", path: "0000:00/1b.0/00.0")
    if let record { try capture.file("/etc/hostdev/footing.json", record) }
    let (ending, runs) = try pins(capture, "--early")
    // On a host this is an error, in a capture a warning.
    let finding = runs["spare"]?["findings"]?.list?.first { $0["code"]?.text == "unknown-storage" }
    #expect(finding?["evidence"]?.list?.contains { $0.text?.contains("footing.json") == true } == true, "\(ending)")

    let accelerator = try Capture()
    #expect(try accelerator.hostdev("pin", "card", "01:00").status == 0)
    if let record { try accelerator.file("/etc/hostdev/footing.json", record) }
    #expect(try accelerator.hostdev("apply", "--early").status == 0)
    #expect(try accelerator.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
  }

  /// A disk whose use could not be read when the image was made counts as one that the host uses.
  @Test func aDoubtOfTheImagesMakerIsInTheRecord() throws {
    let whole = try Capture("nvme-root")
    for path in ["/proc/1", "/proc/self", "/proc/mounts", "/proc/swaps", "/etc/fstab", "/etc/crypttab"]
    where whole.exists(path) { try whole.remove(path) }
    try whole.file("/proc/cmdline", "quiet\n")
    let capture = try inInitramfs()
    let made = try whole.hostdev("image", capture.path, "--json")
    #expect(made.status == 0, "\(made)")
    #expect(try made.json["footing"]?.list?.contains(.text("0000:01:00.0")) == true, "\(made)")
    #expect(try capture.text("/etc/hostdev/footing.json").contains(#""code": "unknown-storage""#))
    try pin(capture, "root", bus: "01", path: "0000:00/01.0/00.0")
    let (ending, runs) = try pins(capture, "--early")
    #expect(runs["root"]?["result"]?.text == "refused", "\(ending)")
  }

  @Test(arguments: ["root=", "journal_dev=", "cryptopts=target=root,source="])
  func earlyHeedsARootByItsPath(argument: String) throws {
    let capture = try inInitramfs(arguments: "\(argument)/dev/disk/by-path/pci-0000:01:00.0-nvme-1-part2 ro")
    try pin(capture, "root", bus: "01", path: "0000:00/01.0/00.0")
    let (ending, runs) = try pins(capture, "--early")
    #expect(ending.status == 1 && runs["root"]?["result"]?.text == "refused", "\(ending)")
  }

  @Test(arguments: ["hostdev=off", "hostdev=OFF", "hostdev=0", "hostdev=no", "hostdev=\"off\""])
  func offOnTheCommandLineIsOffAtBootAndNotByHand(word: String) throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try capture.file("/proc/cmdline", "quiet \(word) ro\n")
    for hour in [["--early"], ["--boot"], ["--verify"], ["--appeared", card[0]]] {
      let ending = try capture.run(["apply"] + hour)
      #expect(ending.status == 0 && ending.output.isEmpty, "\(ending)")
      #expect(try capture.places(card)[0].hasSuffix("xclmgmt (null)"))
    }
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
  }

  @Test func theKernelThatWritesADumpHasNoPins() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try capture.file("/proc/vmcore")
    for hour in [["--early"], ["--boot"], ["--verify"], ["--appeared", card[0]]] {
      let ending = try capture.run(["apply"] + hour)
      #expect(ending.status == 0 && ending.output.isEmpty, "\(ending)")
      #expect(try capture.places(card)[0].hasSuffix("xclmgmt (null)"))
    }
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
  }

  @Test func withoutARootDeviceAllIsGivenBack() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let before = try capture.picture()
    #expect(try capture.hostdev("apply", "--boot").status == 0)
    #expect(try capture.hostdev("bind", "00:04.0").status == 0)
    let ending = try capture.hostdev("apply", "--no-root")
    #expect(ending.status == 0, "\(ending)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
    #expect(try capture.hostdev("status", "--json").json["held"]?.list?.count == 1, "what no pin took stays")
    #expect(try capture.hostdev("release", "--all").status == 0)
    #expect(try differences(before, capture.picture()) == [])
  }

  /// What a pin took before its driver's module was loaded goes to that driver, and not back to none.
  @Test func whatHadNoDriverYetGetsTheOneThatItWouldHaveHad() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try unbind(card, in: capture)
    #expect(try capture.hostdev("apply", "--early").status == 0)
    #expect(try capture.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
    #expect(try capture.hostdev("apply", "--no-root").status == 0)
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  /// A killed run has not recorded its functions as held, but they must go back to the host too.
  @Test(arguments: 1...6)
  func withoutARootDeviceWhatWasStoppedHalfWayIsGivenBack(writes: Int) throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try unbind(card, in: capture)
    let killed = try capture.run(["apply", "--early"], environment: ["HOSTDEV_KILL_AFTER": "\(writes)"])
    let ending = try capture.hostdev("apply", "--no-root")
    #expect(ending.status == 0, "\(killed) \(ending)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"], "\(ending)")
    #expect(try capture.hostdev("status", "--json").json["held"]?.list?.isEmpty == true)
  }

  /// A dry run recovers nothing either: it shows what is done first.
  @Test func withoutARootDeviceADryRunChangesNothing() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    _ = try capture.run(["apply", "--early"], environment: ["HOSTDEV_KILL_AFTER": "3"])
    try capture.waitForWriters()
    let before = try capture.picture()
    let ending = try capture.hostdev("apply", "--no-root", "--dry-run")
    #expect(ending.status == 0 && ending.output.contains("> /sys/bus/pci/devices/\(card[0])/"), "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
    #expect(try capture.interrupted().count == 1)
    #expect(try capture.hostdev("apply", "--no-root").status == 0)
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  /// What may be plugged in later does not make a boot a failed one; who asks for it by name is told.
  @Test func atBootACardMayBeAbsent() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "other", "00:04.0").status == 0)
    try capture.file(
      "/etc/hostdev/pins.d/later.json",
      """
      {"version": 1, "functions": [{"address": "0000:09:00.0", "path": "0000:00/1d.7/00.0", "vendor_id": "0x1af4",
        "device_id": "0x1041"}]}
      """)
    for hour in ["--early", "--boot", "--verify"] {
      let ending = try capture.hostdev("apply", hour, "--json")
      #expect(ending.status == 0, "\(ending)")
      #expect(try ending.json["pins"]?.list?.first { $0["name"]?.text == "later" }?["result"]?.text == "absent")
      #expect(try capture.hostdev("apply", hour, "later").status == 66)
    }
    #expect(try capture.hostdev("apply").status == 66)
  }

  @Test func onlyThePinOfWhatAppearedIsApplied() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("pin", "other", "00:04.0").status == 0)
    let before = try capture.places(["0000:00:04.0"])
    #expect(try capture.hostdev("apply", "--appeared", card[1]).status == 0)
    #expect(try capture.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
    #expect(try capture.places(["0000:00:04.0"]) == before)
    let nobodys = try capture.hostdev("apply", "--appeared", "0000:00:1f.0")
    #expect(nobodys.status == 0 && nobodys.output.isEmpty, "\(nobodys)")
  }

  @Test func hoursExcludeEachOther() throws {
    let capture = try Capture()
    for words in [
      ["--early", "--boot"], ["--boot", "--appeared", card[0]], ["--no-root", "card"], ["--appeared", "x"],
      ["--appeared", card[0], "--driven", card[0]], ["--driven", "x"],
    ] {
      #expect(try capture.run(["apply"] + words).status == 64, "\(words)")
    }
  }

  @Test func anImageIsMadeOfTheHostAlone() throws {
    let capture = try Capture()
    let ending = try capture.hostdev("pin", "card", "01:00", "--update-initramfs")
    #expect(ending.status == 64 && ending.errors.contains("initramfs of a capture"), "\(ending)")
    #expect(!capture.exists("/etc/hostdev/pins.d/card.json"))
  }
}
