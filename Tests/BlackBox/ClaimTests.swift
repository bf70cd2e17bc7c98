import Foundation
import TestSupport
import Testing

@Suite("What doctor says of claims is what check says of their functions")
struct ClaimTests {
  private static let ofHost: Set = [
    "root-storage", "host-network", "host-display", "host-input", "host-console", "held-open",
  ]

  /// Error codes by function, of those that tell what the host uses.
  private func errors(_ findings: [JSON]) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for finding in findings where finding["severity"]?.text == "error" {
      guard let code = finding["code"]?.text, Self.ofHost.contains(code) else { continue }
      for function in finding["functions"]?.texts ?? [] { found[function, default: []].insert(code) }
    }
    return found
  }

  private func doctor(_ capture: Capture) throws -> (Int32?, [String: Set<String>]) {
    let ending = try capture.hostdev("doctor", "--json")
    return (ending.status, errors(try ending.json["checks"]?.list ?? []))
  }

  private func check(_ capture: Capture, _ selectors: [String]) throws -> [String: Set<String>] {
    errors(try capture.run(["check", "--json"] + selectors).json["findings"]?.list ?? [])
  }

  private func domain(_ function: String, _ form: String) -> String {
    let bus = function.dropFirst(5).prefix(2)
    let address = "<source><address domain='0' bus='0x\(bus)' slot='0' function='0'/></source>"
    return switch form {
    case "disk":
      "<domain><devices><disk type='nvme'><source type='pci' managed='yes' namespace='1'>"
        + "\(address.dropFirst(8))</disk></devices></domain>\n"
    default:
      "<domain><devices><hostdev mode='subsystem' type='pci' managed='yes'>"
        + "\(address)</hostdev></devices></domain>\n"
    }
  }

  @Test(arguments: ["0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0", "0000:05:00.0"])
  func oneFunction(function: String) throws {
    let expected = try check(Capture("nvme-root"), [function])
    for file in [
      ("/etc/libvirt/qemu/a.xml", domain(function, "hostdev")), ("/etc/libvirt/qemu/a.xml", domain(function, "disk")),
      ("/etc/pve/qemu-server/100.conf", "onboot: 1\nhostpci0: \(function.dropFirst(5)),pcie=1\n"),
      ("/etc/driverctl.d/pci-\(function)", "vfio-pci\n"),
      (
        "/etc/udev/rules.d/99-vfio.rules",
        "ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"\(function)\", ATTR{driver_override}=\"vfio-pci\"\n"
      ),
    ] {
      let capture = try Capture("nvme-root")
      try capture.file(file.0, file.1)
      let (status, found) = try doctor(capture)
      #expect(found == expected, "\(file.0)")
      #expect(status == (expected.isEmpty ? 0 : 1), "\(file.0)")
    }
  }

  /// Four disks of one model: their id names all of them, that of the host too.
  @Test(arguments: ["/etc/kernel/cmdline", "/etc/modprobe.d/vfio.conf"])
  func ids(file: String) throws {
    let capture = try Capture("nvme-root")
    let expected = try check(capture, (1...4).map { "0000:0\($0):00.0" })
    #expect(expected.values.contains { $0.contains("root-storage") })
    try capture.file(
      file, file.hasSuffix(".conf") ? "options vfio-pci ids=\"144d:a808\"\n" : "vfio-pci.ids=144d:a808\n")
    let (status, found) = try doctor(capture)
    #expect(found == expected && status == 1)
  }

  @Test func theFunctionOfADomainsDiskIsASelector() throws {
    let capture = try Capture("nvme-root")
    try capture.file("/db.xml", domain("0000:02:00.0", "disk"))
    #expect(
      try capture.run(["check", "--json", "xml:\(capture.path)/db.xml"]).json["functions"]?.texts == ["0000:02:00.0"])
    try capture.file("/none.xml", "<domain><devices><disk type='file'/></devices></domain>\n")
    let none = try capture.hostdev("check", "xml:\(capture.path)/none.xml")
    #expect(none.status == 66 && none.errors.contains("names no PCI function"))
  }
}
