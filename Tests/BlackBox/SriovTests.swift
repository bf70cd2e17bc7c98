import Foundation
import Testing

private let physical = "0000:01:00.1"
/// Where the kernel puts the first two virtual functions of that port.
let twoVirtual = [physical, "0000:01:10.1", "0000:01:10.5"]

extension Capture {
  /// What the card of `nic-vfs` keeps of the virtual functions of its second port, be it that it was told or not.
  func virtualSettings() -> [String: String] {
    let folder = Self.folder(physical)
    let count = (try? text("\(folder)/sriov_numvfs")).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    let fresh = ["mac": "00:00:00:00:00:00", "vlan": "0", "spoof-check": "on", "trust": "off"]
    var found: [String: String] = [:]
    for index in 0..<(count ?? 0) {
      for (name, value) in fresh {
        let place = "/run/hostdev-simulator/settings/\(physical)/\(index)/\(name)"
        found["\(index) \(name)"] = (try? text(place).trimmingCharacters(in: .whitespacesAndNewlines)) ?? value
      }
    }
    return found
  }

  fileprivate func attribute(_ name: String, of address: String = physical) throws -> String {
    try text("\(Self.folder(address))/\(name)").trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// `sriov`: virtual functions that come, go and change, on the card of a capture.
@Suite struct SriovTests {
  private func card() throws -> Capture { try Capture("nic-vfs") }

  @Test func theyAreMadeForGuestsWithTheirSettings() throws {
    let capture = try card()
    let ending = try capture.hostdev(
      "sriov", "01:00.1", "--vfs", "2", "--bind", "--mac", "0=52:54:00:AA:00:00,1=52:54:00:aa:00:01", "--vlan", "100",
      "--trust", "1=on", "--json")
    #expect(ending.status == 0, "\(ending)")
    let json = try ending.json
    #expect(json["functions"]?.texts == [physical])
    #expect(json["virtual_functions"]?["made"]?.texts == Array(twoVirtual.dropFirst()))
    #expect(json["virtual_functions"]?["gone"]?.texts == [])
    #expect(json["outcome"]?["result"]?.text == "done")
    #expect(try capture.attribute("sriov_numvfs") == "2")
    #expect(try capture.attribute("sriov_drivers_autoprobe") == "1", "put back")
    #expect(
      try capture.places(Array(twoVirtual.dropFirst())) == twoVirtual.dropFirst().map { "\($0): vfio-pci vfio-pci" })
    let settings = capture.virtualSettings()
    #expect(settings["0 mac"] == "52:54:00:aa:00:00" && settings["1 mac"] == "52:54:00:aa:00:01")
    #expect(settings["0 vlan"] == "100" && settings["1 vlan"] == "100")
    #expect(settings["0 trust"] == "off" && settings["1 trust"] == "on" && settings["0 spoof-check"] == "on")
    let status = try capture.hostdev("status", "--json").json
    #expect(status["held"]?.list?.compactMap { $0["address"]?.text } == Array(twoVirtual.dropFirst()))
    #expect(status["held"]?.list?.allSatisfy { $0["drift"] == .null } == true)
    // They go to the driver that the host would have given them.
    #expect(try capture.hostdev("release", twoVirtual[1]).status == 0)
    #expect(try capture.places([twoVirtual[1]]) == ["\(twoVirtual[1]): igbvf (null)"])
  }

  @Test func theDryRunIsTheWholeStoryInOrder() throws {
    let capture = try card()
    let before = try capture.picture()
    let ending = try capture.hostdev(
      "sriov", "01:00.1", "--vfs", "2", "--bind", "--mac", "1=52:54:00:aa:00:01", "--dry-run")
    let folder = "/sys/bus/pci/devices"
    #expect(
      ending.output.split(separator: "\n").map(String.init) == [
        "set -e",
        "printf %s 0 > \(folder)/\(physical)/sriov_drivers_autoprobe",
        "printf %s 2 > \(folder)/\(physical)/sriov_numvfs",
        "ip link set dev enp1s0f1 vf 1 mac 52:54:00:aa:00:01",
        "printf %s vfio-pci > \(folder)/0000:01:10.1/driver_override",
        "printf %s vfio-pci > \(folder)/0000:01:10.5/driver_override",
        "printf %s 0000:01:10.1 > /sys/bus/pci/drivers/vfio-pci/bind",
        "printf %s 0000:01:10.5 > /sys/bus/pci/drivers/vfio-pci/bind",
        "[ \"$(basename \"$(readlink \(folder)/0000:01:10.1/driver)\")\" = vfio-pci ]",
        "[ \"$(basename \"$(readlink \(folder)/0000:01:10.5/driver)\")\" = vfio-pci ]",
        "printf %s 1 > \(folder)/\(physical)/sriov_drivers_autoprobe",
      ], "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
    let step = try capture.hostdev(
      "sriov", "01:00.1", "--vfs", "2", "--bind", "--mac", "1=52:54:00:aa:00:01", "--dry-run", "--json"
    ).json["plan"]?.list?.first { $0["op"]?.text == "run" }
    #expect(step?["value"]?.text == "ip link set dev enp1s0f1 vf 1 mac 52:54:00:aa:00:01")
    #expect(step?["path"]?.text == "\(folder)/\(physical)/net/enp1s0f1")
  }

  @Test func leftToTheHostItsDriverTakesThem() throws {
    let capture = try card()
    let ending = try capture.hostdev("sriov", "net:enp1s0f1", "--vfs", "2", "--vlan", "1=5")
    #expect(ending.status == 0, "\(ending)")
    #expect(twoVirtual.dropFirst().map { capture.driver($0) } == ["igbvf", "igbvf"])
    #expect(ending.output.contains("0000:01:10.1 created: igbvf"), "\(ending)")
    #expect(capture.virtualSettings()["1 vlan"] == "5")
    #expect(try capture.hostdev("status").output == "hostdev holds nothing, and no run was interrupted.\n")
  }

  /// An administrator who switched the offering off is not overruled.
  @Test func whereNoneIsOfferedTheyStayUnbound() throws {
    let capture = try card()
    try capture.file("\(Capture.folder(physical))/sriov_drivers_autoprobe", "0\n")
    let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "2")
    #expect(ending.status == 0, "\(ending)")
    #expect(twoVirtual.dropFirst().map { capture.driver($0) } == [nil, nil])
    #expect(try capture.attribute("sriov_drivers_autoprobe") == "0")
  }

  @Test func anotherNumberGoesByWayOfNoneAndSaysWhichGo() throws {
    let capture = try card()
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--bind").status == 0)
    let dry = try capture.hostdev("sriov", "01:00.1", "--vfs", "1", "--bind", "--dry-run")
    #expect(dry.output.contains("# warning has-vfs: All 2 virtual functions"), "\(dry)")
    let lines = dry.output.split(separator: "\n").map(String.init)
    let zero = try #require(lines.firstIndex { $0.hasPrefix("printf %s 0 >") && $0.hasSuffix("/sriov_numvfs") })
    for address in twoVirtual.dropFirst() {
      #expect(lines[..<zero].contains("printf %s \(address) > /sys/bus/pci/drivers/vfio-pci/unbind"))
      #expect(lines[..<zero].contains("[ ! -L /sys/bus/pci/devices/\(address)/driver ]"))
    }
    let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "1", "--bind")
    #expect(ending.status == 0 && ending.output.contains("\(twoVirtual[2]) removed"), "\(ending)")
    #expect(try capture.attribute("sriov_numvfs") == "1")
    #expect(!capture.exists(Capture.folder(twoVirtual[2])))
    // The record of what is gone goes with it.
    let held = try capture.hostdev("status", "--json").json["held"]?.list
    #expect(held?.compactMap { $0["address"]?.text } == [twoVirtual[1]])
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "0").status == 0)
    #expect(try capture.hostdev("status").output == "hostdev holds nothing, and no run was interrupted.\n")
  }

  @Test func anEqualNumberIsLeftAndWhatIsAskedIsDone() throws {
    let capture = try card()
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2").status == 0)
    let before = try capture.standing()
    let none = try capture.hostdev("sriov", "01:00.1", "--vfs", "2")
    #expect(none.status == 0 && none.output.contains("has 2 VFs. Unchanged."), "\(none)")
    #expect(try differences(before, capture.standing()) == [])
    let bound = try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--bind", "--spoof-check", "0=off", "--json")
    #expect(bound.status == 0, "\(bound)")
    #expect(try bound.json["virtual_functions"] == nil, "none went and none came")
    #expect(try bound.json["plan"]?.list?.contains { $0["path"]?.text?.hasSuffix("sriov_numvfs") == true } == false)
    #expect(twoVirtual.dropFirst().map { capture.driver($0) } == ["vfio-pci", "vfio-pci"])
    #expect(capture.virtualSettings()["0 spoof-check"] == "off")
    // A setting alone leaves the records as they are.
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--trust", "on").status == 0)
    #expect(try capture.hostdev("status", "--json").json["held"]?.list?.count == 2)
    #expect(try capture.hostdev("release", "--all", "--force=guest-data").status == 0)
    #expect(twoVirtual.dropFirst().map { capture.driver($0) } == ["igbvf", "igbvf"])
  }

  // MARK: Refusals

  @Test func oneThatAGuestHasKeepsThemAll() throws {
    let capture = try card()
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--bind").status == 0)
    let group = try FileManager.default.destinationOfSymbolicLink(
      atPath: capture.path + Capture.folder(twoVirtual[2]) + "/iommu_group"
    ).split(separator: "/").last.map(String.init)
    try capture.file("/proc/4242/comm", "qemu-system-x86\n")
    try capture.file("/proc/4242/cmdline", "qemu-system-x86\u{0}-name\u{0}guest=win10\u{0}")
    try capture.file("/proc/4242/fd/0", "")
    try capture.link("/proc/4242/fd/7", to: "/dev/vfio/\(try #require(group))")
    let before = try capture.picture()
    for count in ["0", "1", "3"] {
      let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", count, "--json")
      #expect(ending.status == 1, "\(ending)")
      let finding = try ending.json["findings"]?.list?.first { $0["code"]?.text == "has-vfs" }
      #expect(finding?["severity"]?.text == "error" && finding?["forceable"] == .bool(false), "\(ending)")
      #expect(finding?["message"]?.text?.contains("\(twoVirtual[2]) is open in pid 4242") == true, "\(ending)")
      #expect(finding?["message"]?.text?.contains("EBUSY") == true)
      #expect(try ending.json["findings"]?.list?.contains { $0["code"]?.text == "guest-running" } == true)
      let forced = try capture.hostdev("sriov", "01:00.1", "--vfs", count, "--force=has-vfs,guest-running")
      #expect(forced.status == 1, "\(forced)")
    }
    #expect(try differences(before, capture.picture()) == [])
    // The same number changes nothing of it.
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--trust", "on").status == 0)
  }

  @Test func whatTheHostUsesKeepsThemToo() throws {
    let capture = try card()
    let table = try capture.text("/proc/net/if_inet6")
    try capture.file("/proc/net/if_inet6", table + "20010db8000000000000000000000001 07 40 00 80 enp1s0f0v2\n")
    let ending = try capture.hostdev("sriov", "01:00.0", "--vfs", "2")
    #expect(ending.status == 1 && ending.output.contains("host-network"), "\(ending)")
    #expect(ending.output.contains("0000:01:11.0"), "which one: \(ending)")
    #expect(try capture.attribute("sriov_numvfs", of: "0000:01:00.0") == "4")
    let forced = try capture.hostdev("sriov", "01:00.0", "--vfs", "2", "--force=host-network")
    #expect(forced.status == 0, "\(forced)")
    #expect(try capture.attribute("sriov_numvfs", of: "0000:01:00.0") == "2")
  }

  @Test(arguments: [
    (["01:00.1", "--vfs", "8"], "too-many-vfs", "ERANGE"), (["02:00.0", "--vfs", "1"], "no-sriov", "ENOENT"),
    (["01:10.0", "--vfs", "1"], "no-sriov", "is itself a virtual function"),
  ])
  func theKernelsReasonIsNamed(words: [String], code: String, reason: String) throws {
    let capture = try card()
    let before = try capture.picture()
    let ending = try capture.run(["sriov"] + words)
    #expect(ending.status == 1 && ending.output.contains(code) && ending.output.contains(reason), "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func aPhysicalFunctionOnVFIOOrUnboundMakesNone() throws {
    let capture = try card()
    #expect(try capture.hostdev("bind", "01:00.1", "--force=host-network").status == 0)
    let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "1")
    #expect(
      ending.status == 1 && ending.output.contains("no-sriov-driver") && ending.output.contains("vfio-pci"), "\(ending)"
    )
    #expect(try capture.hostdev("release", "01:00.1", "--leave-unbound").status == 0)
    let unbound = try capture.hostdev("sriov", "01:00.1", "--vfs", "1")
    #expect(unbound.status == 1 && unbound.output.contains("no driver"), "\(unbound)")
  }

  @Test func aKernelThatRefusesIsExplained() throws {
    for (errno, reason) in [
      ("ENOENT", "sriov_configure"), ("ERANGE", "sriov_totalvfs"), ("ENOMEM", "pci=assign-busses"),
    ] {
      let capture = try card()
      try capture.fault(
        #"{"writes": [{"path": "\#(Capture.folder(physical))/sriov_numvfs", "value": "2", "errno": "\#(errno)"}]}"#)
      let before = try capture.standing()
      let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--bind")
      #expect(ending.status == 2 && ending.errors.contains(errno) && ending.errors.contains(reason), "\(ending)")
      #expect(try differences(before, capture.standing()) == [])
    }
  }

  @Test func settingsAreANetworkCards() throws {
    let capture = try card()
    try capture.remove("\(Capture.folder(physical))/net")
    let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "1", "--trust", "on")
    #expect(ending.status == 64 && ending.errors.contains("no network interface"), "\(ending)")
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "1").status == 0)
  }

  @Test(arguments: [
    ["--vfs", "-1"], ["--vfs", "x"], ["--vfs", "70000"], [], ["--vfs", "2", "--driver", "vfio-pci"],
    ["--vfs", "2", "--mac", "52:54:00:00:00:01"], ["--vfs", "2", "--mac", "2=52:54:00:00:00:01"],
    ["--vfs", "2", "--mac", "0=52:54:00:00:00"], ["--vfs", "2", "--vlan", "4095"], ["--vfs", "2", "--trust", "yes"],
    ["--vfs", "2", "--mac", "0=52:54:00:00:00:01,1=52:54:00:00:00:01"], ["--vfs", "2", "--vlan", "x=1"],
    ["--vfs", "0", "--vlan", "0=1"], ["--vfs", "2", "--bind", "--driver", "../x"],
  ])
  func whatCannotBeMeantIsUsage(words: [String]) throws {
    let ending = try card().run(["sriov", "01:00.1"] + words)
    #expect(ending.status == 64, "\(ending)")
  }

  @Test func oneFunctionAtATime() throws {
    let ending = try card().hostdev("sriov", "01:00", "--vfs", "1")
    #expect(ending.status == 64 && ending.errors.contains("0000:01:00.1"), "\(ending)")
    #expect(try card().hostdev("sriov", "09:00.0", "--vfs", "1").status == 66)
  }

  // MARK: Held meanwhile

  /// A guest opens one after our check: its unbind waits, and 0 is never written.
  @Test func oneThatIsOpenedMeanwhileIsNotTakenAway() throws {
    let capture = try card()
    #expect(try capture.hostdev("sriov", "01:00.1", "--vfs", "2", "--bind").status == 0)
    try capture.file("/run/hostdev-simulator/holders/\(twoVirtual[2])", "")
    let ending = try capture.hostdev("sriov", "01:00.1", "--vfs", "0", "--timeout", "1")
    #expect(ending.status == 4, "\(ending)")
    #expect(ending.seconds < 3)
    #expect(try capture.attribute("sriov_numvfs") == "2")
    #expect(capture.driver(twoVirtual[1]) == "vfio-pci", "the other one was put back: \(ending)")
    #expect(try capture.hostdev("recover").status == 4)
    #expect(try capture.attribute("sriov_numvfs") == "2")
    try capture.remove("/run/hostdev-simulator/holders/\(twoVirtual[2])")
    let recovered = try capture.hostdev("recover")
    #expect(recovered.status == 0, "\(recovered)")
    #expect(
      try capture.places(Array(twoVirtual.dropFirst())) == twoVirtual.dropFirst().map { "\($0): vfio-pci vfio-pci" })
  }

  /// Another program moves a VF while the VF count is being changed: the count is not changed again.
  @Test func oneThatSomebodyElseTookIsNotTakenAway() throws {
    let capture = try card()
    let command = try capture.start(
      "sriov", "01:00.1", "--vfs", "2", "--bind",
      environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "5:\(capture.path)/go"])
    try waitUntil("they are there") { capture.exists(Capture.folder(twoVirtual[2]) + "/vendor") }
    usleep(100_000)
    try capture.file(Capture.folder(twoVirtual[2]) + "/driver_override", "stranger\n")
    try capture.fault(
      #"{"writes": [{"path": "/sys/bus/pci/drivers/vfio-pci/bind", "value": "\#(twoVirtual[1])", "errno": "EIO"}]}"#)
    try capture.file("/go", "")
    let ending = try command.finish()
    #expect(ending.status == 3 && ending.errors.contains("stranger"), "\(ending)")
    #expect(try capture.attribute("sriov_numvfs") == "2")
    #expect(try capture.override(twoVirtual[2]) == "stranger")
    #expect(try capture.interrupted().count == 1)
  }
}
