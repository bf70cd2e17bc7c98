import Foundation
import TestSupport
import Testing

@testable import System

@Suite struct RootTests {
  @Test(arguments: [
    "/etc/passwd", "../../../../../../../../etc/passwd", "/../../etc/passwd", "up/../../../../etc/passwd", "first",
  ])
  func noLinkLeadsOut(target: String) throws {
    let scratch = try Scratch()
    try scratch.file("/etc/passwd", "inside")
    try scratch.link("/a/up", to: "/a")
    try scratch.link("/a/first", to: "second")
    try scratch.link("/a/second", to: "/a/up/../../../etc/passwd")
    try scratch.link("/a/link", to: target)
    #expect(try scratch.text("/a/link") == "inside")
    #expect(try scratch.text("/../../etc/passwd") == "inside")
  }

  @Test func aLinkToWhatIsOnlyOutsideLeadsNowhere() throws {
    let scratch = try Scratch()
    try scratch.link("/out", to: "/proc/self/status")
    #expect(throws: SystemError(call: "open", path: "/out", errno: .noEntry)) { try scratch.root.read("/out") }
    #expect(!scratch.root.exists("/out"))
    #expect(try scratch.root.linkTarget("/out") == "/proc/self/status")
  }

  /// `/proc/self/root` and `/proc/self/fd/N` jump to places that no path leads to; resolving below a root refuses them.
  @Test func magicLinksAreRefused() throws {
    let host = try Root("/")
    for path in ["/proc/self/root/etc", "/proc/self/cwd", "/proc/self/exe"] {
      #expect(throws: SystemError.self, "\(path)") { try host.kind(path) }
    }
    #expect(try host.linkTarget("/proc/self/root") == "/")
    #expect(try host.kind("/proc/self/status") == .file)
  }

  @Test func loopingLinksEnd() throws {
    let scratch = try Scratch()
    try scratch.link("/one", to: "two")
    try scratch.link("/two", to: "one")
    #expect(throws: SystemError(call: "open", path: "/one", errno: .loop)) { try scratch.root.read("/one") }
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 65536, 65536 + 4096, 1_000_000]) func filesAreReadWhole(size: Int) throws {
    let scratch = try Scratch()
    let text = String(repeating: "x", count: size)
    try scratch.file("/sys/x", text)
    try scratch.file("/proc/x", text)
    // No attribute is longer than that.
    if size <= 65536 { #expect(try scratch.root.read("/sys/x").count == size) }
    #expect(try scratch.root.read("/proc/x").count == size)
  }

  @Test(arguments: [10, 4096, 5000, 100_000]) func aLimitIsALimit(size: Int) throws {
    let scratch = try Scratch()
    for folder in ["/sys", "/proc"] {
      try scratch.file(folder + "/x", String(repeating: "x", count: size))
      #expect(try scratch.root.read(folder + "/x", limit: size).count == size)
      #expect(throws: SystemError(call: "read", path: folder + "/x", errno: .tooBig)) {
        try scratch.root.read(folder + "/x", limit: size - 1)
      }
    }
  }

  /// A seq_file's read stops before the record that no longer fits into a page, so the first one is short of the whole.
  @Test func aProcfsTableIsReadToItsEnd() throws {
    let read = String(decoding: try Root("/").read("/proc/kallsyms"), as: UTF8.self)
    let lines = read.split(separator: "\n").count
    print("KALLSYMS: \(lines) lines")
    #expect(lines > 1000)
    #expect(read.hasSuffix("\n"))
  }

  @Test func aPipeIsReadToItsEnd() throws {
    let pipe = Pipe()
    let writer = Thread {
      for part in ["<domain>", "</domain>"] {
        pipe.fileHandleForWriting.write(Data(part.utf8))
        Thread.sleep(forTimeInterval: 0.05)
      }
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let bytes = try KernelTree.readAll(pipe.fileHandleForReading.fileDescriptor, path: "standard input", limit: 100)
    #expect(String(decoding: bytes, as: UTF8.self) == "<domain></domain>")
  }

  @Test(.timeLimit(.minutes(45))) func aFIFOInPlaceOfAFileDoesNotHang() throws {
    let scratch = try Scratch()
    #expect(mkfifo(scratch.path + "/pipe", 0o600) == 0)
    #expect(throws: SystemError(call: "open", path: "/pipe", errno: .invalid)) { try scratch.root.read("/pipe") }
    #expect(try scratch.root.kind("/pipe") == .other)
  }

  @Test func aDirectoryInPlaceOfAFileIsSaid() throws {
    let scratch = try Scratch()
    try scratch.file("/folder/x")
    #expect(throws: SystemError(call: "read", path: "/folder", errno: .isDirectory)) {
      try scratch.root.read("/folder")
    }
    #expect(throws: SystemError(call: "open", path: "/folder/x", errno: .notDirectory)) {
      try scratch.root.entries("/folder/x")
    }
  }

  @Test func entriesAreSortedByTheirBytes() throws {
    let scratch = try Scratch()
    for name in ["b", "a", "B", "é", ".x"] { try scratch.file("/folder/" + name) }
    #expect(try scratch.root.entries("/folder") == [".x", "B", "a", "b", "é"])
    try scratch.link("/folder/link", to: "/folder")
    try scratch.file("/folder/sub/x")
    #expect(try scratch.root.folders("/folder") == ["sub"])
  }

  @Test func linkTargetsAreNotFollowed() throws {
    let scratch = try Scratch()
    try scratch.file("/file", "x")
    try scratch.link("/link", to: "../nowhere")
    #expect(try scratch.root.linkTarget("/link") == "../nowhere")
    #expect(throws: SystemError(call: "readlink", path: "/file", errno: .invalid)) {
      try scratch.root.linkTarget("/file")
    }
    #expect(throws: SystemError(call: "open", path: "/gone", errno: .noEntry)) { try scratch.root.linkTarget("/gone") }
  }

  @Test func kindsAreToldApart() throws {
    let scratch = try Scratch()
    try scratch.file("/folder/x")
    try scratch.link("/dangling", to: "nowhere")
    #expect(try scratch.root.kind("/folder") == .directory)
    #expect(try scratch.root.kind("/folder/x") == .file)
    #expect(try scratch.root.kind("/folder/x/y") == nil)
    #expect(try scratch.root.kind("/dangling") == nil)
    #expect(try Root("/").kind("/dev/null") == .characterDevice(major: 1, minor: 3))
  }

  @Test func theHostIsToldFromACapture() throws {
    let scratch = try Scratch()
    #expect(try Root("/").isHost)
    #expect(!scratch.root.isHost)
    #expect(!scratch.root.hasRealSysfs)
    try scratch.file("/sys/x")
    #expect(!scratch.root.hasRealSysfs)
    #expect(throws: SystemError.self) { try Root(scratch.path + "/gone") }
  }

  @Test func anAttributeIsWrittenAndNeverMade() throws {
    let scratch = try Scratch()
    try scratch.file("/attribute", "12345")
    try scratch.root.writeAttribute(Array("ab".utf8), to: "/attribute")
    #expect(try scratch.text("/attribute") == "ab345")
    #expect(throws: SystemError(call: "open", path: "/gone", errno: .noEntry)) {
      try scratch.root.writeAttribute([1], to: "/gone")
    }
  }

  @Test func openDevicesOfACaptureAreByName() throws {
    let scratch = try Scratch()
    try scratch.link("/proc/7/fd/0", to: "/dev/vfio/12")
    try scratch.link("/proc/7/fd/1", to: "/srv/x")
    try scratch.link("/proc/7/fd/2", to: "/sys/devices/pci0000:00/0000:00:01.0/resource0")
    let found = try scratch.root.openDevices("/proc/7/fd")
    #expect(found.seen == 3)
    #expect(Set(found.devices.map(\.name)) == ["/dev/vfio/12", "/sys/devices/pci0000:00/0000:00:01.0/resource0"])
    #expect(found.devices.allSatisfy { $0.number == nil })
  }

  @Test func openDevicesOfAProcessAreByNumber() throws {
    let handle = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
    defer { try? handle.close() }
    let found = try Root("/").openDevices("/proc/\(getpid())/fd")
    #expect(found.devices.contains(OpenDevice(name: "/dev/zero", number: .characterDevice(major: 1, minor: 5))))
  }
}

@Suite struct RootFileTests {
  @Test func aFileIsReplacedWhole() throws {
    let scratch = try Scratch()
    try scratch.root.makeDirectory("/run/hostdev")
    try scratch.root.replace("/run/hostdev/x", with: Array("first and long".utf8))
    try scratch.root.replace("/run/hostdev/x", with: Array("second".utf8), synced: true)
    #expect(try scratch.text("/run/hostdev/x") == "second")
    #expect(try scratch.root.entries("/run/hostdev") == ["x"])
  }

  /// A reader that opens again and again sees the old file or the new one, and nothing between.
  @Test func readersSeeOneOrTheOther() throws {
    let scratch = try Scratch()
    let texts = ["a", "b"].map { String(repeating: $0, count: 50_000) }
    try scratch.root.replace("/x", with: Array(texts[0].utf8))
    let root = scratch.root
    let writer = Thread {
      for turn in 0..<300 { try? root.replace("/x", with: Array(texts[turn % 2].utf8)) }
    }
    writer.start()
    var torn = 0
    var seen = 0
    while !writer.isFinished {
      seen += 1
      if !texts.contains(try scratch.text("/x")) { torn += 1 }
    }
    #expect(torn == 0)
    #expect(seen > 10)
  }

  @Test func aFailedRenameLeavesNothingBehind() throws {
    let scratch = try Scratch()
    try scratch.file("/run/x/inside")
    #expect(throws: SystemError(call: "rename", path: "/run/x", errno: .isDirectory)) {
      try scratch.root.replace("/run/x", with: [1])
    }
    #expect(try scratch.root.entries("/run") == ["x"])
    #expect(throws: SystemError(call: "open", path: "/gone", errno: .noEntry)) {
      try scratch.root.replace("/gone/x", with: [1])
    }
  }

  @Test(.enabled(if: getuid() == 0)) func aFullDiskLeavesTheOldFile() throws {
    let scratch = try Scratch()
    let folder = scratch.path + "/run"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #require(mount("none", folder, "tmpfs", 0, "size=16k") == 0, "errno \(errno)")
    defer { umount2(folder, Int32(MNT_DETACH)) }
    try scratch.root.replace("/run/x", with: Array("old".utf8))
    #expect(throws: SystemError(call: "write", path: "/run/x", errno: .noSpace)) {
      try scratch.root.replace("/run/x", with: Array(repeating: 1, count: 100_000))
    }
    #expect(try scratch.text("/run/x") == "old")
    #expect(try scratch.root.entries("/run") == ["x"])
  }

  @Test func foldersAreMadeOnTheWay() throws {
    let scratch = try Scratch()
    try scratch.root.makeDirectory("/a/b/c")
    try scratch.root.makeDirectory("/a/b/c")
    #expect(try scratch.root.kind("/a/b/c") == .directory)
    try scratch.file("/a/file")
    #expect(throws: SystemError.self) { try scratch.root.makeDirectory("/a/file/d") }
  }

  @Test func nothingIsMadeOutside() throws {
    let scratch = try Scratch()
    try scratch.link("/run", to: "../../../../../../..")
    try scratch.root.makeDirectory("/run/made-inside")
    #expect(try scratch.root.kind("/made-inside") == .directory)
    try scratch.root.replace("/run/../../file", with: [1])
    #expect(try scratch.root.kind("/file") == .file)
  }

  @Test func whatIsNotThereIsNotRemoved() throws {
    let scratch = try Scratch()
    try scratch.file("/a/x")
    #expect(try scratch.root.remove("/a/x"))
    #expect(try !scratch.root.remove("/a/x"))
    #expect(try !scratch.root.remove("/gone/x"))
    #expect(try scratch.root.removeDirectory("/a"))
    #expect(try !scratch.root.removeDirectory("/a"))
  }

  @Test func linksAndRenamesStayBelow() throws {
    let scratch = try Scratch()
    try scratch.root.makeLink("/link", to: "/target")
    #expect(throws: SystemError(call: "symlink", path: "/link", errno: .exists)) {
      try scratch.root.makeLink("/link", to: "/other")
    }
    try scratch.root.rename("/link", to: "/moved")
    #expect(try scratch.root.entries("/") == ["moved"])
    #expect(throws: SystemError(call: "rename", path: "/gone", errno: .noEntry)) {
      try scratch.root.rename("/gone", to: "/x")
    }
  }

  @Test func theLockExcludes() throws {
    let scratch = try Scratch()
    var first = try scratch.root.lock("/lock")
    #expect(first != nil)
    #expect(try scratch.root.lock("/lock") == nil)
    first?.label("12 hostdev bind and a long command\n")
    first?.label("12 bind\n")
    #expect(try scratch.text("/lock") == "12 bind\n")
    first = nil
    #expect(try scratch.root.lock("/lock") != nil)
  }

  @Test func theLockFollowsNoLink() throws {
    let scratch = try Scratch()
    try scratch.file("/file", "x")
    try scratch.link("/lock", to: "file")
    #expect(throws: SystemError(call: "open", path: "/lock", errno: .loop)) { try scratch.root.lock("/lock") }
  }
}
