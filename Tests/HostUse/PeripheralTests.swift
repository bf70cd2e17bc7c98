import Host
import PCI
import Testing

@Suite("Screens, keyboards and consoles of a function")
struct PeripheralTests {
  @Test("the only display, its nodes, and the firmware's frame buffer in its BAR")
  func display() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/drm/card0", "drm", number: "226:0")
    try host.device("\(host.card)/drm/card0/card0-DP-1", "drm")
    try host.file("\(host.card)/drm/card0/card0-DP-1/status", "connected\n")
    try host.file(
      "/proc/iomem", "c0000000-cfffffff : PCI Bus\n  c0000000-cfffffff : 0000:02:00.0\n    c0000000-c07e8fff : BOOTFB\n"
    )
    let chain = "0000:02:00.0"
    #expect(
      host.evidence(classCode: 0x030000, driver: .known("i915")).lines == [
        "framebuffer BOOTFB in a BAR of 0000:02:00.0, by /proc/iomem: \(chain) > BOOTFB",
        "drm /dev/card0 DP-1 connected: \(chain) > card0",
        "only-display 0000:02:00.0 no other display stays with the host: \(chain)",
      ])
    #expect(host.evidence(classCode: 0x030000, driver: .absent).uses.map(\.kind) == [.framebuffer])
  }

  @Test("the last keyboard is told from one that has company")
  func keyboard() throws {
    let host = try CapturedHost()
    let keyboard = "\(host.card)/usb1/1-2"
    try host.device("\(host.card)/usb1", "usb", type: "usb_device")
    try host.device(keyboard, "usb", type: "usb_device")
    try host.file("\(keyboard)/product", "Keyboard\n")
    try host.device("\(keyboard)/1-2:1.0/0003:046D:C31C.0001/input/input3", "input")
    let keys = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n"
    try host.file("\(keyboard)/1-2:1.0/0003:046D:C31C.0001/input/input3/capabilities/key", keys)
    let chain = "0000:02:00.0 > usb1 > 1-2"
    func lines() -> [String] { host.evidence(classCode: 0x0c0330, driver: .known("xhci_hcd")).lines }
    #expect(
      lines() == [
        "usb 1-2 Keyboard: \(chain)", "keyboard input3 no other keyboard stays with the host: \(chain) > input3",
      ])
    try host.device("/sys/devices/platform/i8042/serio0/input/input0", "input")
    try host.file("/sys/devices/platform/i8042/serio0/input/input0/capabilities/key", keys)
    #expect(lines() == ["usb 1-2 Keyboard: \(chain)"])
  }

  @Test("a serial card that carries the console, a watchdog")
  func services() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/tty/ttyS4", "tty", number: "4:68")
    try host.device("\(host.card)/tty/ttyS5", "tty", number: "4:69")
    try host.device("\(host.card)/watchdog/watchdog0", "watchdog", number: "250:0")
    try host.file("/proc/cmdline", "quiet console=ttyS4,115200\n")
    #expect(
      host.evidence(classCode: 0x070002, driver: .known("serial")).lines == [
        "console /dev/ttyS4 console=ttyS4: 0000:02:00.0 > ttyS4",
        "watchdog /dev/watchdog0 watchdog: 0000:02:00.0 > watchdog0",
      ])
  }

  @Test("a TPM, a management controller, and a watchdog that is not started")
  func management() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/tpm/tpm0", "tpm", number: "10:224")
    try host.device("\(host.card)/ipmi/ipmi0", "ipmi", number: "240:0")
    try host.device("\(host.card)/watchdog/watchdog0", "watchdog", number: "250:0")
    try host.file("\(host.card)/watchdog/watchdog0/identity", "iTCO_wdt\n")
    try host.file("\(host.card)/watchdog/watchdog0/state", "inactive\n")
    let found = host.evidence(classCode: 0x0c0700, driver: .known("ipmi_si"))
    #expect(
      found.lines == [
        "ipmi /dev/ipmi0 IPMI: 0000:02:00.0 > ipmi0", "tpm /dev/tpm0 TPM: 0000:02:00.0 > tpm0",
        "watchdog /dev/watchdog0 iTCO_wdt, inactive: 0000:02:00.0 > watchdog0",
      ])
    #expect(found.idle == ["watchdog /dev/watchdog0"])
  }

  @Test("a UPS on a USB controller is named")
  func ups() throws {
    let host = try CapturedHost()
    let device = "\(host.card)/usb1/1-3"
    try host.device("\(host.card)/usb1", "usb", type: "usb_device")
    try host.device(device, "usb", type: "usb_device")
    try host.file("\(device)/manufacturer", "American Power Conversion\n")
    try host.file("\(device)/product", "Back-UPS ES 700G\n")
    try host.file("\(device)/idVendor", "051d\n")
    try host.file("\(device)/idProduct", "0002\n")
    let hid = "\(device)/1-3:1.0/0003:051D:0002.0001"
    try host.device(hid, "hid")
    try host.file("\(hid)/report_descriptor", [0x05, 0x84, 0x09, 0x04, 0xa1, 0x01])
    let product = "American Power Conversion Back-UPS ES 700G (051d:0002)"
    let chain = "0000:02:00.0 > usb1 > 1-3"
    #expect(
      host.evidence(classCode: 0x0c0330, driver: .known("xhci_hcd")).lines == [
        "usb 1-3 \(product): \(chain)", "ups 1-3 \(product): \(chain)",
      ])
  }

  @Test("the boot display beside another one is not the only one")
  func bootDisplay() throws {
    let host = try CapturedHost()
    let address = try #require(Address("0000:00:02.0"))
    var other = Function(address: address)
    other.classCode = .known(ClassCode(0x030000))
    other.driver = .known("i915")
    try host.folder("/sys/class/drm")
    func found() -> Usage {
      host.evidence(
        classCode: 0x030000, driver: .known("amdgpu"), adapt: { $0.bootVGA = .known(true) }, others: [other])
    }
    #expect(
      found().lines == ["boot-vga 0000:02:00.0 the display that the firmware started with: 0000:02:00.0"])
    other.driver = .known("vfio-pci")
    #expect(found().uses.map(\.kind) == [.bootVGA, .onlyDisplay])
  }

  @Test("a card without a screen and a frame buffer without a console are idle, with them they are not")
  func darkScreen() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/drm/card0", "drm", number: "226:0")
    try host.device("\(host.card)/drm/card0/card0-DP-1", "drm")
    try host.device("\(host.card)/graphics/fb0", "graphics", number: "29:0")
    try host.file("\(host.card)/graphics/fb0/name", "amdgpudrmfb\n")
    try host.file("\(host.card)/drm/card0/card0-DP-1/status", "disconnected\n")
    try host.file("/sys/class/vtconsole/vtcon0/bind", "1\n")
    try host.file("/sys/class/vtconsole/vtcon0/name", "(S) VGA+\n")
    try host.file("/sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n")
    func found() -> Usage { host.evidence(classCode: 0x030000, driver: .known("amdgpu")) }
    #expect(found().idle == ["drm /dev/card0", "framebuffer /dev/fb0"])
    try host.file("\(host.card)/drm/card0/card0-DP-1/status", "unknown\n")
    try host.file("/sys/class/vtconsole/vtcon1/bind", "1\n")
    #expect(found().idle.isEmpty)
    #expect(
      found().lines.prefix(2) == [
        "drm /dev/card0 DP-1 may be connected: 0000:02:00.0 > card0",
        "framebuffer /dev/fb0 amdgpudrmfb, the text console vtcon1 is on it: 0000:02:00.0 > fb0",
      ])
  }
}
