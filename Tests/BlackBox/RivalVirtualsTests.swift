import Foundation
import Testing

/// The number of virtual functions is what a pin and another tool both set.
@Suite struct RivalVirtualsTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let file: String
    let text: @Sendable (Int) -> String
    var more: [String: String] = [:]
    var severity: String? = "warning"
    var line = 1
    var testDescription: String { file }

    init(
      _ file: String, line: Int = 1, more: [String: String] = [:], severity: String? = "warning",
      _ text: @escaping @Sendable (Int) -> String
    ) {
      self.file = file
      self.text = text
      self.more = more
      self.severity = severity
      self.line = line
    }
  }

  private static let pci = "/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs"
  private static let net = "/sys/class/net/enp1s0f0/device/sriov_numvfs"

  private static let settings = [
    Setting("/etc/udev/rules.d/70-sriov.rules") {
      "ACTION==\"add\", SUBSYSTEM==\"net\", ENV{ID_NET_DRIVER}==\"igb\", ATTRS{device}==\"0x1521\", KERNEL==\"enp1s0f0\", ATTR{device/sriov_numvfs}=\"\($0)\"\n"
    },
    Setting("/usr/lib/udev/rules.d/70-sriov.rules", line: 2) {
      "# x\nSUBSYSTEM==\"pci\", KERNEL==\"0000:01:00.0\", \\\n  ATTR{sriov_numvfs}=\"\($0)\"\n"
    },
    Setting("/etc/netplan/60-sriov.yaml", line: 4) {
      "network:\n  ethernets:\n    enp1s0f0:\n      virtual-function-count: \($0)\n"
    },
    Setting("/run/netplan/60-sriov.yaml", line: 5) {
      "network:\n  ethernets:\n    pf:\n      match: {name: 'enp1s0f?', driver: igb}\n      virtual-function-count: \($0)\n"
    },
    Setting("/etc/systemd/network/50-pf.link", line: 5) {
      "[Match]\nOriginalName=enp1s0f0\n\n[Link]\nSR-IOVVirtualFunctions=\($0)\n"
    },
    Setting(
      "/etc/systemd/network/50-pf.link.d/vfs.conf", line: 2,
      more: ["/etc/systemd/network/50-pf.link": "[Match]\nPath=pci-0000:01:00.0\n"]
    ) { "[Link]\nSR-IOVVirtualFunctions=\($0)\n" },
    Setting("/etc/systemd/network/50-pf.link", line: 6) {
      "[Match]\nOriginalName=enp1s0f0\n[SR-IOV]\nVirtualFunction=0\n[SR-IOV]\nVirtualFunction=\($0 - 1)\n"
    },
    Setting("/etc/NetworkManager/system-connections/pf.nmconnection", line: 6) {
      "[connection]\nid=pf\ntype=ethernet\ninterface-name=enp1s0f0\n[sriov]\ntotal-vfs=\($0)\n"
    },
    Setting("/etc/modprobe.d/igb.conf", line: 2) { "# ports\noptions igb debug=1 max_vfs=\($0),\($0)\n" },
    Setting("/etc/sysfs.conf") { "class/net/enp1s0f0/device/sriov_numvfs = \($0)\n" },
    Setting("/etc/sysfs.d/vfs.conf", line: 2) { "# VFs\nbus/pci/devices/0000:01:00.0/sriov_numvfs=\($0)\n" },
    Setting("/etc/tmpfiles.d/vfs.conf") { "w \(pci) - - - - \($0)\n" },
    Setting(
      "/etc/tuned/profiles/mine/tuned.conf", line: 2,
      more: [
        "/etc/tuned/active_profile": "my-host\n", "/usr/lib/tuned/my-host/tuned.conf": "[main]\ninclude=mine\n",
      ]
    ) { "[sysfs]\n\(net)=\($0)\n" },
    Setting("/etc/rc.local", line: 2) { "#!/bin/sh\necho \($0) > \(net)\n" },
    Setting("/etc/network/interfaces.d/pf", line: 2) {
      "iface enp1s0f0 inet manual\n  pre-up echo \($0) > /sys/class/net/$IFACE/device/sriov_numvfs\n"
    },
    Setting("/etc/systemd/system/vfs.service", line: 2) { "[Service]\nExecStart=/bin/sh -c 'echo \($0) > \(pci)'\n" },
    Setting("/etc/cron.d/vfs") { "@reboot root echo \($0) > \(pci)\n" },
  ]

  private static func capture() throws -> Capture {
    let capture = try Capture("nic-vfs")
    #expect(try capture.hostdev("pin", "nics", "01:00.0", "--vfs", "4", "--bind").status == 0)
    return capture
  }

  private func rivals(_ capture: Capture) throws -> [JSON] {
    let checks = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    return checks.filter { $0["code"]?.text == "rival-tools" }
  }

  @Test func aToolThatSetsAnotherNumberIsARival() throws {
    let capture = try Self.capture()
    for setting in Self.settings {
      for (file, text) in setting.more { try capture.file(file, text) }
      try capture.file(setting.file, setting.text(7))
      let found = try rivals(capture)
      let one = try #require(found.first { $0["severity"]?.text == "warning" }, "\(setting.file): \(found)")
      #expect(one["functions"]?.texts == ["0000:01:00.0"])
      #expect(one["message"]?.text?.contains("7 virtual functions, pin nics 4") == true, "\(one)")
      #expect(one["message"]?.text?.contains("EBUSY") == true)
      #expect(
        one["evidence"]?.texts?.contains { $0.hasPrefix("\(setting.file):\(setting.line): ") } == true, "\(one)")
      // Control: the same number is no rival, and neither is another card's.
      try capture.file(setting.file, setting.text(4))
      #expect(try rivals(capture).map { $0["severity"]?.text } == ["ok"], "\(setting.file)")
      let elsewhere = setting.text(7).replacingOccurrences(of: "enp1s0f0", with: "enp9s0")
        .replacingOccurrences(of: "01:00.0", with: "09:00.0").replacingOccurrences(of: "enp1s0f?", with: "enp9*")
      if elsewhere != setting.text(7) {
        try capture.file(setting.file, elsewhere)
        #expect(try rivals(capture).map { $0["severity"]?.text } == ["ok"], "\(setting.file): \(elsewhere)")
      }
      try capture.remove(setting.file)
      for file in setting.more.keys { try capture.remove(file) }
    }
  }

  @Test func aNumberThatCannotBeReadIsUnknown() throws {
    let capture = try Self.capture()
    try capture.file("/etc/rc.local", "echo $COUNT > \(Self.pci)\n")
    #expect(try rivals(capture).map { $0["severity"]?.text } == ["unknown"])
  }

  @Test func aNetworkThatHandsVirtualFunctionsOutGivesThemBack() throws {
    let capture = try Self.capture()
    let network =
      "<network><name>vfs</name>\n<forward mode='hostdev' managed='yes'>\n<pf dev='enp1s0f0'/></forward></network>"
    try capture.file("/etc/libvirt/qemu/networks/vfs.xml", network)
    let found = try #require(try rivals(capture).first)
    #expect(found["severity"]?.text == "warning" && found["message"]?.text?.contains("gives each back") == true)
    #expect(found["evidence"]?.texts?.contains { $0.hasPrefix("/etc/libvirt/qemu/networks/vfs.xml:3: ") } == true)
    // Control: a bridge of that name is none.
    try capture.file(
      "/etc/libvirt/qemu/networks/vfs.xml", "<network><forward mode='bridge'/><bridge name='enp1s0f0'/></network>")
    #expect(try rivals(capture).map { $0["severity"]?.text } == ["ok"])
  }

  @Test func twoOtherToolsAreToldWithoutAPin() throws {
    let capture = try Capture("nic-vfs")
    try capture.file("/etc/sysfs.conf", "class/net/enp1s0f0/device/sriov_numvfs = 7\n")
    #expect(try rivals(capture).map { $0["severity"]?.text } == ["ok"])
    try capture.file("/etc/rc.local", "echo 4 > \(Self.pci)\n")
    let found = try #require(try rivals(capture).first)
    #expect(found["severity"]?.text == "warning" && found["message"]?.text?.contains("sysfsutils 7") == true)
  }
}
