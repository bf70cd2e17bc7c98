import Host
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
}
