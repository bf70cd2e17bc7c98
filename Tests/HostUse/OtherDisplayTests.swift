import Checks
import Host
import HostUse
import PCI
import Testing

@Suite("Which other display the host keeps, and the firmware's frame buffer")
struct OtherDisplayTests {
  private static let other = "/sys/devices/pci0000:00/0000:00:03.0/0000:08:00.0"

  /// Kinds of use of a boot display beside a function of this class.
  private func kinds(_ host: CapturedHost, beside code: UInt32, _ change: (inout Function) -> Void = { _ in }) throws
    -> [Use.Kind]
  {
    var other = Function(address: try #require(Address("0000:08:00.0")))
    other.classCode = .known(ClassCode(code))
    other.driver = .known("nvidia")
    other.devicePath = .known(Self.other)
    other.bootVGA = .known(false)
    change(&other)
    try host.folder("/sys/class/drm")
    return host.evidence(
      classCode: 0x030000, driver: .known("ast"), adapt: { $0.bootVGA = .known(true) }, others: [other]
    ).uses.map(\.kind)
  }

  @Test("a 3D controller, a display without a connector and a virtual function have no screen")
  func headless() throws {
    #expect(try kinds(CapturedHost(), beside: 0x030200) == [.bootVGA, .onlyDisplay])
    #expect(try kinds(CapturedHost(), beside: 0x038000) == [.bootVGA, .onlyDisplay])
    let host = try CapturedHost()
    try host.folder("\(Self.other)/drm/card1/card1-Writeback-1")
    #expect(try kinds(host, beside: 0x030000) == [.bootVGA, .onlyDisplay])
    let virtual = try CapturedHost()
    try virtual.link("\(Self.other)/physfn", to: "../0000:00:02.0")
    #expect(try kinds(virtual, beside: 0x030000) == [.bootVGA, .onlyDisplay])
    #expect(
      try kinds(CapturedHost(), beside: 0x030000) { $0.physicalFunction = .known(CapturedHost.address) }
        == [.bootVGA, .onlyDisplay])
  }

  @Test("a display with a connector is another one, whatever its class")
  func connector() throws {
    #expect(try kinds(CapturedHost(), beside: 0x030000) == [.bootVGA])
    for code: UInt32 in [0x030000, 0x030200, 0x038000] {
      let host = try CapturedHost()
      try host.folder("\(Self.other)/drm/card1/card1-HDMI-A-1")
      #expect(try kinds(host, beside: code) == [.bootVGA])
      #expect(
        try kinds(host, beside: code) {
          $0.driver = .known("nvidia")
          $0.vfioDevice = .known("vfio0")
        } == [.bootVGA, .onlyDisplay])
    }
  }

  @Test("a 3D controller alone is not the host's only display")
  func accelerator() throws {
    let host = try CapturedHost()
    try host.folder("/sys/class/drm")
    #expect(host.evidence(classCode: 0x030200, driver: .known("nvidia")).uses.isEmpty)
    #expect(host.evidence(classCode: 0x030000, driver: .known("nouveau")).uses.map(\.kind) == [.onlyDisplay])
  }

  // MARK: The firmware's frame buffer

  private func finding(_ names: [String], _ words: [String], _ device: String? = nil) throws -> Finding {
    let host = try CapturedHost()
    var text = "dc000000-dc00ffff : PCI Bus 0000:02\n  dc000000-dc00ffff : 0000:02:00.0\n"
    for (depth, name) in names.enumerated() { text += String(repeating: "  ", count: depth + 2) + "00-00 : \(name)\n" }
    try host.file("/proc/iomem", text)
    if let device {
      let driver = String(device.prefix { $0 != "." })
      try host.link("/sys/bus/platform/drivers/\(driver)/\(device)", to: "../../../../devices/platform/\(device)")
      try host.link("/sys/bus/platform/drivers/\(driver)/module", to: "../../../../module/x")
    }
    var around = Surroundings()
    around.commandLine = .known(words)
    return try #require(
      FindingTests.findings(
        .hostDisplay, host.evidence(classCode: 0x030000, driver: .known("vfio-pci")), around: around
      ).first)
  }

  @Test(
    "each driver has its own way out",
    arguments: [
      ("simpledrm", "simple-framebuffer", "initcall_blacklist=sysfb_init"),
      ("simplefb", "simple-framebuffer", "video=simplefb:off"), ("efifb", "efi-framebuffer", "video=efifb:off"),
      ("efidrm", "efi-framebuffer", "initcall_blacklist=sysfb_init"),
      ("vesafb", "vesa-framebuffer", "video=vesafb:off"),
    ])
  func wayOut(name: String, driver: String, argument: String) throws {
    for names in [[name], ["BOOTFB", name]] {
      #expect(
        try finding(names, ["quiet"]).remedy
          == "echo \(driver).0 > /sys/bus/platform/drivers/\(driver)/unbind; for every later boot, boot with \(argument)"
      )
    }
  }

  @Test("the device is the one that the driver has, and without a driver there is none")
  func device() throws {
    let name = "simple-framebuffer.1.auto"
    #expect(
      try finding(["simpledrm"], [], name).remedy.hasPrefix(
        "echo \(name) > /sys/bus/platform/drivers/simple-framebuffer/unbind; "))
    #expect(try finding(["BOOTFB"], []).remedy == "for every later boot, boot with initcall_blacklist=sysfb_init")
  }

  @Test("what is on the command line without effect is told, and not advised again")
  func withoutEffect() throws {
    let other = try finding(["simpledrm"], ["video=efifb:off"])
    #expect(
      other.evidence.map(\.description).contains(
        "/proc/cmdline: video=efifb:off (without effect: it is for efifb, and simpledrm has the frame buffer)"))
    #expect(!other.remedy.contains("efifb"))
    let own = try finding(["efifb"], ["video=efifb:off"])
    #expect(own.evidence.count == 2 && own.remedy.hasSuffix("boot with initcall_blacklist=sysfb_init"))
    let both = try finding(["efifb"], ["video=efifb:off", "initcall_blacklist=x,sysfb_init"])
    #expect(both.evidence.count == 3)
    #expect(both.remedy == "echo efi-framebuffer.0 > /sys/bus/platform/drivers/efi-framebuffer/unbind")
    // A mode is no argument against it.
    #expect(try finding(["simpledrm"], ["video=HDMI-A-1:1920x1080", "video=efifb:list"]).evidence.count == 1)
  }
}
