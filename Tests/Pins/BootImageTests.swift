import Foundation
import System
import TestSupport
import Testing

@testable import Pins

/// Pins are found in an initramfs as the kernel finds its files: archive after archive, the last one packed.
@Suite struct BootImageTests {
  private static func entry(_ name: String, _ content: String) -> [UInt8] {
    func hex(_ value: Int) -> String { String(format: "%08X", value) }
    let data = Array(content.utf8)
    let fields = [1, 0o100644, 0, 0, 1, 0, data.count, 0, 0, 0, 0, name.utf8.count + 1, 0]
    var bytes = Array(("070701" + fields.map(hex).joined() + name).utf8) + [0]
    bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    return bytes + data + [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
  }

  private static let end = entry("TRAILER!!!", "") + [UInt8](repeating: 0, count: 512 - 124)
  private static let early = entry("kernel/x86/microcode/GenuineIntel.bin", "microcode") + end
  private static let main =
    entry("usr/sbin/hostdev", "ELF") + entry("etc/hostdev/pins.d/card.json", "{}\n")
    + entry("etc/hostdev/pins.d/none.txt", "x") + entry("etc/hostdev/footing.json", "{ }\n") + end

  private func read(_ parts: [[UInt8]], packing last: [UInt8]? = nil, by program: String = "gzip") throws -> BootImage {
    let image = try parts.flatMap { $0 } + (last.map { try pack($0, by: program) } ?? [])
    let scratch = try Scratch()
    try scratch.file("/image", image)
    return try BootImage("/image", in: scratch.root, isInstalled: { FileManager.default.isExecutableFile(atPath: $0) })
  }

  private func pack(_ bytes: [UInt8], by program: String) throws -> [UInt8] {
    let scratch = try Scratch()
    try scratch.file("/part", bytes)
    let packed = Process()
    packed.executableURL = URL(filePath: "/usr/bin/env")
    packed.arguments = [program, "-q", scratch.path + "/part"]
    try packed.run()
    packed.waitUntilExit()
    let suffix = ["gzip": "gz", "xz": "xz", "zstd": "zst"][program] ?? ""
    return try scratch.bytes("/part.\(suffix)")
  }

  private func expectAll(_ image: BootImage) {
    #expect(image.pins == ["card": Array("{}\n".utf8)])
    #expect(image.files["/etc/hostdev/footing.json"] != nil)
    #expect(image.hasProgram)
  }

  @Test func plainArchivesOneAfterTheOther() throws { expectAll(try read([Self.early, Self.main])) }

  @Test(arguments: ["gzip", "xz", "zstd"])
  func thePackedPartIsUnpacked(program: String) throws {
    expectAll(try read([Self.early], packing: Self.main, by: program))
    expectAll(try read([], packing: Self.main, by: program))
  }

  @Test func anImageWithoutHostdevHasNothingOfIt() throws {
    let image = try read([Self.early])
    #expect(image.pins.isEmpty && !image.hasProgram && image.files.isEmpty)
  }

  @Test func whatIsNoImageIsSaid() throws {
    #expect(throws: BootImage.Fault.self) { try read([Array("#!/bin/sh\nexit 0\n".utf8)]) }
    #expect(throws: BootImage.Fault.self) { try read([Self.early, Array("garbage!".utf8)]) }
  }

  /// As a full `/boot` leaves it. What stands behind the last entry is padding.
  @Test func anImageThatIsCutOffIsUnknown() throws {
    let trailer = Self.main.count - 512
    for count in Array(stride(from: 1, to: trailer, by: 37)) + Self.boundaries(Self.main) {
      let part = Array(Self.main.prefix(count))
      #expect(throws: BootImage.Fault.self, "\(count)") { try read([part]) }
      #expect(throws: BootImage.Fault.self, "\(count)") { try read([Self.early, part]) }
      #expect(throws: BootImage.Fault.self, "\(count)") { try read([part, [UInt8](repeating: 0, count: 1024)]) }
    }
    for count in [0, trailer + 1, trailer + 120] {
      #expect(throws: BootImage.Fault.self, "\(count)") { try read([Array(Self.main.prefix(count))]) }
    }
    expectAll(try read([Array(Self.main.prefix(trailer + 124))]))
  }

  /// The offsets at which one entry ends and the next begins, except the archive's own end.
  private static func boundaries(_ archive: [UInt8]) -> [Int] {
    archive.indices.filter { $0 > 0 && archive[$0...].starts(with: "070701".utf8) }
  }

  @Test(arguments: ["gzip", "xz", "zstd"])
  func aPackedPartThatIsCutOffOrDamagedIsUnknown(program: String) throws {
    let packed = try pack(Self.main, by: program)
    for count in [packed.count / 2, packed.count - 4] {
      #expect(throws: BootImage.Fault.self, "\(count) of \(packed.count)") {
        try read([Self.early, Array(packed.prefix(count))])
      }
    }
    var damaged = packed
    // The checksum of what is packed: all of it is there, and not what it was.
    let place = program == "xz" ? packed.count - 32 : packed.count - (program == "gzip" ? 8 : 1)
    damaged[place] ^= 0xff
    #expect(throws: BootImage.Fault.self) { try read([Self.early, damaged]) }
  }
}
