/// The devices among the open files of a process.
public struct OpenDevices: Sendable, Equatable {
  public var devices: [OpenDevice] = []
  /// All open files, devices or not.
  public var seen = 0

  public init() {}
}

/// One open device.
public struct OpenDevice: Sendable, Equatable {
  /// The link's text: its name as the process's own file system has it.
  public let name: String
  /// Nil if only the name is known.
  public let number: FileKind?

  public init(name: String, number: FileKind?) {
    self.name = name
    self.number = number
  }

  /// A device by its name: a node, if a node's name is all there is, or an attribute of a device: a driver in user
  /// space maps `resource0` without any node.
  public static func isDevice(_ name: String, isNode: Bool = true) -> Bool {
    (isNode && name.hasPrefix("/") && name.contains("/dev/")) || name.hasPrefix("/sys/devices/")
  }

  /// The name in `/dev` of a node that was opened below another root (`/srv/chroot/dev/nvme0n1`) or has been removed
  /// since (`/dev/nvme0n1 (deleted)`), for when its number is not known.
  public static func plainName(_ name: String) -> String {
    let removed = " (deleted)"
    let text = name.hasSuffix(removed) ? String(name.dropLast(removed.utf8.count)) : name
    guard !text.hasPrefix("/dev/"), let place = text.ranges(of: "/dev/").last else { return text }
    return String(text[place.lowerBound...])
  }
}
