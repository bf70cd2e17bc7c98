import Foundation
import Testing

/// The driver of a VMD makes the disks behind it, so its unbind removes them: together they are a contradiction.
@Suite struct RemovedFunctionsTests {
  private let controller = "0000:00:0e.0"
  private let disks = ["10000:e1:00.0", "10000:e2:00.0"]

  /// Nothing of the host is on the disks.
  private func unused() throws -> Capture {
    let capture = try Capture("vmd")
    try capture.file("/etc/fstab")
    try capture.file("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n")
    for process in ["self", "1"] {
      let place = "/proc/\(process)/mountinfo"
      let lines = try capture.text(place).split(separator: "\n").filter { !$0.contains("/dev/nvme") }
      try capture.file(place, lines.joined(separator: "\n") + "\n")
    }
    let words = try capture.text("/proc/cmdline").split(separator: " ").filter { !$0.hasPrefix("root=") }
    try capture.file("/proc/cmdline", words.joined(separator: " "))
    return capture
  }

  /// Every `hostdev bind` that a command prints.
  private func advised(_ capture: Capture, _ words: String...) throws -> [String] {
    let findings = try capture.run(words + ["--json"]).json.findings
    return findings.compactMap { $0["remedy"]?.text }.filter { $0.contains("hostdev bind") }
  }

  @Test func noSetOfBothIsAdvised() throws {
    let capture = try unused()
    for set in [[disks[1]], disks, [controller], [controller] + disks, ["group:5"]] {
      for command in ["check", "bind"] {
        let words = [command] + set + (command == "bind" ? ["--dry-run"] : [])
        let advice = try capture.run(words + ["--json"]).json.findings.compactMap { $0["remedy"]?.text }
        #expect(advice.allSatisfy { !($0.contains("bind") && $0.contains(controller) && $0.contains("10000:")) })
      }
    }
    let alone = try capture.hostdev("check", disks[1], "--json")
    #expect(try alone.status == 1 && alone.json["missing"]?.texts == [])
    #expect(try alone.json.errorCodes == ["group-blocked"])
    #expect(try capture.hostdev("list", disks[1], "--json").json.devices.first?["verdict"]?.text == "refused")
  }

  @Test func bothTogetherAreRefused() throws {
    let capture = try unused()
    let before = try capture.picture()
    for set in [[controller, disks[0]], ["group:5"]] {
      let ending = try capture.run(["bind"] + set + ["--json"])
      #expect(ending.status == 1, "\(ending)")
      #expect(try ending.json.errorCodes.contains("removes-functions"))
      #expect(try capture.run(["bind", "--force=removes-functions"] + set).status == 1)
    }
    // What must move with a disk is never the controller.
    #expect(try capture.hostdev("bind", "--whole", disks[0]).status == 1)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func theControllerAloneGoesAndItsDisksComeBackWithIt() throws {
    let capture = try unused()
    let check = try capture.hostdev("check", controller, "--json").json
    #expect(check.errorCodes.isEmpty && check.codes.contains("removes-functions"))
    let before = try capture.standing()
    #expect(try capture.hostdev("bind", controller).status == 0)
    #expect(capture.driver(controller) == "vfio-pci")
    #expect(capture.addresses.allSatisfy { !$0.hasPrefix("10000:") })
    #expect(capture.names("/sys/kernel/iommu_groups/5/devices") == [controller])
    #expect(try capture.hostdev("release", controller).status == 0)
    #expect(try differences(before, capture.standing()) == [])
    #expect(disks.map { capture.driver($0) } == ["nvme", "nvme"])
  }

  @Test func killedAfterAnyWriteTheDisksComeBack() throws {
    let before = try unused().standing()
    for n in 1...3 {
      let capture = try unused()
      _ = try capture.hostdev("bind", controller, environment: ["HOSTDEV_KILL_AFTER": "\(n)"])
      #expect(try capture.hostdev("recover").status == 0, "after \(n)")
      if capture.driver(controller) == "vfio-pci" { #expect(try capture.hostdev("release", controller).status == 0) }
      #expect(try differences(before, capture.standing()) == [], "after \(n)")
    }
  }

  @Test func theRootFileSystemBehindItIsStillRefused() throws {
    let capture = try Capture("vmd")
    for set in [[controller], [controller] + disks] {
      let ending = try capture.run(["bind"] + set + ["--json"])
      #expect(try ending.status == 1 && ending.json.errorCodes.contains("root-storage"))
    }
  }

  /// A VF whose group holds its PF too: the PF is never advised to go with it.
  @Test func aVirtualFunctionAndItsPhysicalOneAreNotAdvised() throws {
    let capture = try Capture("nic-vfs")
    let (physical, virtual) = ("0000:01:00.0", "0000:01:10.0")
    let group = try #require(capture.target(Capture.folder(physical) + "/iommu_group")?.split(separator: "/").last)
    let own = try #require(capture.target(Capture.folder(virtual) + "/iommu_group")?.split(separator: "/").last)
    let link = try #require(capture.target("/sys/kernel/iommu_groups/\(own)/devices/\(virtual)"))
    try capture.remove("/sys/kernel/iommu_groups/\(own)")
    try capture.link("/sys/kernel/iommu_groups/\(group)/devices/\(virtual)", to: link)
    let folder = Capture.folder(virtual) + "/iommu_group"
    try capture.link(folder, to: try #require(capture.target(Capture.folder(physical) + "/iommu_group")))
    let alone = try capture.hostdev("check", virtual, "--json")
    #expect(try alone.status == 1 && alone.json.errorCodes.contains("group-blocked"), "\(alone)")
    #expect(try advised(capture, "check", virtual).allSatisfy { !$0.contains("hostdev bind \(physical)") })
    #expect(try capture.hostdev("check", physical, virtual, "--json").json.errorCodes.contains("removes-functions"))
  }
}
