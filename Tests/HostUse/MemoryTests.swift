import Checks
import Host
import HostUse
import PCI
import Testing

@Suite("Memory of a function that the kernel runs on")
struct MemoryTests {
  private static let root = "/sys/devices/platform/ACPI0017:00/root0"
  private static let bus = "/sys/bus/cxl/devices"

  /// `mem0` below the function, its endpoint and decoder, and `region0` with `dax0.0` on this driver.
  private func host(dax driver: String?, isLinked: Bool = true) throws -> CapturedHost {
    let host = try CapturedHost()
    try memory(host, host.card, 0)
    try region(host, 0, targets: isLinked ? ["decoder2.0"] : [])
    if let driver { try dax(host, region: 0, driver) }
    return host
  }

  private func memory(_ host: CapturedHost, _ folder: String, _ number: Int) throws {
    let memory = "\(folder)/mem\(number)"
    try host.link("\(memory)/subsystem", to: "/sys/bus/cxl")
    try host.link("\(Self.bus)/mem\(number)", to: memory)
    let endpoint = "\(Self.root)/port1/endpoint\(number + 2)"
    try host.link("\(endpoint)/uport", to: memory)
    try host.link("\(Self.bus)/endpoint\(number + 2)", to: endpoint)
    try host.file("\(endpoint)/decoder\(number + 2).0/mode", "ram\n")
    try host.link("\(Self.bus)/decoder\(number + 2).0", to: "\(endpoint)/decoder\(number + 2).0")
  }

  private func region(_ host: CapturedHost, _ number: Int, targets: [String]) throws {
    let region = "\(Self.root)/decoder0.0/region\(number)"
    try host.link("\(region)/subsystem", to: "/sys/bus/cxl")
    for (index, target) in targets.enumerated() { try host.file("\(region)/target\(index)", target + "\n") }
    try host.link("\(Self.bus)/region\(number)", to: region)
  }

  private func dax(_ host: CapturedHost, region: Int, _ driver: String) throws {
    let dax = "\(Self.root)/decoder0.0/region\(region)/dax_region\(region)/dax\(region).0"
    try host.link("\(dax)/subsystem", to: "/sys/bus/dax")
    try host.link("\(dax)/driver", to: "/sys/bus/dax/drivers/\(driver)")
    try host.link("/sys/bus/dax/devices/dax\(region).0", to: dax)
  }

  private func usage(_ host: CapturedHost, code: UInt32 = 0x050210, driver: Fact<String> = .known("cxl_pci")) -> Usage {
    host.evidence(classCode: code, driver: driver)
  }

  private func memories(_ usage: Usage) -> [String] { usage.lines.filter { $0.hasPrefix("memory") } }
  private func doubts(_ usage: Usage) -> [String] { usage.unknown.filter { $0.area == .memory }.map(\.reason) }

  @Test("a region whose dax device kmem has is System RAM, and no force overrules that")
  func region() throws {
    let usage = usage(try host(dax: "kmem"))
    #expect(
      memories(usage) == [
        "memory dax0.0 System RAM of the host, by region0: 0000:02:00.0 > mem0 > region0 > dax0.0"
      ])
    let finding = try #require(FindingTests.findings(.hostMemory, usage).first)
    #expect(finding.severity == .error && !finding.isForceable)
    #expect(
      finding.remedy
        == "daxctl offline-memory dax0.0 && daxctl disable-device dax0.0 && cxl disable-region region0")
  }

  @Test("a dax device that programs map is no System RAM")
  func deviceDAX() throws {
    let host = try host(dax: "device_dax")
    try host.file("/proc/iomem", "00-00 : CXL Window 0\n  00-00 : region0\n    00-00 : dax0.0\n")
    #expect(memories(usage(host)) == [] && doubts(usage(host)) == [])
  }

  @Test("a region of another memory device is not this one's")
  func otherDevice() throws {
    let host = try host(dax: nil)
    try memory(host, "/sys/devices/pci0000:00/0000:00:1d.0/0000:05:00.0", 1)
    try region(host, 1, targets: ["decoder3.0"])
    try dax(host, region: 1, "kmem")
    try host.file("/proc/iomem", "00-00 : CXL Window 0\n  00-00 : region1\n    00-00 : System RAM (kmem)\n")
    #expect(memories(usage(host)) == [] && doubts(usage(host)) == [])
    // Both have a part of it: interleaved.
    try region(host, 2, targets: ["decoder3.0", "decoder2.0"])
    try dax(host, region: 2, "kmem")
    #expect(memories(usage(host)).count == 1)
  }

  @Test("a region whose targets are not shown is unknown, unless there is one memory device alone")
  func targetsUnread() throws {
    let host = try host(dax: "kmem", isLinked: false)
    #expect(memories(usage(host)).count == 1)
    try memory(host, "/sys/devices/pci0000:00/0000:00:1d.0/0000:05:00.0", 1)
    #expect(memories(usage(host)) == [])
    #expect(doubts(usage(host)) == ["region0 may use mem0: /sys/bus/cxl/devices/region0/target* could not be read"])
    #expect(FindingTests.findings(.unknownMemory, usage(host)).map(\.severity) == [.warning])
  }

  @Test("memory that the firmware gave out before the kernel is around the region")
  func firmwareMemory() throws {
    let host = try host(dax: nil)
    try host.file(
      "/proc/iomem", "00-00 : System RAM\n00-00 : CXL Window 0\n  00-00 : System RAM\n    00-00 : region0\n")
    #expect(memories(usage(host)) == ["memory region0 System RAM of the host: 0000:02:00.0 > mem0 > region0"])
  }

  @Test("without the bus, its devices or /proc/iomem it is unknown")
  func unread() throws {
    let bare = try CapturedHost()
    #expect(doubts(usage(bare)) == ["/sys/bus/cxl/devices could not be read"])
    try bare.folder(Self.bus)
    #expect(doubts(usage(bare)) == ["\(bare.card) shows no memory device of the CXL bus"])
    #expect(
      doubts(usage(try host(dax: nil))) == ["/proc/iomem could not be read, and region0 uses mem0"])
    // Without a driver there is no region; the firmware may have given the memory out.
    try bare.file("/proc/iomem", "00-00 : CXL Window 0\n  00-00 : System RAM\n")
    #expect(doubts(usage(bare, driver: .absent)).count == 1)
    try bare.file("/proc/iomem", "00-00 : CXL Window 0\n00-00 : System RAM\n")
    #expect(doubts(usage(bare, driver: .absent)) == [])
    #expect(doubts(usage(bare, driver: .known("vfio-pci"))) == [])
  }

  @Test("soft-reserved memory that no region explains may be the device's")
  func softReserved() throws {
    let host = try host(dax: nil)
    try host.file("/proc/iomem", "00-00 : Soft Reserved\n  00-00 : dax1.0\n    00-00 : System RAM (kmem)\n")
    #expect(memories(usage(host)) == [] && doubts(usage(host)) == [])
    let dax = "/sys/devices/platform/hmem.0/dax1.0"
    try host.link("\(dax)/driver", to: "/sys/bus/dax/drivers/kmem")
    try host.link("/sys/bus/dax/devices/dax1.0", to: dax)
    #expect(
      doubts(usage(host)) == [
        "/sys/bus/dax/devices/dax1.0 is System RAM, and nothing shows of which memory device"
      ])
    // A card that has no memory for the host is not concerned.
    #expect(doubts(usage(try CapturedHost(), code: 0x020000, driver: .known("igb"))) == [])
  }

  @Test("memory of a GPU that its driver has given to the kernel")
  func coherentGPU() throws {
    let host = try CapturedHost()
    try host.file("/proc/iomem", "00-00 : System RAM\n00-00 : System RAM (NVIDIA)\n")
    try host.link("/sys/bus/pci/drivers/nvidia/0000:02:00.0", to: "x")
    func usage(_ driver: String) -> Usage { self.usage(host, code: 0x030200, driver: .known(driver)) }
    #expect(memories(usage("nvidia")).count == 1 && memories(usage("nouveau")) == [])
    try host.link("/sys/bus/pci/drivers/nvidia/0000:03:00.0", to: "x")
    #expect(memories(usage("nvidia")) == [])
    #expect(doubts(usage("nvidia")) == ["/proc/iomem: System RAM (NVIDIA), and several functions are on nvidia"])
    try host.file("/proc/iomem", "00-00 : System RAM\n")
    #expect(doubts(usage("nvidia")) == [])
  }

  @Test("memory that a virtual machine gets by virtio-mem")
  func virtio() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/virtio3", "virtio")
    try host.file("/proc/iomem", "00-00 : virtio3\n  00-00 : System RAM (virtio_mem)\n")
    #expect(memories(usage(host, code: 0x00ff00, driver: .known("virtio-pci"))).count == 1)
    try host.file("/proc/iomem", "00-00 : virtio4\n  00-00 : System RAM (virtio_mem)\n")
    #expect(memories(usage(host, code: 0x00ff00, driver: .known("virtio-pci"))) == [])
  }
}
