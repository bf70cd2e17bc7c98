import TestSupport
import Testing

/// A virtual function that its vendor's own driver has ready for a guest: told by `vfio-dev/`, not by a list of names.
@Suite struct VendorVFIOTests {
  private let ready = "0000:01:10.0"

  private func capture() throws -> Capture {
    let capture = try Capture("nic-vfs")
    let folder = "/sys/devices/pci0000:00/0000:00:01.0/\(ready)/vfio-dev/vfio7"
    try capture.folder(folder)
    try capture.link("/sys/class/vfio-dev/vfio7", to: "../../devices/pci0000:00/0000:00:01.0/\(ready)/vfio-dev/vfio7")
    return capture
  }

  @Test func itIsReadyAsItIs() throws {
    let capture = try capture()
    let driver = try #require(capture.driver(ready))
    #expect(driver != "vfio-pci")
    let check = try capture.hostdev("check", "--json", ready)
    #expect(check.status == 0, "\(check)")
    #expect(try check.json["findings"]?.list?.contains { $0["code"]?.text == "vendor-vfio" } == true)
    #expect(try capture.hostdev("check", ready).lines.last?.hasSuffix(" hostdev xml \(ready)") == true)
    let xml = try capture.hostdev("xml", ready)
    #expect(xml.status == 0 && xml.output.contains("managed='no'"), "\(xml)")
    let bind = try capture.hostdev("bind", ready)
    #expect(bind.status == 0 && bind.output.contains("Unchanged"), "\(bind)")
    let release = try capture.hostdev("release", ready)
    #expect(release.status == 0 && release.output.contains("Unchanged"), "\(release)")
    #expect(capture.driver(ready) == driver && capture.names("/sys/class/vfio-dev").contains("vfio7"))
  }

  /// The same driver without a device of VFIO's is the host's.
  @Test func withoutTheDeviceItIsTheHosts() throws {
    let capture = try capture()
    let other = "0000:01:11.0"
    #expect(try capture.hostdev("xml", other).output.contains("managed='yes'"))
    let bind = try capture.hostdev("bind", other)
    #expect(bind.status == 0 && capture.driver(other) == "vfio-pci", "\(bind)")
    // libvirt manages each as it must be.
    let both = try capture.hostdev("xml", ready, other, "--separate").output
    #expect(both.contains("managed='no'") && both.contains("managed='yes'"), "\(both)")
  }
}
