import Glibc
import TestSupport
import Testing

@testable import System

/// A tree in memory answers every call as the kernel does for the same tree on a disk: each value, each errno, each change.
@Suite struct TreeParityTests {
  /// The same tree twice.
  private final class Pair {
    let disk: Scratch
    let tree: MemoryTree
    let memory: Root
    private let before: [String]

    init(_ disk: Scratch) throws {
      self.disk = disk
      tree = try MemoryTree(copying: disk.root)
      memory = tree.root()
      before = try disk.root.picture()
      #expect(try memory.picture() == before)
    }

    func compare(_ what: String, _ ask: (Root) -> String) {
      let kernel = ask(disk.root)
      #expect(ask(memory) == kernel, "\(what)")
    }

    /// False once something has changed.
    @discardableResult
    func comparePictures(_ what: String) throws -> Bool {
      let kernel = try disk.root.picture()
      #expect(try memory.picture() == kernel, "after \(what)")
      return kernel == before
    }
  }

  private static func tree() throws -> Scratch {
    let tree = try Scratch()
    for (name, text) in [
      ("/file", "text"), ("/folder/file", "inside"), ("/folder/sub/deep/file", "deep"), ("/run", ""),
    ] {
      try tree.file(name, text)
    }
    try tree.file("/sys/long", String(repeating: "x", count: 70_000))
    try tree.folder("/empty")
    try tree.root.replace("/open", with: [1, 2, 3], mode: 0o666)
    let links = [
      ("/link", "file"), ("/folder/link", "sub/deep"), ("/folder/sub/up", "../.."), ("/absolute", "/folder/sub"),
      ("/out", "../../../../folder/file"), ("/slash", "folder/"), ("/fileslash", "file/"), ("/dangling", "gone/far"),
      ("/self", "self"), ("/one", "two"), ("/two", "/one"), ("/root", "/"), ("/folder/dangling", "../new"),
      ("/fd/0", "/dev/vfio/12"), ("/fd/1", "/sys/devices/x/resource0"), ("/fd/2", "/srv/x"),
      ("/dots", "./folder/./sub/.."),
    ]
    for (name, target) in links { try tree.link(name, to: target) }
    // 40 links may be followed on one way.
    for number in 0..<41 { try tree.link("/chain/\(number)", to: number == 0 ? "../file" : "\(number - 1)") }
    return tree
  }

  private static let paths =
    [
      "/", "", ".", "..", "/.", "/..", "/file", "file", "/file/", "/file/.", "/file/x", "/file/..", "//file", "/folder",
      "/folder/", "/folder/.", "/folder/..", "/folder/../file", "/folder/sub/deep/file", "/folder/gone", "/gone",
      "/gone/x", "/gone/", "/empty", "/empty/", "/empty/new", "/empty/..", "/sys/long", "/open", "/link", "/link/",
      "/link/x", "/folder/link", "/folder/link/", "/folder/link/file", "/folder/link/../file", "/folder/sub/up",
      "/folder/sub/up/file", "/absolute", "/absolute/deep", "/absolute/../file", "/absolute/new", "/out", "/slash",
      "/slash/file", "/fileslash", "/dangling", "/dangling/x", "/dangling/", "/self", "/self/x", "/one", "/root",
      "/root/file", "/root/root/root/link", "/folder/dangling", "/dots", "/dots/file", "/fd", "/chain/39", "/chain/40",
      "/../../file", "/é", "/e\u{301}", "/" + String(repeating: "n", count: 255),
      "/" + String(repeating: "n", count: 256),
      "/" + String(repeating: "n", count: 250), "/folder" + String(repeating: "/.", count: 2040),
      "/folder" + String(repeating: "/.", count: 2050),
      "/file\0/x",
    ]

  @Test func everyLookIsAnsweredAlike() throws {
    let pair = try Pair(Self.tree())
    #expect(mkfifo(pair.disk.path + "/fifo", 0o600) == 0)
    let withFIFO = try Pair(pair.disk)
    for call in TreeCall.looking {
      for path in Self.paths + ["/fifo", "/fifo/x"] {
        withFIFO.compare("\(call.name) \(path)") { call.answer($0, path) }
      }
    }
    try withFIFO.comparePictures("looking")
  }

  @Test(arguments: TreeCall.changing) func everyChangeIsAnsweredAlike(call: TreeCall) throws {
    var pair = try Pair(Self.tree())
    for path in Self.paths {
      pair.compare("\(call.name) \(path)") { call.answer($0, path) }
      if try !pair.comparePictures("\(call.name) \(path)") { pair = try Pair(Self.tree()) }
    }
  }

  /// Each of these to each of these, some of them below others.
  @Test func everyRenameIsAnsweredAlike() throws {
    let paths = [
      "/file", "/open", "/folder", "/folder/sub", "/folder/sub/deep", "/folder/sub/deep/file", "/empty", "/link",
      "/folder/link", "/folder/link/file", "/absolute", "/dangling", "/gone", "/gone/x", "/file/x", "/self/x", "/.",
      "/",
      "/folder/..", "/folder/new", "/folder/sub/deep/new", "/empty/new", "/absolute/new", "",
      "/" + String(repeating: "n", count: 256),
    ]
    var pair = try Pair(Self.tree())
    for path in paths {
      for other in paths {
        pair.compare("rename \(path) to \(other)") { root in
          TreeCall.words {
            try root.rename(path, to: other)
            return "done"
          }
        }
        if try !pair.comparePictures("rename \(path) to \(other)") { pair = try Pair(Self.tree()) }
      }
    }
  }

  /// A directory that is open stays what it is, whatever becomes of its name.
  @Test func anOpenDirectoryIsFollowed() throws {
    let pair = try Pair(Self.tree())
    let steps: [(String, (Root) throws -> Void)] = [
      ("nothing", { _ in }),
      ("a new file", { try $0.replace("/folder/file", with: Array("new".utf8)) }),
      (
        "a link instead",
        {
          _ = try $0.remove("/folder/link"); try $0.makeLink("/folder/link", to: "other")
        }
      ),
      ("a rename", { try $0.rename("/folder", to: "/moved") }),
      (
        "another at its place",
        {
          try $0.makeDirectory("/folder"); try $0.replace("/folder/file", with: [0x78])
        }
      ),
      ("a removal", { _ = try $0.remove("/moved/file") }),
    ]
    let opened = try [pair.disk.root, pair.memory].map { try $0.directory("/folder") }
    var answers: [[String]] = [[], []]
    for (index, root) in [pair.disk.root, pair.memory].enumerated() {
      for (name, step) in steps {
        try step(root)
        answers[index].append(
          "\(name): " + TreeCall.words { String(decoding: try opened[index].read("file"), as: UTF8.self) } + " "
            + TreeCall.words { try opened[index].linkTarget("link") } + " \(opened[index].path)")
      }
      let again = try root.directory("/moved").number
      #expect(again == opened[index].number)
      #expect(try root.directory("/folder").number != again)
    }
    #expect(answers[0] == answers[1])
  }

  /// Removed together with the directory that holds them, and by its handle.
  @Test func aRemovedDirectoryIsEmpty() throws {
    let pair = try Pair(Self.tree())
    pair.compare("a removed directory") { root in
      TreeCall.words {
        let directory = try root.directory("/empty")
        let number = directory.number
        _ = try root.removeDirectory("/empty")
        try root.makeDirectory("/empty")
        try root.replace("/empty/file", with: [])
        let isOther = try root.directory("/empty").number != number && directory.number == number
        return "\(isOther) " + TreeCall.words { "\(try directory.read("file"))" }
      }
    }
  }

  /// A lock is that of the open file: others wait for it, a new file under the name has another.
  @Test func locksAreThoseOfTheFile() throws {
    let pair = try Pair(Self.tree())
    pair.compare("locks") { root in
      TreeCall.words {
        var words: [String] = []
        var first = try root.lock("/lock")
        words.append("\(first != nil) \(try root.lock("/lock") == nil) \(try root.lock("/folder/sub/up/lock") == nil)")
        try root.rename("/lock", to: "/moved")
        let second = try root.lock("/lock")
        words.append("\(second != nil) \(try root.lock("/moved") == nil)")
        first?.label("first\n")
        second?.label("second\n")
        words.append(String(decoding: try root.read("/moved") + root.read("/lock"), as: UTF8.self))
        _ = try root.remove("/moved")
        first?.label("nowhere")
        words.append("\(try root.lock("/moved") != nil)")
        first = nil
        words.append("\(try root.lock("/lock") == nil)")
        return withExtendedLifetime(second) { words.joined(separator: "; ") }
      }
    }
    try pair.comparePictures("locks")
  }

  /// Calls and paths at random, one after the other on the same two trees.
  @Test func anyOrderIsAnsweredAlike() throws {
    let seed = SeededGenerator.newSeed
    var generator = SeededGenerator(seed)
    for history in 0..<20 {
      let pair = try Pair(Self.tree())
      var told: [String] = []
      for _ in 0..<60 {
        func path() -> String {
          let parts = ["folder", "sub", "file", "link", "new", "..", "absolute", "empty", "self", "root", "up", "deep"]
          return (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            "/" + (parts.randomElement(using: &generator) ?? "")
          }.joined()
        }
        let (first, second) = (path(), path())
        let calls = TreeCall.looking + TreeCall.changing + TreeCall.changing
        guard let call = calls.randomElement(using: &generator) else { continue }
        let isRename = Int.random(in: 0..<6, using: &generator) == 0
        told.append(isRename ? "rename \(first) \(second)" : "\(call.name) \(first)")
        pair.compare("HOSTDEV_SEED=\(seed), history \(history): \(told)") { root in
          guard isRename else { return call.answer(root, first) }
          return TreeCall.words {
            try root.rename(first, to: second)
            return "done"
          }
        }
      }
      try pair.comparePictures("HOSTDEV_SEED=\(seed), history \(history): \(told)")
    }
  }

  /// What is changed in one is not changed in the other, in either direction.
  @Test func aCopyIsAnotherTree() throws {
    let tree = try Pair(Self.tree()).tree
    let before = try tree.root().picture()
    let copy = tree.copy()
    let lock = try tree.root().lock("/lock")
    #expect(try copy.root().lock("/lock") != nil, "the lock of another tree")
    try tree.root().replace("/file", with: [1])
    try tree.root().rename("/folder", to: "/moved")
    _ = try copy.root().remove("/lock")
    #expect(try copy.root().picture() == before)
    let after = try tree.root().picture()
    for name in ["/moved/sub/deep/file", "/link"] { _ = try copy.root().remove(name) }
    try copy.root().replace("/new", with: [])
    #expect(try tree.root().picture() == after)
    withExtendedLifetime(lock) {}
  }
}
