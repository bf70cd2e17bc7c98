import Glibc

/// A name in a directory: bytes, as the kernel compares them. Two ways to write é are two names.
struct FileName: Hashable, Sendable {
  let text: String

  /// As C takes it: a NUL ends it.
  init(_ text: String) { self.text = text.utf8.contains(0) ? String(text.prefix { $0 != "\0" }) : text }

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { text = String(decoding: bytes, as: UTF8.self) }

  /// The names of a path, the last one first. A slash at its end counts as a `.` after it.
  static func reversed(_ path: String) -> [FileName] {
    var path = path
    return path.withUTF8 { bytes in
      let slash = UInt8(ascii: "/")
      var names: [FileName] = []
      var end = bytes.firstIndex(of: 0) ?? bytes.count
      if end > 0, bytes[end - 1] == slash { names.append(FileName(".")) }
      while end > 0 {
        var start = end
        while start > 0, bytes[start - 1] != slash { start -= 1 }
        if start < end { names.append(FileName(UnsafeBufferPointer(rebasing: bytes[start..<end]))) }
        end = start - 1
      }
      return names
    }
  }

  var isDot: Bool { text == "." }
  var isTwoDots: Bool { text == ".." }
  /// NAME_MAX, a NUL apart.
  var isTooLong: Bool { text.utf8.count > Int(NAME_MAX) }

  static func == (one: FileName, other: FileName) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
