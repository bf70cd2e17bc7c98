import Inventory
import Host
import HostUse
import PCI
import Sysfs
import System
import TestSupport

/// A host that a test writes down.
final class CapturedHost: Scratch, @unchecked Sendable {
  static let address = Address("0000:02:00.0") ?? Address(domain: 0, routingID: 0)
  /// The folder of the function that `evidence` is about.
  let card = "/sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0"

  override init() throws {
    try super.init()
    try file("/proc/self/mountinfo", "1 0 0:1 / / rw - tmpfs none rw\n")
    try file("/proc/net/route", "Iface\n")
    try file("/proc/net/fib_trie", "Main:\n")
    try folder(card)
    try folder("/sys/class/block")
  }

  /// A device's folder with `uevent` and `subsystem`; a block device or interface with its class link too.
  func device(_ path: String, _ subsystem: String, number: String? = nil, type: String? = nil) throws {
    let name = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
    var event = ""
    if let number {
      let parts = number.split(separator: ":")
      event += "MAJOR=\(parts[0])\nMINOR=\(parts[1])\nDEVNAME=\(name)\n"
      try file("\(path)/dev", number + "\n")
    }
    if let type { event += "DEVTYPE=\(type)\n" }
    try file("\(path)/uevent", event)
    try link("\(path)/subsystem", to: "/sys/class/\(subsystem)")
    try link("/sys/class/\(subsystem)/\(name)", to: path)
  }

  /// nvme0 with nvme0n1 and the partitions p1 … below the function.
  func nvme(partitions: Int) throws {
    try device("\(card)/nvme/nvme0", "nvme", number: "240:0")
    try device("\(card)/nvme/nvme0/nvme0n1", "block", number: "259:0", type: "disk")
    for part in 0..<partitions {
      try device(
        "\(card)/nvme/nvme0/nvme0n1/nvme0n1p\(part + 1)", "block", number: "259:\(part + 1)", type: "partition")
    }
    try link("/sys/class/nvme-subsystem/nvme-subsys0/nvme0", to: "\(card)/nvme/nvme0")
  }

  /// A virtual block device on top of others.
  func stacked(_ name: String, on bases: [String], number: String, mapped: String? = nil) throws {
    let path = "/sys/devices/virtual/block/\(name)"
    try device(path, "block", number: number, type: "disk")
    if let mapped { try file("\(path)/dm/name", mapped + "\n") }
    for base in bases { try link("/sys/class/block/\(base)/holders/\(name)", to: path) }
  }

  func surroundings(isRehearsal: Bool = true) -> Surroundings {
    SurroundingsReader(TreeSysfs(root, isWritable: false), isCapture: isRehearsal).read()
  }

  func evidence(
    classCode: UInt32 = 0x010802, driver: Fact<String> = .known("nvme"), isRehearsal: Bool = true,
    ssh: String? = nil, addresses: [InterfaceAddress]? = nil, group: Int = 14,
    adapt: (inout Function) -> Void = { _ in }, others: [Function] = []
  ) -> Usage {
    var function = Function(address: Self.address)
    function.classCode = .known(ClassCode(classCode))
    function.driver = driver
    function.devicePath = .known(card)
    function.iommuGroup = .known(group)
    adapt(&function)
    let host = Host(functions: [function] + others, groups: [:], groupsReadable: true, rootBuses: .unknown)
    return Evidence(
      sysfs: TreeSysfs(root, isWritable: false), isRehearsal: isRehearsal, sshConnection: ssh, addresses: addresses,
      clock: .system
    ).gather([Self.address], in: host)
  }
}

extension Usage {
  /// `mount / 0000:02:00.0 nvme0 …`, for comparison in one line.
  var lines: [String] {
    uses.map {
      "\($0.kind.rawValue) \($0.subject) \($0.detail): \($0.chain.joined(separator: " > "))\($0.isVital ? " !" : "")"
    }
  }
}

extension Usage {
  /// Subjects of what is there and not in use.
  var idle: [String] { uses.filter(\.isIdle).map { "\($0.kind.rawValue) \($0.subject)" } }
}
