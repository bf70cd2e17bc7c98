import Host
@testable import HostUse
import System
import Testing

@Suite("Uses without a device below the function")
struct UnseenUseTests {
  /// A Bluetooth adapter behind the card, and a keyboard that BlueZ made through uhid.
  private func bluetooth(phys: String = "00:1a:7d:da:71:13") throws -> CapturedHost {
    let host = try CapturedHost()
    let adapter = "\(host.card)/usb1/1-3/1-3:1.0/bluetooth/hci0"
    try host.device("\(host.card)/usb1/1-3", "usb", type: "usb_device")
    try host.device(adapter, "bluetooth")
    let input = "/sys/devices/virtual/misc/uhid/0005:046D:B342.0001/input/input20"
    try host.device(input, "input")
    try host.file("\(input)/name", "MX Keys\n")
    try host.file("\(input)/phys", phys + "\n")
    try host.file("\(input)/capabilities/key", "fffffffffffffffe\n")
    return host
  }

  private func keyboards(_ host: CapturedHost) -> [Use] {
    host.evidence(classCode: 0x0c0330, driver: .known("xhci_hcd")).uses.filter { $0.kind == .keyboard }
  }

  @Test("the last keyboard is behind a Bluetooth adapter") func keyboard() throws {
    let found = try keyboards(bluetooth())
    #expect(found.map(\.chain) == [["0000:02:00.0", "usb1", "1-3", "hci0", "MX Keys"].filter { $0 != "usb1" }])
  }

  @Test("another keyboard stays, or it is a program's own") func noKeyboard() throws {
    let other = try bluetooth()
    try other.device("/sys/devices/platform/i8042/serio0/input/input1", "input")
    try other.file("/sys/class/input/input1/capabilities/key", "fffffffffffffffe\n")
    #expect(keyboards(other).isEmpty)
    #expect(try keyboards(bluetooth(phys: "py-evdev-uinput")).isEmpty)
  }

  @Test("a keyboard behind another adapter stays") func otherAdapter() throws {
    let host = try bluetooth(phys: "00:1a:7d:da:71:99")
    try host.file("\(host.card)/usb1/1-3/1-3:1.0/bluetooth/hci0/address", "00:1a:7d:da:71:13\n")
    try host.device("/sys/devices/pci0000:00/0000:03:00.0/usb2/2-1/bluetooth/hci1", "bluetooth")
    try host.file("/sys/class/bluetooth/hci1/address", "00:1A:7D:DA:71:99\n")
    #expect(keyboards(host).isEmpty)
  }

  private func holders(_ host: CapturedHost) -> [String] {
    host.evidence().uses.filter { $0.kind == .open }.map(\.subject)
  }

  @Test(
    "a node that was opened below another root, or has been removed since",
    arguments: [
      "/dev/nvme0n1", "/dev/nvme0n1 (deleted)", "/srv/chroot/dev/nvme0n1",
      "/var/lib/lxc/c1/rootfs/dev/nvme0n1p1 (deleted)",
    ])
  func otherRoot(name: String) throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.file("/proc/812/comm", "postgres\n")
    try host.link("/proc/812/fd/5", to: name)
    #expect(holders(host) == ["pid 812"])
  }

  @Test("a file that is not a node is none", arguments: ["/srv/nvme0n1", "/data/dev/nvme0n1x", "/dev/nvme1n1"])
  func noNode(name: String) throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.link("/proc/812/fd/5", to: name)
    #expect(holders(host).isEmpty)
  }

  private func graphics(driver: String = "nvidia", _ change: (CapturedHost) throws -> Void) throws -> Usage {
    let host = try CapturedHost()
    try change(host)
    return host.evidence(classCode: 0x030200, driver: .known(driver))
  }

  @Test("NVIDIA's persistence daemon holds the card") func daemon() throws {
    let write: (CapturedHost) throws -> Void = {
      try $0.file("/proc/700/comm", "nvidia-persiste\n")
      try $0.file("/proc/700/cgroup", "0::/system.slice/nvidia-persistenced.service\n")
      try $0.folder("/proc/700/fd")
    }
    let found = try graphics(write).uses.filter { $0.kind == .open }
    #expect(found.map(\.subject) == ["pid 700"])
    #expect(try graphics(driver: "nouveau", write).uses.allSatisfy { $0.kind != .open })
  }

  @Test("the driver's count tells of persistence without a process") func count() throws {
    func unknown(_ count: Int) throws -> [UnknownUse] {
      try graphics {
        try $0.file("/sys/module/nvidia/refcnt", "\(count)\n")
        try $0.folder("/sys/module/nvidia/holders/nvidia_modeset")
      }.unknown.filter { $0.area == .holders }
    }
    #expect(try unknown(2).count == 1)
    #expect(try unknown(1).isEmpty)
  }
}
