import Foundation
import TestSupport
import Testing

@Suite struct DoctorTests {
  private func doctor(_ capture: Capture) throws -> (Ending, [JSON]) {
    let ending = try capture.hostdev("doctor", "--json")
    #expect(ending.status == 0 || ending.status == 1, "\(ending)")
    let json = try ending.json
    #expect(json["schema"]?.text == "hostdev/1" && json.keys == ["schema", "verdict", "checks"])
    let checks = json["checks"]?.list ?? []
    let isRefused = checks.contains { $0["severity"]?.text == "error" } || json["verdict"]?.text == "unknown"
    #expect((ending.status == 1) == isRefused)
    #expect((json["verdict"]?.text == "ready") == (ending.status == 0))
    return (ending, checks)
  }

  private func check(_ capture: Capture, _ code: String) throws -> JSON {
    let found = try doctor(capture).1.filter { $0["code"]?.text == code }
    #expect(found.count == 1, "\(code): \(found)")
    return found.first ?? .null
  }

  /// The `sed` of a way out, run by `sh` on the capture's own file.
  private func edit(_ capture: Capture, _ remedy: String?, _ file: String) throws {
    let commands = (remedy ?? "").components(separatedBy: "sed -i ").dropFirst()
      .map { "sed -i " + ($0.components(separatedBy: " && ")[0].components(separatedBy: "; or, ")[0]) }
    #expect(!commands.isEmpty, "no sed in: \(remedy ?? "")")
    for command in commands {
      let script = command.replacingOccurrences(of: " \(file)", with: " \(capture.path)\(file)")
      let ending = try Command.run(["/bin/sh", "-ec", script])
      #expect(ending.status == 0, "\(ending)")
    }
  }

  // MARK: Shape

  @Test func everyFixtureIsExaminedAndNothingIsTouched() throws {
    let keys: Set = ["code", "severity", "functions", "message", "evidence", "remedy"]
    for fixture in try Fixture.plain.map(\.name) {
      let capture = try Capture(fixture)
      let before = try capture.picture(including: true)
      let (ending, checks) = try doctor(capture)
      #expect(!checks.isEmpty)
      for check in checks {
        #expect(check.keys == keys, "\(fixture): \(check)")
        #expect(["ok", "info", "warning", "error", "unknown"].contains(check["severity"]?.text))
        #expect(check["evidence"]?.texts?.contains { $0.contains(capture.path) } == false, "\(check)")
      }
      #expect((ending.status == 1) == (fixture == "no-iommu"), "\(fixture): \(ending)")
      let text = try capture.hostdev("doctor")
      #expect(
        text.status == ending.status && text.lines.last?.hasPrefix(ending.status == 0 ? "ready" : "not ready") == true)
      #expect(try differences(before, capture.picture(including: true)) == [])
    }
  }

  @Test func aHostWhoseIOMMUIsUnknownIsNotReady() throws {
    let capture = try Capture()
    for address in capture.addresses { try capture.remove(Capture.folder(address) + "/iommu_group") }
    try capture.remove("/sys/kernel/iommu_groups")
    let (ending, checks) = try doctor(capture)
    #expect(
      ending.status == 1 && checks.contains { $0["code"]?.text == "iommu-off" && $0["severity"]?.text == "unknown" })
    #expect(try capture.hostdev("doctor", "--json").json["verdict"]?.text == "unknown")
    #expect(try capture.hostdev("doctor").lines.last?.hasPrefix("unknown: iommu-off") == true)
  }

  @Test func itTakesNoSelector() throws { #expect(try Capture().hostdev("doctor", "01:00.0").status == 64) }

  // MARK: Boot

  @Test func theLineInGRUBsFileIsNamedAndTheWayOutWorks() throws {
    let capture = try Capture("alveo-grub")
    let found = try check(capture, "boot-claim")
    #expect(found["functions"]?.texts == card)
    let line = #"/etc/default/grub:8: GRUB_CMDLINE_LINUX="intel_iommu=on iommu=pt vfio-pci.ids=10ee:5000,10ee:5001""#
    #expect(found["evidence"]?.texts == ["/proc/cmdline: vfio-pci.ids=10ee:5000,10ee:5001", line])
    let remedy = found["remedy"]?.text
    #expect(
      remedy?.hasPrefix("hostdev import --write; then: sed -i ") == true && remedy?.hasSuffix("update-grub") == true)
    try edit(capture, remedy, "/etc/default/grub")
    #expect(try capture.text("/etc/default/grub").contains("GRUB_CMDLINE_LINUX=\"intel_iommu=on iommu=pt\"\n"))
    // This boot still has it; the next one will not.
    #expect(try check(capture, "boot-claim")["evidence"]?.texts?.count == 1)
    #expect(try check(capture, "boot-drift")["severity"]?.text == "warning")
    try capture.file("/proc/cmdline", "intel_iommu=on iommu=pt\n")
    #expect(try check(capture, "boot-claim")["severity"]?.text == "ok")
    #expect(try check(capture, "boot-drift")["severity"]?.text == "ok")
    #expect(try check(capture, "undeclared")["functions"]?.texts == card)
  }

  @Test(arguments: [
    ("/etc/default/grub", "GRUB_CMDLINE_LINUX='vfio-pci.ids=10ee:5000 quiet'\n", "GRUB_CMDLINE_LINUX=' quiet'\n"),
    (
      "/etc/default/grub", "X=1\nGRUB_CMDLINE_LINUX=\"a vfio-pci.ids=10ee:5000,10ee:5001 vfio-pci.ids=10ee:5000\"\n",
      "X=1\nGRUB_CMDLINE_LINUX=\"a vfio-pci.ids=10ee:5000,10ee:5001\"\n"
    ),
    ("/etc/kernel/cmdline", "root=x\tvfio-pci.ids=10ee:5000\n", "root=x\t\n"),
    ("/boot/loader/entries/a.conf", "options root=x vfio-pci.ids=10ee:5000 ro\n", "options root=x ro\n"),
    // As the shell reads it, not as it looks.
    (
      "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"iommu=pt vfio-pci.ids=\\\"10ee:5000\\\"\"\n",
      "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n"
    ),
    (
      "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT='vfio-pci.ids=\"10ee:5000\" quiet'\n",
      "GRUB_CMDLINE_LINUX_DEFAULT='quiet'\n"
    ),
    (
      "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX+=\" vfio-pci.ids=10ee:5000 b\"\n",
      "GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX+=\" b\"\n"
    ),
    (
      "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a \\\n  vfio-pci.ids=10ee:5000 \\\n  b\"\n",
      "GRUB_CMDLINE_LINUX=\"a \\\n \\\n  b\"\n"
    ),
    (
      "/etc/default/grub", "IDS=10ee:5000\nGRUB_CMDLINE_LINUX=\"a vfio-pci.ids=${IDS} b\"\n",
      "IDS=10ee:5000\nGRUB_CMDLINE_LINUX=\"a b\"\n"
    ),
    ("/etc/default/grub", "export GRUB_CMDLINE_LINUX=vfio-pci.ids=10ee:5000\n", "export GRUB_CMDLINE_LINUX=\n"),
    (
      "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"x.vfio-pci.ids=10ee:5000 vfio-pci.ids=10ee:5000\"\n",
      "GRUB_CMDLINE_LINUX=\"x.vfio-pci.ids=10ee:5000\"\n"
    ),
    (
      "/etc/default/grub.d/50-vfio.cfg", "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX vfio-pci.ids=10ee:5000\"\n",
      "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX\"\n"
    ),
  ])
  func aWordIsTakenOutAndNothingElse(file: String, before: String, after: String) throws {
    let capture = try Capture()
    try capture.file(file, before)
    try capture.file("/proc/cmdline", "vfio-pci.ids=10ee:5000\n")
    let found = try doctor(capture).1.filter { check in
      check["code"]?.text == "boot-claim"
        && check["evidence"]?.texts?.contains("/proc/cmdline: vfio-pci.ids=10ee:5000") == true
    }
    #expect(found.count == 1)
    try edit(capture, found.first?["remedy"]?.text, file)
    #expect(try capture.text(file) == after)
  }

  /// No edit of one line takes it out: the line is named.
  @Test func aWordThatNoEditTakesOutIsLeftToAPerson() throws {
    let capture = try Capture()
    try capture.file("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a vfio-pci.ids=10ee:\\\n5000 b\"\n")
    try capture.file("/proc/cmdline", "vfio-pci.ids=10ee:5000\n")
    let remedy = try check(capture, "boot-claim")["remedy"]?.text ?? ""
    #expect(!remedy.contains("sed") && remedy.contains("edit /etc/default/grub:1 by hand and remove"), "\(remedy)")
  }

  @Test func anArgumentThatEndsAlikeStays() throws {
    let capture = try Capture("no-iommu")
    try capture.file("/proc/cmdline", "quiet iommu=off\n")
    try capture.file("/sys/firmware/acpi/tables/DMAR", "")
    try capture.file("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"intel_iommu=off iommu=off\"\n")
    let found = try check(capture, "iommu-off")
    #expect(found["severity"]?.text == "error")
    try edit(capture, found["remedy"]?.text, "/etc/default/grub")
    #expect(try capture.text("/etc/default/grub") == "GRUB_CMDLINE_LINUX=\"intel_iommu=off\"\n")
  }

  // MARK: Functions

  @Test func aStaleOverrideIsToldWithTheWayOut() throws {
    let capture = try Capture()
    try capture.file(Capture.folder("0000:00:08.0") + "/driver_override", "nothing\n")
    let found = try check(capture, "stale-override")
    #expect(found["severity"]?.text == "warning" && found["functions"]?.texts == ["0000:00:08.0"])
    #expect(
      found["evidence"]?.texts == ["/sys/bus/pci/devices/0000:00:08.0/driver_override: nothing"])
    #expect(found["remedy"]?.text?.hasPrefix("echo > /sys/bus/pci/devices/0000:00:08.0/driver_override && ") == true)
  }

  @Test func whatIsHeldIsExplainedAndItsDriftIsTold() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try check(capture, "undeclared")["severity"]?.text == "ok")
    #expect(try check(capture, "hold-drift")["severity"]?.text == "ok")
    try capture.file(Capture.folder(card[0]) + "/driver_override", "(null)\n")
    let found = try check(capture, "hold-drift")
    #expect(found["severity"]?.text == "warning" && found["functions"]?.texts == [card[0]])
    #expect(found["message"]?.text?.contains("another program changed it") == true)
  }

  @Test func anInterruptedRunIsAnError() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00", environment: ["HOSTDEV_KILL_AFTER": "3"])
    try capture.waitForWriters()
    let found = try check(capture, "interrupted")
    #expect(found["severity"]?.text == "error" && found["remedy"]?.text == "hostdev recover")
    #expect(try capture.hostdev("recover").status == 0)
    #expect(try check(capture, "interrupted")["severity"]?.text == "ok")
  }

  @Test func aRecordThatCannotBeReadIsUnknownAndTheRestIsStillTold() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    try capture.file("/run/hostdev/held/\(card[0]).json", "{")
    let (ending, checks) = try doctor(capture)
    #expect(ending.status == 0)
    let found = checks.filter { $0["code"]?.text == "hold-drift" }
    #expect(found.map { $0["severity"]?.text } == ["unknown"])
    #expect(checks.contains { $0["code"]?.text == "iommu-off" && $0["severity"]?.text == "ok" })
  }

  // MARK: Pins and rivals

  @Test func pinsAreComparedWithWhatIs() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let drifted = try check(capture, "pin-drift")
    #expect(drifted["severity"]?.text == "warning" && drifted["remedy"]?.text == "hostdev apply card")
    #expect(drifted["functions"]?.texts == card)
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try check(capture, "pin-drift")["severity"]?.text == "ok")
    try capture.file("/etc/hostdev/pins.d/broken.json", "{")
    let broken = try check(capture, "pin-malformed")
    #expect(broken["severity"]?.text == "error")
    #expect(broken["evidence"]?.texts == ["/etc/hostdev/pins.d/broken.json"])
  }

  @Test func aFolderThatOthersMayWriteCostsEveryPin() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(chmod(capture.path + "/etc/hostdev/pins.d", 0o777) == 0)
    let found = try check(capture, "pin-malformed")
    #expect(found["severity"]?.text == "error")
    #expect(found["evidence"]?.texts?.first?.contains("/etc/hostdev/pins.d") == true)
    #expect(try capture.hostdev("import").status == 65)
  }

  @Test func anotherCardAtThePinsPlaceIsAnError() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    for name in card {
      let file = Capture.folder(name) + "/uevent"
      try capture.file(
        file,
        capture.text(file).replacingOccurrences(of: "PCI_ID=10EE:50", with: "PCI_ID=10EE:70"))
      try capture.file(Capture.folder(name) + "/device", "0x7000\n")
    }
    let (ending, checks) = try doctor(capture)
    #expect(ending.status == 1)
    #expect(checks.contains { $0["code"]?.text == "identity-mismatch" && $0["severity"]?.text == "error" })
  }

  @Test func twoToolsAreToldWithFileAndLine() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("apply").status == 0)
    try capture.file("/etc/driverctl.d/pci-0000:01:00.0", "xclmgmt\n")
    try capture.file(
      "/etc/libvirt/qemu/win.xml",
      "<domain>\n<devices>\n<hostdev mode='subsystem' type='pci' managed='yes'>\n<source><address domain='0' bus='1' slot='0' function='1'/></source>\n</hostdev>\n</devices>\n</domain>\n"
    )
    let rivals = try doctor(capture).1.filter { $0["code"]?.text == "rival-tools" }
    #expect(rivals.map { $0["functions"]?.texts } == [[card[0]], [card[1]]])
    #expect(rivals.map { $0["severity"]?.text } == ["error", "warning"])
    #expect(
      rivals[0]["evidence"]?.texts?.contains { $0.hasPrefix("/etc/driverctl.d/pci-0000:01:00.0:1: xclmgmt") } == true)
    #expect(rivals[0]["remedy"]?.text?.contains("rm /etc/driverctl.d/pci-0000:01:00.0") == true)
    #expect(rivals[1]["evidence"]?.texts?.contains { $0.hasPrefix("/etc/libvirt/qemu/win.xml:3: <hostdev") } == true)
    #expect(rivals[1]["remedy"]?.text?.contains("virsh edit win") == true)
  }

  /// An archive as the kernel takes it, made of files of the capture by cpio, and packed.
  private func image(_ capture: Capture, _ files: [String], _ image: String, packer: String) throws {
    let script =
      "cd \(capture.path) && mkdir -p boot && printf '%s\\n' \(files.joined(separator: " ")) | cpio -o -H newc --quiet | \(packer) > .\(image)"
    let ending = try Command.run(["/bin/sh", "-ec", script])
    #expect(ending.status == 0, "\(ending)")
  }

  @Test(arguments: ["cat", "gzip -c"])
  func aStaleInitramfsIsTold(packer: String) throws {
    let capture = try Capture()
    let release = try capture.text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines)
    let path = "/boot/initrd.img-\(release)"
    try capture.file("/etc/initramfs-tools/initramfs.conf", "")
    try capture.file("/usr/sbin/hostdev", "x")
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try image(capture, ["usr/sbin/hostdev", "etc/hostdev/pins.d/card.json"], path, packer: packer)
    #expect(try check(capture, "initramfs-stale")["severity"]?.text == "ok")
    #expect(try capture.hostdev("unpin", "card").status == 0)
    let found = try check(capture, "initramfs-stale")
    #expect(found["severity"]?.text == "warning" && found["remedy"]?.text == "update-initramfs -u -k \(release)")
    #expect(found["evidence"]?.texts == [path, "pin card: in the image, and no longer declared"])
    #expect(try capture.hostdev("pin", "card", "01:00", "--description", "another").status == 0)
    let lacking = try check(capture, "initramfs-stale")
    #expect(lacking["evidence"]?.texts?.last == "pin card: another one is in the image")
    #expect(try lacking["severity"]?.text == "error" && capture.hostdev("doctor").status == 1)
    try capture.file(path, "no archive")
    #expect(try check(capture, "initramfs-stale")["severity"]?.text == "unknown")
    // What a full /boot leaves, and an image with the pins alone.
    try image(capture, ["usr/sbin/hostdev", "etc/hostdev/pins.d/card.json"], path, packer: packer)
    #expect(try check(capture, "initramfs-stale")["severity"]?.text == "ok")
    let whole = try capture.bytes(path)
    try capture.file(path, whole.prefix(whole.count / 3))
    #expect(try check(capture, "initramfs-stale")["severity"]?.text == "unknown")
    try image(capture, ["etc/hostdev/pins.d/card.json"], path, packer: packer)
    #expect(try check(capture, "initramfs-stale")["severity"]?.text == "error")
  }

  @Test func pinsInTheCrashKernelsImageAreTold() throws {
    let capture = try Capture()
    let path = "/boot/initramfs-6.12.1kdump.img"
    try capture.file("/usr/sbin/hostdev", "x")
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    try image(capture, ["usr/sbin/hostdev", "etc/hostdev/pins.d/card.json"], path, packer: "gzip")
    let found = try check(capture, "crash-dump")
    #expect(found["severity"]?.text == "warning" && found["functions"]?.texts == card, "\(found)")
    #expect(found["evidence"]?.texts?.prefix(2) == [path, "pin card"])
    // Without the program nothing puts them in place.
    try image(capture, ["etc/hostdev/pins.d/card.json"], path, packer: "gzip")
    #expect(try check(capture, "crash-dump")["severity"]?.text == "ok")
  }

  @Test func malformedSettingsEndNothing() throws {
    let capture = try Capture()
    let junk = (0..<4000).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let files = [
      "/etc/default/grub", "/etc/kernel/cmdline", "/boot/loader/entries/a.conf", "/boot/grub/grub.cfg",
      "/etc/driverctl.d/pci-0000:01:00.0", "/etc/libvirt/qemu/a.xml", "/etc/pve/qemu-server/1.conf",
      "/etc/pve/mapping/pci.cfg", "/etc/udev/rules.d/a.rules", "/etc/modules", "/etc/modprobe.d/a.conf",
      "/proc/cmdline",
    ]
    for file in files { try capture.file(file, junk) }
    let (_, checks) = try doctor(capture)
    #expect(checks.contains { $0["code"]?.text == "unread-settings" && $0["severity"]?.text == "unknown" })
    for file in files {
      try capture.remove(file)
      try capture.folder(file)
    }
    let (ending, _) = try doctor(capture)
    #expect(ending.status == 0)
    #expect(try capture.hostdev("import").status == 0)
  }
}
