import Foundation
import TestSupport
import Testing

@Suite struct CheckTests {
  private func check(_ capture: Capture, _ words: String...) throws -> (Ending, JSON) {
    let ending = try capture.run(["check", "--json"] + words)
    #expect(ending.status == 0 || ending.status == 1, "\(ending)")
    let json = try ending.json
    #expect((ending.status == 0) == (json["verdict"]?.text == "assignable"), "\(ending)")
    return (ending, json)
  }

  // MARK: The story's card

  @Test func halfTheCardIsRefusedForItsReset() throws {
    let capture = try Capture()
    let (ending, json) = try check(capture, "01:00.0")
    #expect(ending.status == 1)
    #expect(json.errorCodes == ["slot-incomplete"])
    #expect(json["functions"]?.texts == [card[0]])
    #expect(json["missing"]?.texts == [card[1]])
    let finding = try #require(json.finding("slot-incomplete"))
    #expect(finding["remedy"]?.text == "hostdev bind 0000:01:00.0 0000:01:00.1")
    #expect(finding["forceable"]?.bool == true)
    #expect(finding["functions"]?.texts == [card[1]])
    // A stale `bus` does not count as a reset method, and is shown as evidence.
    #expect(finding["evidence"]?.texts?.contains { $0.contains("reset_method") && $0.contains("bus") } == true)
    #expect(finding["evidence"]?.texts?.contains { $0.contains(card[1]) && $0.contains("xocl") } == true)
    let text = try capture.hostdev("check", "01:00.0").output
    #expect(text.contains("slot-incomplete") && text.contains("hostdev bind 0000:01:00.0 0000:01:00.1"))
    #expect(text.contains("refused"))
  }

  @Test func theRemedyIsACommandThatWorks() throws {
    let capture = try Capture()
    let remedy = try #require(try check(capture, "01:00.1").1.finding("slot-incomplete")?["remedy"]?.text)
    let words = remedy.split(separator: " ").map(String.init)
    #expect(words.first == "hostdev")
    #expect(try capture.run(Array(words.dropFirst())).status == 0)
    #expect(card.map { capture.driver($0) } == ["vfio-pci", "vfio-pci"])
  }

  @Test func aSetThatLacksFunctionsIsCheckedWithThemToo() throws {
    let gpu = try Capture("gpu").hostdev("check", "01:00.0").lines
    #expect(gpu.contains("with 0000:01:00.1 0000:01:00.2 0000:01:00.3: assignable"), "\(gpu)")
    // The control: another function of the group keeps it from being opened whatever is added.
    let bridge = try Capture("legacy-bridge").hostdev("check", "02:00.0").lines
    #expect(bridge.contains("with 0000:02:01.0: still refused, group-blocked"), "\(bridge)")
    // Nothing is missing.
    #expect(try !Capture().hostdev("check", "01:00").lines.contains { $0.hasPrefix("with ") })
  }

  @Test func theWholeCardIsAssignable() throws {
    let capture = try Capture()
    let (ending, json) = try check(capture, "01:00")
    #expect(ending.status == 0)
    #expect(json["functions"]?.texts == card && json["missing"] == .list([]) && json.errorCodes == [])
    let text = try capture.hostdev("check", "01:00").lines
    #expect(text.suffix(2) == ["ok assignable", "-> hostdev bind \(card.joined(separator: " "))"])
    #expect(try check(capture, "01:00.0", "01:00.1").0.status == 0)
  }

  @Test func wholeAddsWhatMustComeAlong() throws {
    let capture = try Capture()
    let (ending, json) = try check(capture, "--whole", "01:00.1")
    #expect(ending.status == 0)
    #expect(json["functions"]?.texts == card && json["missing"] == .list([]))
    let gpu = try Capture("gpu")
    let all = (0...3).map { "0000:01:00.\($0)" }
    for function in all { #expect(try check(gpu, "--whole", function).1["functions"]?.texts == all) }
  }

  @Test func aWorkingResetLetsHalfACardGo() throws {
    let capture = try Capture()
    // The kernel found flr, so the other function may stay.
    try capture.file(Capture.folder(card[0]) + "/reset_method", "flr bus\n")
    let (ending, json) = try check(capture, "01:00.0")
    #expect(ending.status == 0 && json["missing"] == .list([]), "\(ending)")
  }

  @Test func aNeighbourOnVFIOIsNotMissing() throws {
    let capture = try Capture("alveo-grub")
    for function in card { #expect(try check(capture, function).0.status == 0) }
  }

  // MARK: Companions and groups

  @Test func aGraphicsCardGoesWithItsCompanions() throws {
    let capture = try Capture("gpu")
    let (_, json) = try check(capture, "01:00.0")
    #expect(json["missing"]?.texts == ["0000:01:00.1", "0000:01:00.2", "0000:01:00.3"])
    #expect(Set(json.errorCodes).isSuperset(of: ["group-blocked", "split-companion"]))
    #expect(json.finding("group-blocked")?["forceable"]?.bool == false)
    #expect(json.finding("split-companion")?["forceable"]?.bool == true)
    #expect(json.finding("split-companion")?["functions"]?.texts?.contains("0000:01:00.1") == true)
    #expect(
      json.finding("group-blocked")?["remedy"]?.text
        == "hostdev bind 0000:01:00.0 0000:01:00.1 0000:01:00.2 0000:01:00.3")
  }

  @Test func companionsOnHostDriversInOtherGroupsAreStillCompanions() throws {
    let capture = try Capture("gpu")
    // Groups apart: what ties them is kinship alone.
    for (number, function) in [(40, "0000:01:00.1"), (41, "0000:01:00.2"), (42, "0000:01:00.3")] {
      try capture.folder("/sys/kernel/iommu_groups/\(number)/devices")
      try capture.file("/sys/kernel/iommu_groups/\(number)/reserved_regions", "")
      try capture.remove("/sys/kernel/iommu_groups/12/devices/\(function)")
      try capture.link(
        "/sys/kernel/iommu_groups/\(number)/devices/\(function)",
        to: "../../../../devices/pci0000:00/0000:00:01.0/\(function)")
      try capture.link(Capture.folder(function) + "/iommu_group", to: "../../../../kernel/iommu_groups/\(number)")
    }
    let (_, json) = try check(capture, "01:00.2")
    #expect(json.errorCodes.contains("split-companion") && !json.errorCodes.contains("group-blocked"), "\(json.codes)")
    #expect(json["missing"]?.texts == ["0000:01:00.0", "0000:01:00.1", "0000:01:00.3"])
  }

  @Test func aBridgeOnShpchpBlocksTheGroup() throws {
    let capture = try Capture("legacy-bridge")
    let (_, json) = try check(capture, "02:00.0", "02:01.0")
    #expect(json.errorCodes == ["group-blocked"])
    let finding = try #require(json.finding("group-blocked"))
    #expect(finding["functions"]?.texts == ["0000:01:00.0"])
    #expect(finding["remedy"]?.text == "echo 0000:01:00.0 > /sys/bus/pci/drivers/shpchp/unbind")
    #expect(finding["forceable"]?.bool == false)
    #expect(try capture.hostdev("bind", "02:00.0", "02:01.0", "--force=group-blocked").status == 1)
    // As the remedy leaves it.
    try capture.remove(Capture.folder("0000:01:00.0") + "/driver")
    let event = try capture.text(Capture.folder("0000:01:00.0") + "/uevent")
    try capture.file(
      Capture.folder("0000:01:00.0") + "/uevent", event.replacingOccurrences(of: "DRIVER=shpchp\n", with: ""))
    #expect(try check(capture, "02:00.0", "02:01.0").0.status == 0)
  }

  @Test func aMemberThatIsNotPCIBlocksTheGroup() throws {
    let capture = try Capture()
    try capture.link("/sys/kernel/iommu_groups/12/devices/serial8250", to: "../../../../devices/platform/serial8250")
    let (_, json) = try check(capture, "01:00")
    #expect(json.errorCodes == ["group-blocked"])
    #expect(json.finding("group-blocked")?["message"]?.text?.contains("serial8250") == true)
  }

  @Test func bridgesAreNotEndpoints() throws {
    let tally = Tally("bridges")
    for fixture in try Fixture.plain.map(\.name) {
      let capture = try Capture(fixture)
      for device in try capture.hostdev("show", "--all", "--json").json.devices
      where device["header_type"]?.int != 0 || device["class"]?.text?.hasPrefix("0x0600") == true {
        let address = try #require(device["address"]?.text)
        let (ending, json) = try check(capture, address)
        #expect(ending.status == 1 && json.errorCodes.contains("not-endpoint"), "\(ending)")
        #expect(json.finding("not-endpoint")?["forceable"]?.bool == false)
        tally.count(json.errorCodes.contains("not-endpoint"))
      }
    }
    tally.report(atLeast: 36)
  }

  // MARK: Virtual functions

  @Test func aPhysicalFunctionWithVirtualOnesStays() throws {
    let capture = try Capture("nic-vfs")
    let (_, json) = try check(capture, "01:00.0")
    #expect(Set(json.errorCodes).isSuperset(of: ["has-vfs", "vf-without-pf"]))
    let finding = try #require(json.finding("has-vfs"))
    #expect(finding["forceable"]?.bool == false)
    #expect(finding["evidence"]?.texts?.contains { $0.contains("sriov_numvfs") } == true)
    #expect(finding["message"]?.text?.contains("0000:01:10.4 on vfio-pci") == true)
    #expect(try capture.hostdev("bind", "01:00.0", "--force=host-network,has-vfs,vf-without-pf").status == 1)
  }

  @Test func aVirtualFunctionOfAPhysicalOneOnVFIONeedsAToken() throws {
    let capture = try Capture("nic-vfs")
    let pf = Capture.folder("0000:01:00.0")
    try capture.link(pf + "/driver", to: "../../../../bus/pci/drivers/vfio-pci")
    let event = try capture.text(pf + "/uevent")
    try capture.file(pf + "/uevent", event.replacingOccurrences(of: "DRIVER=igb", with: "DRIVER=vfio-pci"))
    let (_, json) = try check(capture, "01:10.0", "--force=host-network")
    let finding = try #require(json.finding("vf-token"))
    #expect(finding["severity"]?.text == "error" && finding["forceable"]?.bool == false)
    #expect(finding["remedy"]?.text == "hostdev release 0000:01:00.0")
  }

  @Test func aFreeVirtualFunctionIsAssignableAlone() throws {
    let (ending, json) = try check(Capture("nic-vfs"), "01:10.4")
    #expect(ending.status == 0 && json.codes == [])
  }

  // MARK: What the host uses

  @Test func theRootDiskStaysWhateverIsForced() throws {
    let capture = try Capture("nvme-root")
    let (_, json) = try check(capture, "01:00.0")
    let finding = try #require(json.finding("root-storage"))
    #expect(finding["forceable"]?.bool == false)
    #expect(
      finding["evidence"]?.texts?.contains { $0.contains("mount /") && $0.contains("nvme0n1p") } == true, "\(finding)")
    let before = try capture.picture()
    #expect(try capture.hostdev("bind", "01:00.0", "--force=root-storage").status == 1)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func otherDisksOfTheHostCanBeForced() throws {
    let capture = try Capture("nvme-root")
    for disk in ["0000:02:00.0", "0000:03:00.0"] {
      let (_, json) = try check(capture, disk)
      #expect(json.errorCodes == ["root-storage"], "\(disk)")
      #expect(json.finding("root-storage")?["forceable"]?.bool == true)
      #expect(try check(capture, disk, "--force=root-storage").0.status == 0)
    }
    // Native multipath hides the namespace from the function's own folder; the mount is found all the same.
    let hidden = try check(capture, "0000:03:00.0").1
    #expect(hidden.finding("root-storage")?["evidence"]?.texts?.contains { $0.contains("mount") } == true)
    #expect(try check(capture, "0000:04:00.0").0.status == 0)
  }

  @Test func aDiskBehindAVMDIsTheHosts() throws {
    let (_, json) = try check(Capture("vmd"), "10000:e1:00.0")
    #expect(json.finding("root-storage")?["forceable"]?.bool == false)
    // The VMD's driver makes the disks: none can go with it.
    #expect(json.errorCodes.contains("group-blocked") && json["missing"]?.texts == [])
  }

  @Test func theDefaultRouteSaysSo() throws {
    let (_, json) = try check(Capture(), "03:00.0")
    #expect(json.errorCodes == ["host-network"])
    #expect(json.finding("host-network")?["message"]?.text?.contains("default route") == true)
    #expect(json.finding("host-network")?["forceable"]?.bool == true)
  }

  @Test func theOnlyDisplayAndTheLastKeyboardStay() throws {
    let capture = try Capture()
    #expect(try check(capture, "00:02.0").1.errorCodes == ["host-display"])
    #expect(try check(capture, "00:14.0").1.errorCodes.contains("host-input"))
  }

  @Test func withoutAnIOMMUNothingGoes() throws {
    let capture = try Capture("no-iommu")
    let (_, json) = try check(capture, "01:00.0")
    let finding = try #require(json.finding("iommu-off"))
    #expect(finding["forceable"]?.bool == false)
    #expect(finding["remedy"]?.text?.contains("intel_iommu=on") == true)
    #expect(finding["evidence"]?.texts?.contains { $0.contains("/proc/cmdline") } == true)
    #expect(try capture.hostdev("bind", "01:00.0", "--force=root-storage").status == 1)
  }

  @Test func aGuestThatRunsKeepsItsDevice() throws {
    let capture = try Capture("alveo-grub")
    try capture.file("/proc/4242/comm", "qemu-system-x86\n")
    try capture.file(
      "/proc/4242/stat", "4242 (qemu-system-x86) S 1 4242 4242 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n")
    try capture.file("/proc/4242/cmdline", "qemu-system-x86_64\0-name\0guest\0")
    try capture.folder("/proc/4242/fd")
    try capture.link("/proc/4242/fd/30", to: "/dev/vfio/12")
    let before = try capture.picture()
    let ending = try capture.hostdev("release", "--json", "01:00.0")
    #expect(ending.status == 1, "\(ending)")
    let finding = try #require(try ending.json.finding("guest-running"))
    #expect(finding["message"]?.text?.contains("4242") == true && finding["forceable"]?.bool == false)
    #expect(try capture.hostdev("release", "01:00.0", "--force=guest-running").status == 1)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func aDirectReservedRegionIsRefused() throws {
    let capture = try Capture()
    try capture.file(
      "/sys/kernel/iommu_groups/12/reserved_regions",
      "0x00000000dd000000 0x00000000dfffffff direct\n0x00000000fee00000 0x00000000feefffff msi\n")
    let (_, json) = try check(capture, "01:00")
    #expect(json.errorCodes == ["reserved-region"])
    try capture.file(
      "/sys/kernel/iommu_groups/12/reserved_regions", "0x00000000dd000000 0x00000000dfffffff direct-relaxable\n")
    #expect(try check(capture, "01:00").0.status == 0)
  }

  @Test func aDeadFunctionIsRefused() throws {
    let capture = try Capture()
    try capture.file(Capture.folder(card[1]) + "/config", [UInt8](repeating: 0xff, count: 4096))
    let (_, json) = try check(capture, "01:00")
    #expect(json.errorCodes.contains("dead") && json.finding("dead")?["functions"]?.texts == [card[1]])
  }

  @Test func acsOverrideAndStaleOverridesAreSaid() throws {
    let capture = try Capture()
    let line = try capture.text("/proc/cmdline").trimmingCharacters(in: .newlines)
    try capture.file("/proc/cmdline", line + " pcie_acs_override=downstream\n")
    let (ending, json) = try check(capture, "01:00")
    #expect(ending.status == 0 && json.codes.contains("acs-override"))
    try capture.file(Capture.folder("0000:00:08.0") + "/driver_override", "nothing\n")
    #expect(try check(capture, "00:08.0").1.codes.contains("stale-override"))
  }

  // MARK: Options

  @Test func forceIsOneByOne() throws {
    let capture = try Capture("gpu")
    let set = ["00:02.0"]
    #expect(try capture.run(["check"] + set).status == 1)
    #expect(try capture.run(["check", "--force=host-display"] + set).status == 0)
    #expect(try capture.run(["check", "--force=host-network"] + set).status == 1)
    #expect(try capture.run(["check", "--force=host-network,host-display"] + set).status == 0)
    #expect(try capture.run(["check", "--force=host-network", "--force=host-display"] + set).status == 0)
    for word in ["--force", "--force=all", "--force=", "--force=host-display,", "--force=HOST-DISPLAY"] {
      #expect(try capture.run(["check"] + set + [word]).status == 64, "\(word)")
    }
  }

  @Test func aSetMustBeNamed() throws {
    let capture = try Capture()
    for command in ["check", "bind", "release", "show", "xml", "reset"] {
      #expect(try capture.run([command]).status == 64, "\(command)")
    }
  }
}
