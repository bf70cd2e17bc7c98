import PCI
import System

/// An initramfs as the kernel takes it: archives of cpio(5), one after the other, the last of them mostly packed.
public struct BootImage: Sendable {
  /// Files below `etc/hostdev`, by their path from the image's `/` on.
  public private(set) var files: [String: [UInt8]] = [:]

  /// The pins that will be looked at when this image boots: the bytes of each one's file, by name.
  public var pins: [String: [UInt8]] {
    var pins: [String: [UInt8]] = [:]
    for (path, bytes) in files {
      guard path.hasPrefix(PinFolder.path + "/"), path.hasSuffix(".json") else { continue }
      pins[String(path.dropFirst(PinFolder.path.utf8.count + 1).dropLast(5))] = bytes
    }
    return pins
  }

  /// The image has the program, so its pins are put in place before modules are loaded.
  public private(set) var hasProgram = false

  public enum Fault: Error, Sendable, Equatable {
    case cannotRead(SystemError)
    /// Packed in a way that we do not know, or that no program here unpacks.
    case packed(String)
  }

  /// Programs that unpack, by the first bytes of what they unpack.
  static let unpackers: [(magic: [UInt8], program: String)] = [
    ([0x1f, 0x8b], "gzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
    ([0x02, 0x21, 0x4c, 0x18], "lz4"), ([0x04, 0x22, 0x4d, 0x18], "lz4"), ([0x42, 0x5a, 0x68], "bzip2"),
    ([0x5d, 0x00, 0x00], "lzma"),
  ]

  public init(_ path: String, in root: Root) throws(Fault) {
    do throws(SystemError) {
      let file = try ByteSource(path, in: root)
      guard let rest = try archives(of: file) else { return }
      guard let program = Self.unpackers.first(where: { rest.magic.starts(with: $0.magic) })?.program else {
        throw SystemError(call: "unpack", path: path, errno: .invalid)
      }
      guard
        let place = ["/usr/bin/", "/bin/"].map({ $0 + program }).first(where: { (try? Root("/"))?.exists($0) == true })
      else { throw SystemError(call: program, path: path, errno: .noEntry) }
      let unpacked = try ByteSource(place, [program, "-dc"], on: path, from: rest.offset, in: root)
      if try archives(of: unpacked) != nil { throw SystemError(call: "unpack", path: path, errno: .invalid) }
    } catch {
      switch (error.call, error.errno) {
      case ("unpack", _): throw .packed("what stands in it is no archive that the kernel would take")
      case (_, .noEntry) where Self.unpackers.contains(where: { $0.program == error.call }):
        throw .packed("it is packed, and \(error.call) is not installed")
      default: throw .cannotRead(error)
      }
    }
  }

  /// Reads archives up to the end, or up to what is none: where that begins, and its first bytes.
  private mutating func archives(of source: ByteSource) throws(SystemError) -> (offset: Int, magic: [UInt8])? {
    while true {
      let magic = try source.read(6)
      if magic.isEmpty { return nil }
      if magic.allSatisfy({ $0 == 0 }) {
        // Archives begin at multiples of four, with zeroes between them.
        _ = try source.skip((4 - source.position % 4) % 4)
        while true {
          let zeroes = try source.read(4)
          if zeroes.isEmpty { return nil }
          if zeroes.allSatisfy({ $0 == 0 }) { continue }
          let offset = source.position - zeroes.count
          let rest = zeroes + (try source.read(2))
          if !rest.starts(with: "0707".utf8) { return (offset, rest) }
          if try !entry(source) { return nil }
          break
        }
        continue
      }
      if !magic.starts(with: "0707".utf8) { return (source.position - magic.count, magic) }
      if try !entry(source) { return nil }
    }
  }

  /// One entry of the `newc` form, whose magic was read; false where the file ends in it.
  private mutating func entry(_ source: ByteSource) throws(SystemError) -> Bool {
    let header = try source.read(104)
    guard header.count == 104 else { return false }
    func field(_ number: Int) -> Int? {
      parseHex(String(decoding: header[number * 8..<number * 8 + 8], as: UTF8.self), as: UInt32.self).map(Int.init)
    }
    guard let size = field(6), let nameSize = field(11), nameSize < 1 << 16 else {
      throw SystemError(call: "unpack", path: "", errno: .invalid)
    }
    let name = try source.read(nameSize)
    guard try source.skip((4 - (110 + nameSize) % 4) % 4) else { return false }
    var path = String(decoding: name.dropLast(), as: UTF8.self)
    if path.hasPrefix("./") { path.removeFirst(2) }
    if !path.hasPrefix("/") { path = "/" + path }
    let padding = (4 - size % 4) % 4
    if path == "/usr/sbin/hostdev", size > 0 { hasProgram = true }
    if path.hasPrefix("/etc/hostdev/"), size > 0, size <= 1 << 20 {
      files[path] = try source.read(size)
      return try source.skip(padding)
    }
    return try source.skip(size + padding)
  }
}
