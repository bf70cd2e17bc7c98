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
      if let name = PinFolder.name(ofFile: path) { pins[name] = bytes }
    }
    return pins
  }

  /// The image has the program, so its pins are put in place before modules are loaded.
  public private(set) var hasProgram = false

  public enum Fault: Error, Sendable, Equatable {
    case cannotRead(SystemError)
    /// No image, no whole one, or packed in a way that no program here unpacks.
    case packed(String)
  }

  /// Programs that unpack, by the first bytes of what they unpack.
  static let unpackers: [(magic: [UInt8], program: String)] = [
    ([0x1f, 0x8b], "gzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
    ([0x02, 0x21, 0x4c, 0x18], "lz4"), ([0x04, 0x22, 0x4d, 0x18], "lz4"), ([0x42, 0x5a, 0x68], "bzip2"),
    ([0x5d, 0x00, 0x00], "lzma"),
  ]

  /// `isInstalled`: the machine that we run on has the program at this path.
  public init(_ path: String, in root: Root, isInstalled: (_ path: String) -> Bool) throws(Fault) {
    var end: End
    do { end = try archives(of: ByteSource(path, in: root)) } catch { throw .cannotRead(error) }
    if case .other(let offset, let magic) = end,
      let program = Self.unpackers.first(where: { magic.starts(with: $0.magic) })?.program
    {
      guard
        let place = ["/usr/bin/", "/bin/"].map({ $0 + program }).first(where: isInstalled)
      else { throw .packed("it is compressed, and \(program) is not installed") }
      var status: Int32 = 0
      do {
        let unpacked = try ByteSource(place, [program, "-dc"], on: path, from: offset, in: root)
        end = try archives(of: unpacked)
        // Only then has it no more to say, which it would wait to be asked for.
        if case .whole = end { status = unpacked.finish() }
      } catch { throw .cannotRead(error) }
      if status != 0 { throw .packed("\(program) cannot unpack all of it: exit status \(status)") }
    }
    switch end {
    case .whole: return
    case .cutOff: throw .packed("it is incomplete: an archive in it has no end")
    case .other: throw .packed("it contains no archive that the kernel accepts")
    }
  }

  /// What comes behind the archives in a file.
  private enum End {
    /// Nothing, and the last archive ends as one does.
    case whole
    /// Nothing, or zeroes, before an archive has come to its end: a file that was not written to its own.
    case cutOff
    /// Something that is not an archive: where it begins, and its first bytes.
    case other(offset: Int, magic: [UInt8])
  }

  /// Reads archives up to the end, or up to what is none.
  private mutating func archives(of source: ByteSource) throws(SystemError) -> End {
    // Nil: none yet. An archive ends with an entry of its own, `TRAILER!!!`.
    var isComplete: Bool?
    while true {
      var magic = try source.read(6)
      if isComplete != false, !magic.isEmpty, magic.allSatisfy({ $0 == 0 }) {
        // Archives begin at multiples of four, with zeroes between them.
        _ = try source.skip((4 - source.position % 4) % 4)
        repeat { magic = try source.read(4) } while !magic.isEmpty && magic.allSatisfy { $0 == 0 }
        if !magic.isEmpty { magic += try source.read(2) }
      }
      guard magic.starts(with: "0707".utf8) else {
        if isComplete == false { return .cutOff }
        return magic.isEmpty && isComplete == true
          ? .whole : .other(offset: source.position - magic.count, magic: magic)
      }
      switch try entry(source) {
      case .file: isComplete = false
      case .trailer: isComplete = true
      case .cutOff: return .cutOff
      case .malformed: return .other(offset: source.position, magic: [])
      }
    }
  }

  private enum Entry { case file, trailer, cutOff, malformed }

  /// One entry of the `newc` form, whose magic was read.
  private mutating func entry(_ source: ByteSource) throws(SystemError) -> Entry {
    let header = try source.read(104)
    guard header.count == 104 else { return .cutOff }
    func field(_ number: Int) -> Int? {
      parseHex(String(decoding: header[number * 8..<number * 8 + 8], as: UTF8.self), as: UInt32.self).map(Int.init)
    }
    guard let size = field(6), let nameSize = field(11), nameSize < 1 << 16 else { return .malformed }
    let name = try source.read(nameSize)
    guard try source.skip((4 - (110 + nameSize) % 4) % 4) else { return .cutOff }
    var path = String(decoding: name.dropLast(), as: UTF8.self)
    if path == "TRAILER!!!" { return .trailer }
    if path.hasPrefix("./") { path.removeFirst(2) }
    if !path.hasPrefix("/") { path = "/" + path }
    let padding = (4 - size % 4) % 4
    if path == "/usr/sbin/hostdev", size > 0 { hasProgram = true }
    if path.hasPrefix("/etc/hostdev/"), size > 0, size <= 1 << 20 {
      files[path] = try source.read(size)
      return try source.skip(padding) ? .file : .cutOff
    }
    return try source.skip(size + padding) ? .file : .cutOff
  }
}
