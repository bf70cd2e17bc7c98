import Foundation
import Testing

/// Captures that lack things: what is not there is unknown, and unknown is not no.
@Suite struct SparseTests {
  @Test func withoutTheGroupsFolderGroupsAreUnknown() throws {
    let capture = try Capture()
    try capture.remove("/sys/kernel/iommu_groups")
    for address in capture.addresses { try capture.remove(Capture.folder(address) + "/iommu_group") }
    for device in try capture.hostdev("list", "--all", "--json").json.devices {
      #expect(device["iommu_group"] == .null && device["unknown"]?.texts?.contains("iommu_group") == true, "\(device)")
    }
    #expect(try capture.hostdev("list", "01:00").lines.last?.contains("?") == true)
    let ending = try capture.hostdev("check", "--json", "01:00")
    #expect(ending.status == 0, "nothing can be harmed in a rehearsal: \(ending)")
    let finding = try #require(try ending.json.finding("unknown-group"))
    #expect(finding["severity"]?.text == "warning" && finding["forceable"]?.bool == true)
    #expect(try !ending.json.codes.contains("no-group") && !ending.json.codes.contains("iommu-off"))
  }

  @Test func aFunctionWithoutAGroupAmongOthersHasNone() throws {
    let capture = try Capture()
    try capture.remove(Capture.folder(card[0]) + "/iommu_group")
    try capture.remove("/sys/kernel/iommu_groups/12/devices/\(card[0])")
    let ending = try capture.hostdev("check", "--json", "01:00")
    #expect(ending.status == 1, "\(ending)")
    #expect(try ending.json.errorCodes == ["no-group"])
    let device = try #require(try capture.hostdev("list", "--json", "01:00.0").json.devices.first)
    #expect(device["iommu_group"] == .null && device["unknown"]?.texts?.contains("iommu_group") == false)
    #expect(device["verdict"]?.text == "refused")
  }

  @Test func aBareCaptureIsUnderstood() throws {
    let capture = try Capture()
    for name in capture.names("/") where name != "sys" { try capture.remove("/\(name)") }
    for name in capture.names("/sys") where name != "bus" && name != "devices" { try capture.remove("/sys/\(name)") }
    for address in capture.addresses {
      for file in capture.names(Capture.folder(address)) where file != "uevent" {
        try capture.remove(Capture.folder(address) + "/" + file)
      }
    }
    let list = try capture.hostdev("list", "--all", "--json")
    #expect(list.status == 0, "\(list)")
    #expect(try list.json.devices.count == 19)
    let show = try capture.hostdev("show", "--all", "--json")
    #expect(show.status == 0, "\(show)")
    for device in try show.json.devices {
      let unknown = Set(device["unknown"]?.texts ?? [])
      #expect(
        unknown.isSuperset(of: ["iommu_group", "revision", "capabilities", "power_state", "header_type"]), "\(unknown)")
    }
    let check = try capture.hostdev("check", "--json", "01:00")
    #expect(check.status == 0 || check.status == 1, "\(check)")
    #expect(try check.json.codes.contains { $0.hasPrefix("unknown-") })
    // There is no driver_override to write: that is the kernel's answer, and nothing is left over.
    let bound = try capture.hostdev("bind", "--json", "01:00")
    #expect(bound.status == 2, "\(bound)")
    #expect(try capture.interrupted() == [])
  }

  @Test func singleAttributesStandInForUevent() throws {
    let capture = try Capture()
    let before = try capture.hostdev("list", "--all", "--json").json
    for address in capture.addresses { try capture.remove(Capture.folder(address) + "/uevent") }
    #expect(try capture.hostdev("list", "--all", "--json").json == before)
  }

  @Test func withoutNamesTheIdsRemain() throws {
    let capture = try Capture()
    try capture.file("/usr/share/misc/pci.ids", "")
    let list = try capture.hostdev("list", "01:00")
    #expect(list.status == 0 && list.output.contains("[10ee:5000]"), "\(list)")
    try capture.remove("/usr")
    #expect(try capture.hostdev("list", "01:00").status == 0)
  }

  @Test func aCaptureWithoutFunctionsIsMalformedOrEmpty() throws {
    let capture = try Capture()
    for address in capture.addresses { try capture.remove("/sys/bus/pci/devices/\(address)") }
    let none = try capture.hostdev("list", "--json")
    #expect(none.status == 0, "\(none)")
    #expect(try none.json.devices == [])
    #expect(try capture.hostdev("check", "01:00").status == 66)
    try capture.remove("/sys/bus/pci/devices")
    let broken = try capture.hostdev("list", "--json")
    #expect(broken.status == 65, "\(broken)")
    #expect(try broken.json["error"]?["path"]?.text == "/sys/bus/pci/devices")
    #expect(broken.errors.contains("hostdev snapshot"), "\(broken)")
  }

  @Test func aRootThatIsNotThereIsSaid() throws {
    for words in [["list"], ["bind", "01:00"], ["status"]] {
      let ending = try Command.run([Program.path] + words + ["--json", "--root", "/nonexistent/capture"])
      #expect(ending.status == 66, "\(ending)")
      #expect(ending.errors.contains("/nonexistent/capture") && ending.errors.contains("ENOENT"), "\(ending)")
      #expect(try ending.json["error"]?["errno"]?.text == "ENOENT")
    }
  }

  // MARK: Configuration space

  @Test func configurationSpaceOfEveryLength() throws {
    let tally = Tally("config lengths")
    let capture = try Capture()
    let file = Capture.folder(card[0]) + "/config"
    let whole = try capture.bytes(file)
    for length in [0, 1, 3, 4, 63, 64, 65, 255, 256, 257, 4095, 4096] {
      try capture.file(file, whole.prefix(length) + [UInt8](repeating: 0, count: max(0, length - whole.count)))
      let ending = try capture.hostdev("show", "--json", "01:00.0")
      #expect(ending.status == 0, "\(length): \(ending)")
      let device = try #require(try ending.json.devices.first)
      let unknown = Set(device["unknown"]?.texts ?? [])
      // The 64 bytes that the kernel shows to every user say where the capabilities begin, and not what they are.
      if length < 70 { #expect(unknown.contains("capabilities") && unknown.contains("link"), "\(length): \(unknown)") }
      if length >= 256 { #expect(!unknown.contains("capabilities") && !unknown.contains("link"), "\(length)") }
      if length < 4096, length <= 256 { #expect(unknown.contains("extended_capabilities"), "\(length): \(unknown)") }
      if length < 14 { #expect(device["header_type"]?.int == 0 || unknown.contains("header_type"), "\(length)") }
      tally.count(ending.status == 0)
    }
    tally.report(atLeast: 12)
  }

  @Test func chainsThatLoopOrPointPastTheEnd() throws {
    let tally = Tally("capability chains")
    let capture = try Capture()
    let file = Capture.folder(card[0]) + "/config"
    let whole = try capture.bytes(file)
    var changes: [(String, (inout [UInt8]) -> Void)] = [
      ("first points past the header only", { $0[0x34] = 0x10 }), ("first points to the end", { $0[0x34] = 0xfc }),
      ("first is odd", { $0[0x34] = 0xff }), ("first is null", { $0[0x34] = 0 }),
      (
        "extended points to itself",
        {
          $0[0x102] = 0x01 | ($0[0x102] & 0x0f); $0[0x103] = 0x10
        }
      ),
      (
        "extended points to the end",
        {
          $0[0x102] = 0xf0 | ($0[0x102] & 0x0f); $0[0x103] = 0xff
        }
      ),
      (
        "extended points below 0x100",
        {
          $0[0x102] = 0x00 | ($0[0x102] & 0x0f); $0[0x103] = 0x04
        }
      ),
      ("extended reads all ones", { for place in 0x100..<0x104 { $0[place] = 0xff } }),
      ("all zero", { $0 = [UInt8](repeating: 0, count: 4096) }),
      ("all ones", { $0 = [UInt8](repeating: 0xff, count: 4096) }),
      ("everything is a capability at 0x40", { for place in 0x40..<0x100 { $0[place] = 0x40 } }),
    ]
    let first = Int(whole[0x34])
    changes.append(("next points to itself", { $0[first + 1] = UInt8(first) }))
    changes.append(("next points to the end", { $0[first + 1] = 0xfe }))
    for (what, change) in changes {
      var bytes = whole
      change(&bytes)
      try capture.file(file, bytes)
      for words in [["show", "--json", "01:00.0"], ["check", "--json", "01:00"], ["show", "01:00"]] {
        let ending = try capture.run(words, seconds: 10)
        #expect(ending.status == 0 || (words[0] == "check" && ending.status == 1), "\(what): \(ending)")
        tally.count(ending.signal == nil)
      }
    }
    tally.report(atLeast: 39)
  }

  // MARK: What vanishes

  @Test func aFunctionThatVanishesIsLeftOut() throws {
    let capture = try Capture()
    try capture.remove("/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1")
    // Its link still stands: as between the listing and the reading of a folder that is being unplugged.
    let ending = try capture.hostdev("list", "--all", "--json")
    #expect(ending.status == 0, "\(ending)")
    #expect(try ending.json.devices.count >= 18)
    for words in [
      ["show", "--all", "--json"], ["show", "--all"], ["check", "01:00.0"], ["status"], ["check", "01:00.1"],
    ] {
      let ending = try capture.run(words)
      #expect(ending.signal == nil && ending.status.map { $0 < 2 || $0 >= 64 } == true, "\(ending)")
    }
    // What is not there cannot be moved.
    #expect(try capture.hostdev("bind", "01:00.1", "--force=slot-incomplete").status != 0)
  }
}
