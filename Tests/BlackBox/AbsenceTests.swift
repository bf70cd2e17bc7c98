import Foundation
import Testing

/// A function that another tool takes off the bus is not to be plugged in: hostdev names what removes it, with file and line.
@Suite struct AbsenceTests {
  private static let rule =
    "# made by a switcher\nACTION==\"add\", SUBSYSTEM==\"pci\", ATTR{vendor}==\"0x10ee\", \\\n  ATTR{class}==\"0x12*\", ATTR{remove}=\"1\"\n"

  /// A card that is pinned, and gone at this boot.
  private func capture() throws -> Capture {
    let capture = try Capture("alveo")
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    for address in card { try capture.pullOut(address) }
    return capture
  }

  @Test(arguments: ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"])
  func aRuleThatRemovesIsNamed(_ folder: String) throws {
    let capture = try capture()
    let place = "\(folder)/50-remove.rules:2"
    try capture.file("\(folder)/50-remove.rules", Self.rule)
    // Of an address alone the vendor is not known.
    for words in [["check", "01:00.0"], ["bind", "01:00"], ["show", "10ee:5000"]] {
      let ending = try capture.run(words)
      #expect(ending.status == 66 && ending.errors.contains("\(place) (a udev rule) may take it off"), "\(ending)")
      #expect(ending.errors.contains("echo 1 > /sys/bus/pci/rescan"))
    }
    // Of a pin it is.
    let selected = try capture.hostdev("check", "pin:card")
    #expect(selected.status == 66 && selected.errors.contains("\(place) (a udev rule) takes it off"), "\(selected)")
    let applied = try capture.hostdev("apply", "card")
    #expect(applied.status == 66 && applied.errors.contains("\(place) (a udev rule) takes it off"), "\(applied)")
    #expect(!applied.errors.contains("plug it in"))
    #expect(try capture.hostdev("pins").output.contains(place))
    let checks = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    let drift = try #require(checks.first { $0["code"]?.text == "pin-drift" })
    #expect(drift["evidence"]?.texts?.contains { $0.hasPrefix(place) } == true, "\(drift)")
    #expect(drift["remedy"]?.text?.contains("takes it off") == true)
    let removal = try #require(checks.first { $0["code"]?.text == "bus-removal" })
    #expect(removal["severity"]?.text == "warning")
    #expect(removal["evidence"]?.texts?.contains { $0.hasPrefix(place) } == true)
    // Control: masked, it does nothing.
    if folder != "/etc/udev/rules.d" {
      try capture.link("/etc/udev/rules.d/50-remove.rules", to: "/dev/null")
      #expect(try !capture.hostdev("check", "pin:card").errors.contains("off the PCI bus"))
    }
  }

  @Test func withoutSuchASettingItIsToBePluggedIn() throws {
    let capture = try capture()
    try capture.file("/etc/udev/rules.d/50-remove.rules", Self.rule.replacingOccurrences(of: "0x10ee", with: "0x10de"))
    try capture.file("/etc/supergfxd.conf", "{\n  \"mode\": \"Integrated\"\n}\n")
    let applied = try capture.hostdev("apply", "card")
    #expect(applied.status == 66 && applied.errors.contains("plug it in"), "\(applied)")
    #expect(try !capture.hostdev("check", "10ee:5000").errors.contains("off the PCI bus"))
  }

  @Test func aScriptThatRemovesNamesItsFunction() throws {
    let capture = try capture()
    try capture.file("/etc/rc.local", "#!/bin/sh\necho 1 > /sys/bus/pci/devices/0000:01:00.0/remove\n")
    let found = try capture.hostdev("check", "01:00.0")
    #expect(found.errors.contains("/etc/rc.local:2 (a script that runs at boot) takes it off"), "\(found)")
    #expect(try !capture.hostdev("check", "0f:00.0").errors.contains("/etc/rc.local"))
  }

  @Test func aStubMakesNoInterface() throws {
    let capture = try Capture("nic-vfs")
    try capture.file("/proc/cmdline", "quiet pci-stub.ids=8086:1521\n")
    let address = "0000:01:00.1"
    let event = "\(Capture.folder(address))/uevent"
    try capture.file(event, capture.text(event).replacingOccurrences(of: "DRIVER=igb", with: "DRIVER=pci-stub"))
    let found = try capture.hostdev("check", "net:enp1s0f9")
    #expect(found.status == 66)
    #expect(
      found.errors.contains(
        "\(address) is on pci-stub, which makes no interface and no disk (/proc/cmdline: pci-stub.ids=8086:1521)"),
      "\(found)")
  }

  @Test func ofANodeAloneTheKindIsKnown() throws {
    let capture = try Capture("alveo")
    try capture.file(
      "/usr/lib/udev/rules.d/50-remove-nvidia.rules",
      "SUBSYSTEM==\"pci\", ATTR{vendor}==\"0x10de\", ATTR{class}==\"0x03[0-9]*\", ATTR{remove}=\"1\"\n")
    try capture.file("/etc/supergfxd.conf", "{\n  \"mode\": \"Integrated\"\n}\n")
    let screen = try capture.hostdev("show", "/dev/dri/card7")
    #expect(screen.status == 66, "\(screen)")
    #expect(screen.errors.contains("50-remove-nvidia.rules:1 (a udev rule) may take it off"), "\(screen)")
    #expect(screen.errors.contains("envycontrol --switch hybrid, then reboot"))
    #expect(screen.errors.contains("/etc/supergfxd.conf:2 (supergfxd) may take it off"))
    // Control: no interface and no disk is a graphics card.
    for other in ["net:enp9s0", "block:nvme7n1"] {
      let found = try capture.hostdev("show", other)
      #expect(found.status == 66 && !found.errors.contains("off the PCI bus"), "\(found)")
    }
  }
}
