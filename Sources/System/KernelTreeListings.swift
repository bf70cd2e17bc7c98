import CSystem
import Glibc

/// Listings, and those that tell more of an entry than its name: a walk need not open every file.
extension KernelTree {
  func entries(_ path: String) throws(SystemError) -> [String] {
    let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(descriptor) else {
      let failure = Errno.current
      close(descriptor)
      throw SystemError(call: "fdopendir", path: path, errno: failure)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        raw.baseAddress.map {
          String(decoding: UnsafeRawBufferPointer(start: $0, count: strnlen($0, raw.count)), as: UTF8.self)
        } ?? ""
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw SystemError(call: "readdir", path: path, errno: .current) }
    return names
  }

  func folders(_ path: String) throws(SystemError) -> [String] {
    var names: [String] = []
    try forEachEntry(path) { directory, name, type in
      var isFolder = type == UInt8(DT_DIR)
      if type == UInt8(DT_UNKNOWN) {
        var status = stat()
        isFolder = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      if isFolder { names.append(String(cString: name)) }
    }
    return names
  }

  /// On a kernel's procfs the links are magic ones and are followed by `statx(2)`, so that a node counts by its
  /// numbers under whatever name a container has it. A capture's are plain text, never followed.
  func openDevices(_ path: String) throws(SystemError) -> OpenDevices {
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
    (isNode && name.pointee == 0x2f && strstr(name, "/dev/") != nil) || strncmp(name, "/sys/devices/", 13) == 0
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
