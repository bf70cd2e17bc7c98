/// Number of a device node.
struct DeviceNumber: Hashable, Sendable {
  let major: UInt32
  let minor: UInt32
  let isBlock: Bool

  init(major: UInt32, minor: UInt32, isBlock: Bool) {
    self.major = major
    self.minor = minor
    self.isBlock = isBlock
  }

  /// `259:2`, as the `dev` attribute and mountinfo spell it.
  init?(_ text: some StringProtocol, isBlock: Bool) {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else { return nil }
    self.init(major: major, minor: minor, isBlock: isBlock)
  }

  var text: String { "\(major):\(minor)" }
}

/// One device of the kernel's model that stands below a PCI function.
struct ChildDevice: Sendable {
  /// Its folder below `/sys/devices` (or the class link that leads there).
  let path: String
  let name: String
  /// `block`, `net`, `usb`; by its `subsystem` link, else by the folder that it is in.
  let subsystem: String
  let number: DeviceNumber?
  /// `/dev/nvme0n1p2`: DEVNAME of its uevent.
  let node: String?
  /// The lines of its uevent.
  let event: [String: String]
  /// From the function to this device.
  let chain: [String]

  /// A disk or partition that has a node: the kernel hides a multipath namespace's paths.
  var isBlock: Bool { subsystem == "block" && number != nil }
  var isPartition: Bool { isBlock && event["DEVTYPE"] == "partition" }
}
