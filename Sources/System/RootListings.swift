import CSystem
import Glibc

/// Listings that tell more of an entry than its name, for walks that would otherwise open every file.
extension Root {
  /// Names of the directories in a directory, sorted by their bytes; a link to a directory is none.
  public func folders(_ path: String) throws(SystemError) -> [String] {
    var names: [String] = []
    try forEachEntry(path) { directory, name, type in
      var isFolder = type == UInt8(DT_DIR)
      if type == UInt8(DT_UNKNOWN) {
        var status = stat()
        isFolder = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      if isFolder { names.append(String(cString: name)) }
    }
    return names.sorted()
  }

  /// The devices, and attributes of devices, among a process's open files; `path` is its `/proc/PID/fd`.
  ///
  /// On a kernel's procfs the links are magic ones and are followed by `statx(2)`, so that a node counts by its
  /// numbers under whatever name a container has it. A capture's are plain text, never followed.
  public func openDevices(_ path: String) throws(SystemError) -> OpenDevices {
    var found = OpenDevices()
    var isKernel: Bool?
    try forEachEntry(path) { directory, name, _ in
      found.seen += 1
      let followed = isKernel ?? (hostdev_is_procfs(directory) == 1)
      isKernel = followed
      var number: FileKind?
      if followed {
        var major: UInt32 = 0
        var minor: UInt32 = 0
        switch hostdev_device_number(directory, name, &major, &minor) {
        case Int32(UInt8(ascii: "b")): number = .blockDevice(major: major, minor: minor)
        case Int32(UInt8(ascii: "c")): number = .characterDevice(major: major, minor: minor)
        case Int32(UInt8(ascii: "a")): break
        default: return
        }
      }
      let isNamed = number != nil
      let text: String? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
        guard let start = buffer.baseAddress else { return nil }
        let length = readlinkat(directory, name, start, Int(PATH_MAX))
        guard length >= 0 else { return nil }
        start[length] = 0
        // Of half a million descriptors nearly all are files and sockets: no text is made of those.
        if !isNamed, !Self.isDevice(start, isNode: !followed) { return nil }
        return String(cString: start)
      }
      if let text { found.devices.append(OpenDevice(name: text, number: number)) }
    }
    return found
  }

  private static func isDevice(_ name: UnsafePointer<CChar>, isNode: Bool) -> Bool {
    (isNode && strncmp(name, "/dev/", 5) == 0) || strncmp(name, "/sys/devices/", 13) == 0
  }

  /// A device by its name: a node, where a node's name is all there is, or an attribute of a device: a driver in user
  /// space maps `resource0` without any node.
  public static func isDevice(_ name: String, isNode: Bool = true) -> Bool {
    (isNode && name.hasPrefix("/dev/")) || name.hasPrefix("/sys/devices/")
  }

  /// Calls `body` with the directory's descriptor, each name in it and its `d_type`, but for `.` and `..`.
  private func forEachEntry(
    _ path: String, _ body: (Int32, UnsafePointer<CChar>, UInt8) -> Void
  ) throws(SystemError) {
    let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(descriptor) else {
      let failure = Errno.current
      close(descriptor)
      throw SystemError(call: "fdopendir", path: path, errno: failure)
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let type = entry.pointee.d_type
      withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        guard let name = raw.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
        let dot = CChar(UInt8(ascii: "."))
        if name[0] == dot, name[1] == 0 || (name[1] == dot && name[2] == 0) { return }
        body(descriptor, name, type)
      }
    }
    if errno != 0 { throw SystemError(call: "readdir", path: path, errno: .current) }
  }
}

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
  /// Nil where only the name is known.
  public let number: FileKind?

  public init(name: String, number: FileKind?) {
    self.name = name
    self.number = number
  }
}
