import Foundation
import TestSupport
import Testing

@Suite struct MoveTests {
  // MARK: There and back

  @Test func theCardGoesAndComesBack() throws {
    let capture = try Capture()
    let before = try capture.picture()
    let bound = try capture.hostdev("bind", "01:00")
    #expect(bound.status == 0, "\(bound)")
    #expect(bound.lines.filter { $0.hasPrefix("ok ") }.count == 2 && bound.errors.isEmpty, "\(bound)")
    #expect(try capture.places(card) == card.map { "\($0): vfio-pci vfio-pci" })
    #expect(capture.exists("/dev/vfio/12") && capture.exists("/dev/vfio/13"))
    let status = try capture.hostdev("status", "--json").json
    let held = status["held"]?.list ?? []
    #expect(held.map { $0["address"]?.text } == card)
    #expect(held.map { $0["home"]?["driver"]?.text } == ["xclmgmt", "xocl"])
    #expect(held.allSatisfy { $0["driver"]?.text == "vfio-pci" && $0["drift"] == .null })
    #expect(status["interrupted"] == .list([]))
    let text = try capture.hostdev("status").output
    #expect(text.contains("xclmgmt") && text.contains("xocl") && text.contains(card[1]))

    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0, "\(released)")
    #expect(try differences(before, capture.picture()) == [])
    #expect(try capture.hostdev("status").output == "hostdev holds nothing, and no run was interrupted.\n")
    #expect(capture.names("/run/hostdev/held") == [] && capture.names("/run/hostdev/journal") == [])
  }

  @Test func releaseAllGivesBackWhatIsHeld() throws {
    let capture = try Capture()
    let before = try capture.picture()
    #expect(try capture.hostdev("release", "--all").status == 0)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("bind", "00:04.0").status == 0)
    #expect(try capture.hostdev("release", "--all").status == 0)
    #expect(try differences(before, capture.picture()) == [])
    #expect(try capture.hostdev("release", "--all", "01:00").status == 64)
  }

  @Test func oneFunctionOfABoundCardCanComeBack() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    #expect(try capture.hostdev("release", "01:00.1").status == 0)
    #expect(try capture.places(card) == ["\(card[0]): vfio-pci vfio-pci", "\(card[1]): xocl (null)"])
    #expect(try capture.hostdev("status", "--json").json["held"]?.list?.map { $0["address"]?.text } == [card[0]])
  }

  @Test func homeIsFoundByTheAliases() throws {
    let capture = try Capture("alveo-grub")
    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0, "\(released)")
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
    // And from there to the guest again, and home.
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("release", "01:00").status == 0)
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): xocl (null)"])
  }

  @Test func whatIsOnVFIOSinceBootIsLeftAsItIs() throws {
    let capture = try Capture("alveo-grub")
    let before = try capture.picture()
    let bound = try capture.hostdev("bind", "01:00")
    #expect(bound.status == 0 && bound.output.contains("is on vfio-pci. Unchanged."), "\(bound)")
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func aReleaseOfWhatIsNotHeldChangesNothing() throws {
    let capture = try Capture()
    let before = try capture.picture()
    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0)
    #expect(
      released.lines == [
        "\(card[0]) is on xclmgmt; hostdev does not hold it. Unchanged.",
        "\(card[1]) is on xocl; hostdev does not hold it. Unchanged.",
      ], "\(released)")
    #expect(try differences(before, capture.picture()) == [])
    #expect(try capture.hostdev("release", "--all").output == "hostdev holds nothing. Unchanged.\n")
  }

  @Test func withoutAliasesNoHomeIsKnownAndThatIsSaid() throws {
    let capture = try Capture("alveo-grub")
    for folder in capture.names("/lib/modules") { try capture.remove("/lib/modules/\(folder)") }
    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0, "\(released)")
    #expect(
      released.errors.contains("its host driver is not known") && released.errors.contains("unbound"), "\(released)")
    #expect(try capture.places(card) == card.map { "\($0): - (null)" })
  }

  @Test func bindingTwiceChangesNothing() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    let before = try capture.picture(including: true).filter { $0.key != "/run/hostdev/lock" }
    let again = try capture.hostdev("bind", "01:00")
    #expect(again.status == 0 && again.output.contains("is on vfio-pci. Unchanged."), "\(again)")
    let after = try capture.picture(including: true).filter { $0.key != "/run/hostdev/lock" }
    #expect(differences(before, after) == [])
    // The home that is remembered is the first one's.
    _ = try capture.hostdev("release", "01:00")
    #expect(card.map { capture.driver($0) } == ["xclmgmt", "xocl"])
  }

  @Test func bindingTheRestOfAHalfBoundCardKeepsBothHomes() throws {
    let capture = try Capture()
    let before = try capture.picture()
    #expect(try capture.hostdev("bind", "01:00.0", "--force=slot-incomplete").status == 0)
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("release", "01:00").status == 0)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func anAdministratorsOverrideComesBackExactly() throws {
    let capture = try Capture()
    // A trailing space is kept by the kernel, and so by us.
    try capture.file(Capture.folder(card[0]) + "/driver_override", "xclmgmt\n")
    try capture.file(Capture.folder("0000:00:08.0") + "/driver_override", "my own word \n")
    let before = try capture.picture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("bind", "00:08.0").status == 0)
    #expect(capture.driver("0000:00:08.0") == "vfio-pci")
    #expect(try capture.hostdev("release", "01:00", "00:08.0").status == 0)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func whatWasUnboundComesBackUnbound() throws {
    let capture = try Capture()
    let before = try capture.picture()
    #expect(try capture.hostdev("bind", "00:08.0").status == 0)
    #expect(try capture.hostdev("status").output.contains("0000:00:08.0"))
    #expect(try capture.hostdev("release", "00:08.0").status == 0)
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func everyAssignableFunctionComesHomeExactly() async throws {
    let tally = Tally("there and back")
    try await forEach(try Fixture.plain.map(\.name)) { fixture in
      let capture = try Capture(fixture)
      let before = try capture.picture()
      for address in capture.addresses where capture.driver(address) != "vfio-pci" {
        guard try capture.hostdev("check", address).status == 0 else { continue }
        let bound = try capture.hostdev("bind", address)
        let released = try capture.hostdev("release", "--force=guest-data", address)
        #expect(bound.status == 0 && released.status == 0, "\(fixture) \(bound)\(released)")
        let left = try differences(before, capture.picture())
        #expect(left == [], "\(fixture) \(address)")
        tally.count(bound.status == 0 && left.isEmpty)
      }
    }
    tally.report(atLeast: 30)
  }

  // MARK: Options

  @Test func theDryRunWritesNothingAndItsLinesAreThePlan() throws {
    let capture = try Capture()
    let before = try capture.picture(including: true)
    let text = try capture.hostdev("bind", "--dry-run", "01:00")
    let plan = try capture.hostdev("bind", "--dry-run", "--json", "01:00").json["plan"]?.list ?? []
    #expect(try differences(before, capture.picture(including: true)) == [])
    #expect(
      text.lines == [
        "set -e", "modprobe vfio-pci ids=",
        "printf %s vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override",
        "printf %s vfio-pci > /sys/bus/pci/devices/0000:01:00.1/driver_override",
        "printf %s 0000:01:00.0 > /sys/bus/pci/drivers/xclmgmt/unbind",
        "printf %s 0000:01:00.1 > /sys/bus/pci/drivers/xocl/unbind",
        "printf %s 0000:01:00.0 > /sys/bus/pci/drivers/vfio-pci/bind",
        "printf %s 0000:01:00.1 > /sys/bus/pci/drivers/vfio-pci/bind",
        "[ \"$(basename \"$(readlink /sys/bus/pci/devices/0000:01:00.0/driver)\")\" = vfio-pci ]",
        "[ \"$(basename \"$(readlink /sys/bus/pci/devices/0000:01:00.1/driver)\")\" = vfio-pci ]",
      ], "overrides of the whole set stand before any unbind: \(text)")
    #expect(plan.count == text.lines.count - 1)
    for (step, line) in zip(plan, text.lines.dropFirst()) where step["op"]?.text == "write" {
      #expect(line == "printf %s \(step["value"]?.text ?? "") > \(step["path"]?.text ?? "")")
    }
    // What is done is what was said.
    #expect(try capture.hostdev("bind", "--json", "01:00").json["plan"]?.list == plan)
    let back = try capture.hostdev("release", "--dry-run", "01:00").lines
    #expect(back.last == "printf '\\n' > /sys/bus/pci/devices/0000:01:00.1/driver_override", "\(back)")
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
  }

  @Test func aRefusedDryRunIsRefused() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "--dry-run", "01:00.0").status == 1)
    #expect(!capture.exists("/run/hostdev"))
  }

  @Test func releaseToAnotherDriver() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    // A driver that does not know the function would probe a device that it was not written for.
    let wrong = try capture.hostdev("release", "--json", "--driver", "igb", "01:00.0")
    #expect(wrong.status == 1, "\(wrong)")
    #expect(try wrong.json.errorCodes == ["driver-mismatch"])
    #expect(try capture.hostdev("release", "--driver", "igb", "--force=driver-mismatch", "01:00.0").status == 1)
    #expect(capture.driver(card[0]) == "vfio-pci")
    #expect(try capture.hostdev("release", "--driver", "xclmgmt", "01:00.0").status == 0)
    #expect(try capture.places(card) == ["\(card[0]): xclmgmt (null)", "\(card[1]): vfio-pci vfio-pci"])
    for name in ["a/b", "", ".", "..", "-x"] {
      #expect(try capture.hostdev("release", "--driver", name, "01:00.1").status == 64, "'\(name)'")
    }
  }

  @Test func releaseToNobody() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    #expect(try capture.hostdev("release", "--leave-unbound", "01:00").status == 0)
    #expect(card.allSatisfy { capture.driver($0) == nil })
    // No driver takes it by itself: an override stands.
    #expect(try card.allSatisfy { try capture.override($0) != "(null)" })
    #expect(try capture.hostdev("release", "--leave-unbound", "--driver", "xocl", "01:00").status == 64)
  }

  /// Taking something from the host's driver means taking it from the host, whatever the command is called.
  @Test(arguments: [
    ("alveo", "02:00", "root-storage"), ("alveo", "net:enp3s0", "host-network"), ("gpu", "00:02.0", "host-display"),
    ("alveo", "00:1c.0", "not-endpoint"),
  ])
  func nothingOfTheHostsIsReleasedToNobody(fixture: String, selector: String, code: String) throws {
    let capture = try Capture(fixture)
    for way in [["--leave-unbound"], ["--driver", "pci-stub"]] {
      let before = try capture.picture()
      let ending = try capture.run(["release", selector, "--json"] + way)
      #expect(ending.status == 1, "\(ending)")
      let codes = try ending.json["findings"]?.list?.compactMap { $0["code"]?.text } ?? []
      #expect(codes.contains(code) && !codes.contains("guest-data"), "\(codes)")
      #expect(try differences(before, capture.picture()) == [])
    }
    // The control: to its own driver is nothing to do.
    #expect(try capture.hostdev("release", selector).status == 0)
    // What is for guests is bound, and not released.
    #expect(try capture.hostdev("release", selector, "--driver", "vfio-pci").status == 64)
  }

  @Test func whatIsOverruledIsSaidToBe() throws {
    let capture = try Capture()
    let ending = try capture.hostdev("bind", "net:enp3s0", "--force=host-network", "--dry-run")
    #expect(ending.status == 0, "\(ending)")
    let bound = try capture.hostdev("bind", "net:enp3s0", "--force=host-network")
    #expect(bound.status == 0 && bound.output.contains("    overruled: --force=host-network\n"), "\(bound)")
    #expect(!bound.output.contains("to overrule:"))
  }

  @Test func bindToAnotherVFIODriverOrTheBestOne() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "--driver", "auto", "01:00").status == 0)
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
    #expect(try Capture().hostdev("bind", "--driver", "igb", "01:00").status == 1)
    #expect(try Capture().hostdev("bind", "--driver", "xclmgmt", "01:00.0").status == 64)
    let stub = try Capture()
    let bound = try stub.hostdev("bind", "--driver", "pci-stub", "01:00")
    #expect(bound.status == 0, "\(bound)")
    #expect(card.allSatisfy { stub.driver($0) == "pci-stub" })
  }

  @Test func forcingIsRemembered() throws {
    let capture = try Capture()
    let bound = try capture.hostdev("bind", "--force=slot-incomplete", "01:00.0")
    #expect(bound.status == 0, "\(bound)")
    #expect(bound.output.contains("slot-incomplete"), "what was overruled is shown: \(bound)")
    #expect(try capture.places(card) == ["\(card[0]): vfio-pci vfio-pci", "\(card[1]): xocl (null)"])
    let held = try capture.hostdev("status", "--json").json["held"]?.list?.first
    #expect(held?["forced"]?.texts == ["slot-incomplete"])
  }

  @Test func wholeBindsWhatMustComeAlong() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "--whole", "01:00.1").status == 0)
    #expect(card.allSatisfy { capture.driver($0) == "vfio-pci" })
  }

  @Test func somebodyElsesReleaseIsNotUndone() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    // As `rmmod vfio_pci` and a probe leave it.
    for (address, driver) in zip(card, ["xclmgmt", "xocl"]) {
      let folder = Capture.folder(address)
      try capture.remove(folder + "/driver")
      try capture.link(folder + "/driver", to: "../../../../bus/pci/drivers/\(driver)")
      let event = try capture.text(folder + "/uevent").replacingOccurrences(
        of: "DRIVER=vfio-pci", with: "DRIVER=\(driver)")
      try capture.file(folder + "/uevent", event)
      try capture.file(folder + "/driver_override", "(null)\n")
    }
    let status = try capture.hostdev("status", "--json").json
    #expect(status["held"]?.list?.allSatisfy { $0["drift"]?.text?.contains("another program") == true } == true)
    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0 && released.errors.contains("another program"), "\(released)")
    #expect(try capture.hostdev("status", "--json").json["held"] == .list([]))
  }

  // MARK: Reset

  @Test func aResetUnderAHostDriverIsRefused() throws {
    let capture = try Capture()
    let refused = try capture.hostdev("reset", "--json", "03:00.0")
    #expect(refused.status == 1, "\(refused)")
    #expect(try refused.json.errorCodes == ["driver-bound"])
    #expect(try capture.hostdev("reset", "--force=driver-bound", "03:00.0").status == 0)
    // Never under the host's own disk.
    let disk = try capture.hostdev("reset", "--json", "--force=driver-bound", "02:00.0")
    #expect(disk.status == 1, "\(disk)")
    #expect(try disk.json.finding("driver-bound")?["forceable"]?.bool == false)
  }

  @Test func aStaleBusResetsNothing() throws {
    let capture = try Capture("alveo-grub")
    let refused = try capture.hostdev("reset", "--json", "01:00.0")
    #expect(refused.status == 1, "\(refused)")
    #expect(try refused.json.errorCodes == ["slot-incomplete"])
    #expect(try capture.hostdev("reset", "--method", "bus", "01:00.0").status == 64)
    #expect(try capture.hostdev("reset", "01:00").status == 64)
  }

  @Test func aResetByOneMethodPutsTheListBack() throws {
    let capture = try Capture("nvme-root")
    #expect(try capture.hostdev("bind", "04:00.0").status == 0)
    let before = try capture.picture()
    #expect(
      try capture.hostdev("reset", "--method", "bus", "--dry-run", "04:00.0").lines == [
        "set -e",
        "printf %s bus > /sys/bus/pci/devices/0000:04:00.0/reset_method",
        "printf %s 1 > /sys/bus/pci/devices/0000:04:00.0/reset",
        "printf %s 'flr bus' > /sys/bus/pci/devices/0000:04:00.0/reset_method",
      ])
    #expect(try capture.hostdev("reset", "--method", "bus", "04:00.0").status == 0)
    #expect(try capture.hostdev("reset", "04:00.0").status == 0)
    #expect(try differences(before, capture.picture()) == [])
    #expect(try capture.hostdev("reset", "--method", "pm", "04:00.0").status == 64)
  }

  // MARK: XML

  @Test func theNodeDeviceXMLAfterBind() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(
      try capture.hostdev("show", "--xml", "01:00.0").output == """
        <device>
          <name>pci_0000_01_00_0</name>
          <path>/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0</path>
          <parent>pci_0000_00_01_0</parent>
          <driver>
            <name>vfio-pci</name>
          </driver>
          <capability type='pci'>
            <class>0x120000</class>
            <domain>0</domain>
            <bus>1</bus>
            <slot>0</slot>
            <function>0</function>
            <product id='0x5000'/>
            <vendor id='0x10ee'>Xilinx Corporation</vendor>
            <iommuGroup number='12'>
              <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
            </iommuGroup>
            <pci-express>
              <link validity='cap' port='0' speed='8' width='16'/>
              <link validity='sta' speed='8' width='8'/>
            </pci-express>
          </capability>
        </device>

        """)
  }

  @Test func theGuestXMLOfTheStory() throws {
    let capture = try Capture()
    func element(source: String, guest: String) -> String {
      """
      <hostdev mode='subsystem' type='pci' managed='yes'>
        <source>
          <address domain='0x0000' bus='0x01' slot='0x00' function='0x\(source)'/>
        </source>
        <address type='pci' domain='0x0000' bus='0x\(guest)' slot='0x00' function='0x0'/>
      </hostdev>

      """
    }
    #expect(
      try capture.hostdev("xml", "01:00.1", "--guest", "07:00.0", "--managed", "yes").output
        == element(source: "1", guest: "07"))
    #expect(
      try capture.hostdev("xml", "01:00.0", "--guest", "06:00.0", "--managed", "yes").output
        == element(source: "0", guest: "06"))
  }

  @Test func managedIsNoForWhatHostdevHolds() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("xml", "01:00").output.components(separatedBy: "managed='yes'").count == 3)
    // hostdev warns if libvirt would take something from the host, and not about the card that may go.
    let root = try capture.hostdev("xml", "02:00")
    #expect(root.status == 0 && root.errors.contains("check refuses that: root-storage"), "\(root)")
    #expect(try capture.hostdev("xml", "--managed", "no", "02:00").errors.isEmpty)
    #expect(try capture.hostdev("xml", "01:00").errors.isEmpty)
    _ = try capture.hostdev("bind", "01:00")
    let xml = try capture.hostdev("xml", "01:00").output
    #expect(xml.components(separatedBy: "managed='no'").count == 3)
    #expect(xml.components(separatedBy: "multifunction='on'").count == 2, "one slot for the card: \(xml)")
    let separate = try capture.hostdev("xml", "--separate", "01:00").output
    #expect(!separate.contains("multifunction"), "\(separate)")
    #expect(try capture.hostdev("xml", "00:01.0").status == 64)
    #expect(try capture.hostdev("xml", "--guest", "nowhere", "01:00.0").status == 64)
  }

  @Test func everyElementIsValidInADomain() throws {
    let capture = try Capture()
    let options: [[String]] = [
      [], ["--managed", "no"], ["--guest", "06:00.0"], ["--separate"], ["--rom-bar", "off"],
      ["--rom-file", "/tmp/a & b.rom"], ["--boot-order", "1", "--separate"], ["--alias", "card"],
    ]
    let tally = Tally("domain XML")
    for words in options {
      let set = words.contains("--alias") || words.contains("--boot-order") ? "01:00.0" : "01:00"
      let xml = try capture.run(["xml"] + words + [set])
      #expect(xml.status == 0, "\(xml)")
      try capture.file(
        "/domain.xml",
        "<domain type='kvm'><name>g</name><memory>1</memory><os><type machine='q35'>hvm</type></os><devices>"
          + xml.output + "</devices></domain>")
      let valid = try Command.run(["virt-xml-validate", capture.path + "/domain.xml", "domain"])
      #expect(valid.status == 0, "\(words): \(xml)\(valid)")
      tally.count(valid.status == 0)
    }
    tally.report(atLeast: 8)
  }
}
