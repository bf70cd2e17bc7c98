import TestSupport
import Testing

@testable import Settings

@Suite("Programs that take a laptop's second graphics card away")
struct BusRemovalTests {
  struct Sample: Sendable {
    let file: String
    let text: String
    let says: String?
  }

  private static let samples = [
    Sample(
      file: "/etc/supergfxd.conf", text: "{\n  \"mode\": \"Integrated\",\n  \"vfio_enable\": false\n}\n",
      says: "supergfxd 2"),
    Sample(file: "/etc/supergfxd.conf", text: "{\n  \"gfx_mode\": \"integrated\"\n}\n", says: "supergfxd 2"),
    Sample(file: "/etc/supergfxd.conf", text: "{\n  \"mode\": \"Hybrid\"\n}\n", says: nil),
    Sample(file: "/etc/prime-discrete", text: "off\n", says: "prime-select 1"),
    Sample(file: "/etc/prime-discrete", text: "on-demand\n", says: nil),
    Sample(
      file: "/etc/modprobe.d/system76-power.conf", text: "# x\nblacklist nvidia\nalias nvidia off\n",
      says: "system76-power 2"),
    Sample(file: "/etc/modprobe.d/system76-power.conf", text: "blacklist i2c_nvidia_gpu\n", says: nil),
    Sample(
      file: "/etc/optimus-manager/optimus-manager.conf", text: "[optimus]\npci_remove=yes\n", says: "optimus-manager 2"),
    Sample(
      file: "/etc/optimus-manager/optimus-manager.conf", text: "[optimus]\nstartup_mode=nvidia\npci_remove=yes\n",
      says: nil),
    Sample(file: "/etc/modprobe.d/bb.conf", text: "options bbswitch load_state=0 unload_state=1\n", says: "bbswitch 1"),
    Sample(file: "/etc/modprobe.d/bb.conf", text: "options bbswitch load_state=1\n", says: nil),
    Sample(
      file: "/etc/tmpfiles.d/off.conf", text: "w /proc/acpi/call - - - - \\\\_SB.PCI0.PEG0.PEGP._OFF\n",
      says: "acpi_call 1"),
    Sample(
      file: "/etc/systemd/system/off.service",
      text: "[Service]\nExecStart=/bin/sh -c 'echo 1 > /sys/bus/pci/devices/0000:01:00.0/remove'\n",
      says: "a unit of systemd's 2"),
    Sample(file: "/etc/rc.local", text: "# echo 1 > /sys/bus/pci/devices/0000:01:00.0/remove\n", says: nil),
  ]

  @Test(arguments: samples)
  func told(_ sample: Sample) {
    let found = HostSettings(reading: Written([sample.file: sample.text]), functions: []).removals
    #expect(found.map { "\($0.tool) \($0.source.line ?? 0)" } == [sample.says].compactMap { $0 })
  }
}
