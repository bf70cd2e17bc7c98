import Host
import PCI
import Sysfs
import System
import TestSupport
import Testing

@testable import Settings

@Suite("udev's rules, as udev reads them")
struct UdevRulesTests {
  private static let path = "/etc/udev/rules.d/61-vfio.rules"

  private static func card(_ text: String, _ device: UInt16, class code: UInt32 = 0x030000) -> Function {
    var function = Function(address: Examined.address(text))
    function.vendorID = .known(0x10de)
    function.deviceID = .known(device)
    function.subsystemVendorID = .known(0x1043)
    function.subsystemDeviceID = .known(0x87b5)
    function.classCode = .known(ClassCode(code))
    function.driver = .known("vfio-pci")
    return function
  }

  private static let port: Function = {
    var function = card("0000:00:01.0", 0x1234, class: 0x060400)
    function.vendorID = .known(0x8086)
    function.driver = .known("pcieport")
    return function
  }()
  private static let screen = card("0000:01:00.0", 0x2204)
  private static let sound = card("0000:01:00.1", 0x1aef, class: 0x040300)

  private func rules(_ files: [String: String]) -> UdevRules {
    HostSettings(reading: Written(files), functions: []).udev
  }

  /// `0000:01:00.0 vfio-pci`, with `?` where that is not certain.
  private func drivers(_ files: [String: String]) -> [String] {
    let rules = rules(files)
    return [Self.screen, Self.sound].flatMap { function in
      rules.readings(UdevDevice(function, parents: [UdevDevice(Self.port)])) { _ in [] }.map { reading in
        let what =
          switch reading.kind {
          case .driver(let name): name
          case .removal: "removed"
          case .unbound: "unbound"
          case .virtuals(let count): "\(count)"
          case .unclear: "unclear"
          }
        return "\(reading.function?.function ?? 9) \(what)\(reading.isCertain ? "" : "?")"
      }
    }
  }

  private static let override = "ATTR{driver_override}=\"vfio-pci\""

  private static let table: [(String, [String])] = [
    ("SUBSYSTEM==\"pci\", ATTR{vendor}==\"0x10de\", ATTR{device}==\"0x2204\", \\\n  \(override)", ["0 vfio-pci"]),
    ("ATTR{vendor}==\"0x10de\", \\\n# a comment between\n\\\n\(override)", ["0 vfio-pci", "1 vfio-pci"]),
    (
      "ACTION==\"add\", SUBSYSTEM==\"pci\", ATTRS{vendor}==\"0x10de\", ATTRS{device}==\"0x2204\", \(override)",
      ["0 vfio-pci"]
    ),
    // Both keys have to fit one device of the chain: no port has these two.
    ("ATTRS{vendor}==\"0x8086\", ATTRS{device}==\"0x2204\", \(override)", []),
    ("ATTRS{vendor}==\"0x8086\", ATTRS{device}==\"0x1234\", \(override)", ["0 vfio-pci", "1 vfio-pci"]),
    ("KERNELS==\"0000:00:01.0\", KERNEL==\"*.1\", \(override)", ["1 vfio-pci"]),
    ("SUBSYSTEMS==\"pci\", DRIVERS==\"pcieport\", KERNEL==\"*.0\", \(override)", ["0 vfio-pci"]),
    ("ENV{PCI_ID}==\"10DE:2204\", \(override)", ["0 vfio-pci"]),
    ("ENV{PCI_SLOT_NAME}==\"0000:01:00.[01]\", \(override)", ["0 vfio-pci", "1 vfio-pci"]),
    ("ENV{PCI_CLASS}==\"3????|40300\", \(override)", ["0 vfio-pci", "1 vfio-pci"]),
    ("ENV{PCI_SUBSYS_ID}==\"1043:87B5\", ATTR{class}!=\"0x03*\", \(override)", ["1 vfio-pci"]),
    ("ATTR{class}==\"0x03[0-9]*|0x0c*\", \(override)", ["0 vfio-pci"]),
    ("ATTR{device}==i\"0X1AEF\", \(override)", ["1 vfio-pci"]),
    (
      "SUBSYSTEM!=\"pci\", GOTO=\"end\"\nATTR{class}!=\"0x04*\", GOTO=\"end\"\n\(override)\nLABEL=\"end\"",
      ["1 vfio-pci"]
    ),
    ("SUBSYSTEM==\"pci\", GOTO=\"end\"\n\(override)\nLABEL=\"end\"", []),
    ("ATTR{class}==\"0x03*\", ENV{MINE}=\"1\"\nENV{MINE}==\"1\", \(override)", ["0 vfio-pci"]),
    ("ENV{OTHER}==\"1\", \(override)", []),
    ("GOTO=\"nowhere\"\nKERNEL==\"*.0\", \(override)", ["0 vfio-pci"]),
    // A later rule takes back what an earlier one gave.
    ("\(override)\nKERNEL==\"0000:01:00.1\", ATTR{driver_override}=\"nvidia\"", ["0 vfio-pci", "1 nvidia"]),
    ("\(override)\nKERNEL==\"0000:01:00.1\", ATTR{driver_override}=\"\"", ["0 vfio-pci"]),
    ("ACTION==\"remove\", \(override)", []), ("ACTION!=\"remove\", KERNEL==\"*.0\", \(override)", ["0 vfio-pci"]),
    ("ACTION==\"add|change\", KERNEL==\"*.0\", \(override), OPTIONS+=\"log_level=debug\"", ["0 vfio-pci"]),
    ("KERNEL==\"*.0\", RUN+=\"/bin/sh -c 'echo vfio-pci > /sys/bus/pci/devices/%k/driver_override'\"", ["0 vfio-pci"]),
    (
      "KERNEL==\"*.0\", RUN+=\"/bin/sh -c 'echo -n \\\"vfio-pci\\\" > /sys$devpath/driver_override; modprobe vfio-pci'\"",
      ["0 vfio-pci"]
    ),
    (
      "KERNEL==\"*.0\", RUN+=\"/usr/bin/bash -c \\\"echo vfio-pci | tee /sys/bus/pci/devices/0000:01:00.1/driver_override\\\"\"",
      ["1 vfio-pci"]
    ),
    ("KERNEL==\"*.0\", RUN+=\"/usr/sbin/driverctl --nosave set-override %k vfio-pci\"", ["0 vfio-pci"]),
    ("KERNEL==\"*.0\", ATTR{[pci/0000:01:00.1]driver_override}=\"vfio-pci\"", ["1 vfio-pci"]),
    ("KERNEL==\"*.0\", RUN+=\"/bin/sh -c 'echo %k > /sys/bus/pci/drivers/vfio-pci/bind'\"", ["0 vfio-pci"]),
    ("KERNEL==\"*.1\", ATTR{remove}=\"1\"", ["1 removed"]),
    ("KERNEL==\"*.1\", RUN+=\"/bin/sh -c 'echo 1 > /sys/bus/pci/devices/$kernel/remove'\"", ["1 removed"]),
    // What cannot be read to its end is not known, and is not nothing.
    ("KERNEL==\"*.0\", RUN+=\"/usr/bin/vfio-pci-bind.sh %k\"", ["0 vfio-pci"]),
    ("KERNEL==\"*.0\", RUN+=\"/usr/local/bin/gpu %k\"", ["0 unclear"]),
    ("KERNEL==\"*.0\", TAG+=\"systemd\", ENV{SYSTEMD_WANTS}+=\"vfio@%k.service\"", ["0 unclear"]),
    ("KERNEL==\"*.0\", PROGRAM==\"/bin/true\", \(override)", ["0 vfio-pci?"]),
    ("KERNEL==\"*.0\", ATTR{label}==\"GPU\", \(override)", ["0 vfio-pci?"]),
    ("KERNEL==\"*.0\", ATTR{driver_override}=\"vfio-pci", ["0 unclear", "1 unclear"]),
    ("ATTR{label}==\"x\", GOTO=\"end\"\nKERNEL==\"*.0\", \(override)\nLABEL=\"end\"", ["0 vfio-pci?"]),
    // Control: these do nothing to a driver.
    ("SUBSYSTEM==\"vfio\", OWNER=\"root\", GROUP=\"kvm\"", []),
    ("KERNEL==\"*.0\", RUN+=\"/sbin/modprobe vfio-pci\"", []),
    ("SUBSYSTEM==\"net\", NAME=\"eth0\"", []), ("KERNEL==\"*.0\", ATTR{power/control}=\"auto\"", []),
    ("# \(override)", []), ("KERNEL==\"*.0\", RUN+=\"/usr/bin/logger vga\"", []),
  ]

  @Test(arguments: table)
  func rule(_ text: String, _ expected: [String]) {
    #expect(drivers([Self.path: text + "\n"]) == expected)
  }

  @Test func aFileHidesThoseOfItsNameFurtherDown() {
    let name = "61-vfio.rules"
    let own = "KERNEL==\"*.0\", \(Self.override)\n"
    for folder in ["/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d", "/usr/local/lib/udev/rules.d"] {
      #expect(drivers(["\(folder)/\(name)": own]) == ["0 vfio-pci"])
      #expect(rules(["\(folder)/\(name)": own]).effective.map(\.source.place) == ["\(folder)/\(name):1"])
      #expect(drivers(["\(folder)/\(name)": own, Self.path: ""]) == [])
    }
    #expect(drivers(["/usr/lib/udev/rules.d/\(name)": own, "/run/udev/rules.d/\(name)": "# none\n"]) == [])
  }

  @Test func aLinkToNullMasks() throws {
    let host = try Scratch()
    try host.file("/usr/lib/udev/rules.d/61-vfio.rules", Self.override + "\n")
    func count() -> Int {
      HostSettings(reading: TreeSysfs(host.root, isWritable: false), functions: []).udev.effective.count
    }
    #expect(count() == 1)
    try host.link("/etc/udev/rules.d/61-vfio.rules", to: "/dev/null")
    #expect(count() == 0)
    let settings = HostSettings(reading: TreeSysfs(host.root, isWritable: false), functions: [])
    #expect(settings.unread.isEmpty)
  }

  @Test func linesAreThoseOfTheFile() {
    let found = rules([
      Self.path: "# a\n\nKERNEL==\"*.0\", \\\n  \(Self.override)\nKERNEL==\"*.1\", \(Self.override)\n",
      "/etc/udev/rules.d/60-hostdev.rules": Self.override + "\n",
      "/usr/lib/udev/rules.d/89-vfio-driverctl.rules": "RUN+=\"driverctl set-override %k vfio-pci\"\n",
    ]).effective
    #expect(found.map(\.source.line) == [3, 5] && found.map(\.lastLine) == [4, 5])
  }

  @Test func aNumberOfVirtualFunctionsIsThatOfTheFunctionBehindTheInterface() {
    let device = UdevDevice(Self.screen)
    let interface = UdevDevice(ClassDevice("net", "enp1s0f0", of: Self.screen.address), of: device)
    func counts(_ text: String) -> [FunctionEffect.Kind] {
      rules([Self.path: text + "\n"]).readings(interface) { $0 == .interface("enp1s0f0") ? [Self.screen.address] : [] }
        .map(\.kind)
    }
    let seven = FunctionEffect.Kind.virtuals(.number(7))
    #expect(counts("SUBSYSTEM==\"net\", ATTR{device/sriov_numvfs}=\"7\"") == [seven])
    #expect(counts("KERNEL==\"enp1s*\", ATTR{device/vendor}==\"0x10de\", ATTR{device/sriov_numvfs}=\"7\"") == [seven])
    #expect(counts("ATTR{device/sriov_numvfs}=\"$attr{device/sriov_totalvfs}\"") == [.virtuals(.all)])
    #expect(counts("RUN+=\"/bin/sh -c 'echo 7 > /sys/class/net/%k/device/sriov_numvfs'\"") == [seven])
    #expect(counts("RUN+=\"/bin/sh -c 'echo 7 > /sys/class/net/enp1s0f0/device/sriov_numvfs'\"") == [seven])
    #expect(counts("RUN+=\"/bin/sh -c 'echo 7 > /sys/class/net/enp9s0/device/sriov_numvfs'\"") == [])
    #expect(counts("KERNEL==\"enp9*\", ATTR{device/sriov_numvfs}=\"7\"") == [])
  }
}
