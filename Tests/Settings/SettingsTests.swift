import PCI
import TestSupport
import Testing

@testable import Settings

@Suite("Other tools' settings")
struct SettingsTests {
  private static let functions = ["0000:01:00.0", "0000:01:00.1", "0000:02:00.0"].compactMap { Address($0) }
  private func read(_ files: [String: String], barred: Set<String> = []) -> HostSettings {
    HostSettings(reading: Written(files, barred: barred), functions: Self.functions)
  }

  @Test func driverctlKeepsAFileAFunction() {
    let settings = read([
      "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n", "/etc/driverctl.d/pci-10000:e1:00.0": "nvme",
      "/etc/driverctl.d/vmbus-1234": "uio\n", "/etc/driverctl.d/pci-0000:01:00.1": "", "/etc/driverctl.d/README": "x\n",
      "/usr/lib/udev/rules.d/05-driverctl.rules": "ACTION==\"add\"\n",
    ])
    #expect(
      settings.driverctl.map { "\($0.function) \($0.driver)" } == ["0000:01:00.0 vfio-pci", "10000:e1:00.0 nvme"])
    #expect(settings.driverctl.first?.source.place == "/etc/driverctl.d/pci-0000:01:00.0:1")
    #expect(settings.hasDriverctlRule == true)
    #expect(read([:]).hasDriverctlRule == nil)
    #expect(read(["/usr/lib/udev/rules.d/60-block.rules": ""]).hasDriverctlRule == false)
  }

  @Test func aDomainNamesFunctionsByLine() {
    let settings = read([
      "/etc/libvirt/qemu/win.xml": """
      <domain type='kvm'>
        <name>win</name>
        <devices>
          <hostdev mode='subsystem' type='pci' managed='yes'>
            <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
          </hostdev>
          <hostdev mode='subsystem' type='pci'>
            <source><address domain='0' bus='2' slot='0' function='0'/></source>
          </hostdev>
        </devices>
      </domain>
      """,
      "/etc/libvirt/qemu/broken.xml": "<domain>\n<devices>\n</domain>\n",
      "/etc/libvirt/qemu/autostart/win.xml": "",
    ])
    #expect(
      settings.domains.map { "\($0.domain.shown) \($0.function) \($0.isManaged) \($0.source.place)" } == [
        "win 0000:01:00.0 true /etc/libvirt/qemu/win.xml:4", "win 0000:02:00.0 false /etc/libvirt/qemu/win.xml:7",
      ])
    #expect(
      settings.malformed.count == 1 && settings.malformed.first?.hasPrefix("/etc/libvirt/qemu/broken.xml:3:") == true)
  }

  @Test func aProxmoxMachineNamesDevicesThreeWays() {
    let settings = read([
      "/etc/pve/qemu-server/100.conf":
        "boot: order=scsi0\nhostpci0: 01:00,pcie=1,x-vga=1\nhostpci1: host=0000:02:00.0;01:00.1\n[snap]\nhostpci2: 02:00\n",
      "/etc/pve/qemu-server/101.conf": "hostpci0: mapping=card,pcie=1\nhostpci1: mapping=none\nhostpcix: 02:00\n",
      "/etc/pve/mapping/pci.cfg":
        "card\n\tdescription a card\n\tmap id=10ee:6000,node=one,path=0000:02:00.0\n\tmap id=10ee:6000,node=two,path=0000:01:00.0\n",
      "/proc/sys/kernel/hostname": "one.example.org\n",
    ])
    #expect(
      settings.machines.map { "\($0.machine.shown) \($0.key) \($0.function) \($0.source.line ?? 0)" } == [
        "100 hostpci0 0000:01:00.0 2", "100 hostpci0 0000:01:00.1 2", "100 hostpci1 0000:01:00.1 3",
        "100 hostpci1 0000:02:00.0 3", "101 hostpci0 0000:02:00.0 1",
      ])
  }

  @Test func modulesAreLoadedWithOptionsAtBoot() {
    let settings = read([
      "/etc/initramfs-tools/modules": "# comment\nvfio_pci ids=10ee:5000 # mine\nnvme\n",
      "/etc/modules": "vfio-pci ids=8086:1521\n", "/etc/inittab": "",
    ])
    #expect(
      settings.moduleLines.map { "\($0.file):\($0.line): \($0.command.rawValue) \($0.module) \($0.arguments)" } == [
        "/etc/initramfs-tools/modules:2: options vfio_pci ids=10ee:5000",
        "/etc/modules:1: options vfio_pci ids=8086:1521",
      ])
    #expect(settings.initramfs == .initramfsTools)
  }

  @Test func whatMayNotBeReadIsNotNothing() {
    let settings = read(
      ["/etc/libvirt/qemu/a.xml": "<domain/>", "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"],
      barred: ["/etc/libvirt/qemu", "/etc/driverctl.d/pci-0000:01:00.0"])
    #expect(
      settings.unread == [
        Unread("/etc/driverctl.d/pci-0000:01:00.0", reason: .errno(.accessDenied)),
        Unread("/etc/libvirt/qemu", reason: .errno(.accessDenied)),
      ])
  }
}
