import Foundation
import System
import Testing

@testable import Pins

/// Pins are found in an initramfs as the kernel finds its files: archive after archive, the last one packed.
@Suite struct BootImageTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "hostdev-image-\(UUID().uuidString)")

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
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var image = parts.flatMap { $0 }
    if let last {
      let file = folder.appending(path: "part")
      try Data(last).write(to: file)
      let packed = Process()
      packed.executableURL = URL(filePath: "/usr/bin/env")
      packed.arguments = [program, "-q", file.path]
      try packed.run()
      packed.waitUntilExit()
      let suffix = ["gzip": "gz", "xz": "xz", "zstd": "zst"][program] ?? ""
      image += try Data(contentsOf: file.appendingPathExtension(suffix))
    }
    try Data(image).write(to: folder.appending(path: "image"))
    return try BootImage("/image", in: Root(folder.path))
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

  @Test func anArchiveThatIsCutOffEnds() throws {
    for count in stride(from: 1, to: Self.main.count, by: 37) {
      let image = try? read([Array(Self.main.prefix(count))])
      #expect(image.map { $0.pins.count <= 1 } ?? true)
    }
  }
}
