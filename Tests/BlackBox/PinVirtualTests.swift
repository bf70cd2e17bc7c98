import Foundation
import Testing

private let physical = "0000:01:00.1"
private let file = "/etc/hostdev/pins.d/card.json"

/// Pins of a physical function that stays with the host, and of the virtual ones that it must have.
@Suite struct PinVirtualTests {
  private static let declare = [
    "pin", "card", "net:enp1s0f1", "--vfs", "2", "--bind", "--mac", "0=52:54:00:00:09:00", "--vlan", "7",
  ]

  private func pinned() throws -> Capture {
    let capture = try Capture("nic-vfs")
    let ending = try capture.run(Self.declare)
    guard ending.status == 0 else { throw Trouble("\(ending)") }
    return capture
  }

  @Test func theFileSaysWhatIsAsked() throws {
    let capture = try pinned()
    let json = try JSONSerialization.jsonObject(with: Data(capture.bytes(file))) as? [String: Any]
    let declared = try #require(json?["vfs"] as? [String: Any])
    #expect(declared["count"] as? Int == 2 && declared["driver"] as? String == "vfio-pci")
    let functions = declared["functions"] as? [[String: Any]]
    #expect(functions?.first?["mac"] as? String == "52:54:00:00:09:00" && functions?.last?["vlan"] as? String == "7")
    #expect(functions?.last?["index"] as? Int == 1 && functions?.last?["mac"] == nil)
    // The physical one stays where it is.
    #expect(json?["driver"] == nil)
    #expect((json?["functions"] as? [[String: Any]])?.compactMap { $0["address"] as? String } == [physical])
    // Declaring moves nothing.
    #expect(!capture.exists(Capture.folder(twoVirtual[1])))
  }

  /// Without --bind the host has the choice, and a driver's name would be forgotten in silence.
  @Test func aDriverThatNobodyWouldUseIsRefused() throws {
    let capture = try Capture("nic-vfs")
    let ending = try capture.hostdev("pin", "card", "net:enp1s0f1", "--vfs", "2", "--driver", "vfio-pci")
    #expect(ending.status == 64 && ending.errors.contains("--driver needs --bind"), "\(ending)")
    #expect(capture.names("/etc/hostdev/pins.d") == [])
    #expect(try capture.hostdev("pin", "card", "net:enp1s0f1", "--vfs", "2").status == 0)
  }

  @Test func applyMakesThemAndThenThereIsNothingToDo() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("pins", "--check").status == 1)
    let applied = try capture.hostdev("apply", "--json")
    #expect(applied.status == 0, "\(applied)")
    #expect(try applied.json["pins"]?.list?.first?["result"]?.text == "done")
    #expect(capture.driver(physical) == "igb")
    #expect(
      try capture.places(Array(twoVirtual.dropFirst())) == twoVirtual.dropFirst().map { "\($0): vfio-pci vfio-pci" })
    #expect(capture.virtualSettings()["0 mac"] == "52:54:00:00:09:00" && capture.virtualSettings()["1 vlan"] == "7")
    let before = try capture.standing()
    let again = try capture.hostdev("apply", "--json")
    #expect(try again.json["pins"]?.list?.first?["result"]?.text == "in-place", "\(again)")
    #expect(try differences(before, capture.standing()) == [])
    let shown = try capture.hostdev("pins", "--check", "--json")
    #expect(shown.status == 0, "\(shown)")
    let one = try shown.json["pins"]?.list?.first?["vfs"]?["functions"]?.list
    #expect(one?.compactMap { $0["address"]?.text } == Array(twoVirtual.dropFirst()))
    // The records name the pin, and what it declares is not pruned.
    #expect(try capture.hostdev("apply", "--prune").status == 0)
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci")
  }

  /// A card that is plugged into a running host gets its virtual functions once its driver is bound. The output is true
  /// of each function.
  @Test func theyFollowTheirDriver() throws {
    let capture = try pinned()
    let before = try capture.standing()
    #expect(try capture.hostdev("apply", "--appeared", physical).status == 0)
    #expect(try differences(before, capture.standing()) == [], "that is before its driver")
    let made = try capture.hostdev("apply", "--driven", physical)
    #expect(made.status == 0, "\(made)")
    #expect(made.output.contains("card: \(physical) has 2 VFs\n"), "\(made)")
    #expect(made.output.contains("card: \(twoVirtual[1]) created: vfio-pci, override vfio-pci"), "\(made)")
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci")
  }

  /// What is new has no past, though another one had its address.
  @Test func aNewOneIsTheHostsAgainOnceItIsReleased() throws {
    let capture = try Capture("nic-vfs")
    #expect(capture.driver("0000:01:10.4") == "vfio-pci")
    #expect(try capture.hostdev("sriov", "01:00.0", "--vfs", "2", "--bind").status == 0)
    let released = try capture.hostdev("release", "01:10.4")
    #expect(released.status == 0 && capture.driver("0000:01:10.4") == "igbvf", "\(released)")
  }

  /// A pin may name a virtual function that another one makes.
  @Test func whatIsMadeIsThereForOtherPins() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.hostdev("pin", "a-guest", twoVirtual[1]).status == 0)
    #expect(try capture.hostdev("sriov", physical, "--vfs", "0").status == 0)
    #expect(!capture.exists(Capture.folder(twoVirtual[1])))
    let ending = try capture.hostdev("apply")
    #expect(ending.status == 0, "\(ending)")
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci")
  }

  /// Before anything is taken away.
  @Test func anAddressOfAGroupIsNobodys() throws {
    let capture = try Capture("nic-vfs")
    let before = try capture.standing()
    let ending = try capture.hostdev("sriov", physical, "--vfs", "2", "--mac", "0=53:54:00:00:09:00")
    #expect(ending.status == 64 && ending.errors.contains("53:54:00:00:09:00"), "\(ending)")
    #expect(try differences(before, capture.standing()) == [])
  }

  /// If hostdev cannot tell which card it is, it gives nothing of the pin back.
  @Test func ofAPinInDoubtNothingIsPruned() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("apply").status == 0)
    try capture.file("\(Capture.folder(physical))/device", "0xbeef\n")
    let uevent = "\(Capture.folder(physical))/uevent"
    try capture.file(uevent, capture.text(uevent).replacingOccurrences(of: "8086:1521", with: "8086:BEEF"))
    let ending = try capture.hostdev("apply", "--prune", "--json")
    #expect(ending.status == 1, "\(ending)")
    #expect(try ending.json["pruned"]?.list?.isEmpty == true, "\(ending)")
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci" && capture.driver(twoVirtual[2]) == "vfio-pci")
  }

  @Test func whatIsNotAsDeclaredIsSeenAndPutRight() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.hostdev("release", twoVirtual[2]).status == 0)
    let shown = try capture.hostdev("pins", "--check")
    #expect(shown.status == 1 && shown.output.contains("not on vfio-pci"), "\(shown)")
    #expect(try capture.hostdev("apply").status == 0)
    #expect(capture.driver(twoVirtual[2]) == "vfio-pci")
    // Another program gave one another VLAN.
    try capture.file("/run/hostdev-simulator/settings/\(physical)/1/vlan", "9\n")
    let changed = try capture.hostdev("pins", "--check")
    #expect(changed.status == 1 && changed.output.contains("vlan is 9, not 7"), "\(changed)")
    #expect(try capture.hostdev("apply").status == 0)
    #expect(capture.virtualSettings()["1 vlan"] == "7")
    // And all of them are gone, as after a boot.
    try capture.remove("/run/hostdev")
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "0").status == 0)
    let gone = try capture.hostdev("pins", "--check")
    #expect(gone.status == 1 && gone.output.contains("has 0 VFs, not 2"), "\(gone)")
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.hostdev("pins", "--check").status == 0)
  }

  /// In an initramfs the physical one has no driver yet, and none may be taken from it.
  @Test func anInitramfsLeavesThemToALaterHour() throws {
    let capture = try pinned()
    let before = try capture.picture()
    let early = try capture.hostdev("apply", "--early")
    #expect(early.status == 0, "\(early)")
    #expect(try differences(before, capture.picture()) == [])
    #expect(capture.driver(physical) == "igb")
  }

  @Test func whatNoPinDeclaresIsGivenBack() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.hostdev("unpin", "card").status == 0)
    let pruned = try capture.hostdev("apply", "--prune", "--json")
    #expect(pruned.status == 0, "\(pruned)")
    #expect(twoVirtual.dropFirst().map { capture.driver($0) } == ["igbvf", "igbvf"])
  }

  @Test func oneThatAGuestHasIsNotTakenForAnotherNumber() throws {
    let capture = try pinned()
    #expect(try capture.hostdev("apply").status == 0)
    #expect(try capture.run(["pin", "card", "01:00.1", "--vfs", "3", "--bind", "--replace"]).status == 0)
    let group = try FileManager.default.destinationOfSymbolicLink(
      atPath: capture.path + Capture.folder(twoVirtual[1]) + "/iommu_group"
    ).split(separator: "/").last.map(String.init)
    try capture.file("/proc/4242/comm", "qemu-system-x86\n")
    try capture.file("/proc/4242/fd/0", "")
    try capture.link("/proc/4242/fd/7", to: "/dev/vfio/\(try #require(group))")
    let applied = try capture.hostdev("apply", "--json")
    #expect(applied.status == 1, "\(applied)")
    #expect(try applied.json["pins"]?.list?.first?["result"]?.text == "refused")
    #expect(applied.output.contains("has-vfs"))
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci")
  }

  @Test(arguments: [
    (#""count": 2"#, #""count": -1"#, "vfs.count"), (#""count": 2"#, #""count": "2""#, "vfs.count"),
    (#""index": 1"#, #""index": 2"#, "vfs.functions[1].index"),
    (#""index": 1"#, #""index": 0"#, "vfs.functions[1].index"),
    (#""vlan": "7""#, #""vlan": "5000""#, "vlan"), (#""vlan": "7""#, #""vlam": "7""#, "vlam"),
    (#""match": "path""#, #""driver": "vfio-pci", "match": "path""#, "driver"),
  ])
  func aMistakeIsToldWithLineAndKey(text: String, mistake: String, key: String) throws {
    let capture = try pinned()
    let whole = try capture.text(file)
    let place = try #require(whole.range(of: text))
    try capture.file(file, whole.replacingCharacters(in: place, with: mistake))
    let ending = try capture.hostdev("pins", "card")
    #expect(ending.status == 65 && ending.errors.contains(key) && ending.errors.contains(file), "\(ending)")
  }

  @Test(arguments: [["--bind"], ["--vlan", "1"], ["--vfs", "-1"], ["--vfs", "1", "--mac", "1=52:54:00:00:00:01"]])
  func whatCannotBeMeantIsUsage(words: [String]) throws {
    #expect(try Capture("nic-vfs").run(["pin", "card", "01:00.1"] + words).status == 64)
  }
}
