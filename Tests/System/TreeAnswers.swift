import TestSupport

@testable import System

/// One call on a tree, and how it answers in words: a value, or the call, path and errno of its error.
struct TreeCall: Sendable {
  let name: String
  /// It may change what is there.
  let isChange: Bool
  private let ask: @Sendable (Root, String) throws -> String

  private init(_ name: String, isChange: Bool = false, _ ask: @escaping @Sendable (Root, String) throws -> String) {
    self.name = name
    self.isChange = isChange
    self.ask = ask
  }

  func answer(_ root: Root, _ path: String) -> String { Self.words { try ask(root, path) } }

  static func words(_ body: () throws -> String) -> String {
    do { return try body() } catch let error as SystemError {
      return "\(error.call) \(error.path) \(error.errno)"
    } catch { return "\(error)" }
  }

  static let looking: [TreeCall] = [
    TreeCall("kind") { "\(String(describing: try $0.kind($1)))" },
    TreeCall("exists") { "\($0.exists($1))" },
    TreeCall("rights") { "\(try $0.rights($1))" },
    TreeCall("mayWrite") { root, path in
      try root.mayWrite(path)
      return "yes"
    },
    TreeCall("read") { text(try $0.read($1)) },
    TreeCall("read, at most 3 bytes") { text(try $0.read($1, limit: 3)) },
    TreeCall("read together") { root, path in
      root.read([path, "/file"]).map { answer in words { text(try answer.get()) } }.joined(separator: ", ")
    },
    TreeCall("readPlain") { root, path in
      let (bytes, rights) = try root.readPlain(path, limit: 4)
      return "\(text(bytes)) \(rights)"
    },
    TreeCall("byte source") { root, path in text(try ByteSource(path, in: root).read(100)) },
    TreeCall("linkTarget") { try $0.linkTarget($1) },
    TreeCall("entries") { "\(try $0.entries($1))" },
    TreeCall("folders") { "\(try $0.folders($1))" },
    TreeCall("openDevices") { root, path in
      let found = try root.openDevices(path)
      return "\(found.seen) \(found.devices.map(\.name).sorted())"
    },
    TreeCall("directory") { root, path in
      let directory = try root.directory(path)
      let names = ["file", "link", "folder", "gone", "", ".", "dangling", "long"]
      return names.map { name in
        words { text(try directory.read(name, limit: 4)) } + ", " + words { try directory.linkTarget(name) }
      }.joined(separator: "; ")
    },
  ]

  static let changing: [TreeCall] = [
    TreeCall("writeAttribute", isChange: true) { try $0.writeAttribute(Array("XY".utf8), to: $1) },
    TreeCall("replace", isChange: true) { try $0.replace($1, with: Array("new".utf8)) },
    TreeCall("replace 0600", isChange: true) { try $0.replace($1, with: [], mode: 0o600, synced: true) },
    TreeCall("makeDirectory", isChange: true) { try $0.makeDirectory($1) },
    TreeCall("makeDirectory 0700", isChange: true) { try $0.makeDirectory($1, mode: 0o700) },
    TreeCall("makeLink", isChange: true) { try $0.makeLink($1, to: "../some where") },
    TreeCall("makeLink to nothing", isChange: true) { try $0.makeLink($1, to: "") },
    TreeCall("makeLink to too much", isChange: true) {
      try $0.makeLink($1, to: String(repeating: "x", count: 5000))
    },
    TreeCall("remove", isChange: true) { "\(try $0.remove($1))" },
    TreeCall("removeDirectory", isChange: true) { "\(try $0.removeDirectory($1))" },
    TreeCall("lock", isChange: true) { root, path in
      guard let first = try root.lock(path) else { return "locked" }
      first.label("a long label\n")
      first.label("label\n")
      let second = try root.lock(path) == nil
      return withExtendedLifetime(first) { "locked for others: \(second)" }
    },
  ]

  private init(_ name: String, isChange: Bool, _ change: @escaping @Sendable (Root, String) throws -> Void) {
    self.init(name, isChange: isChange) { root, path in
      try change(root, path)
      return "done"
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Root {
  /// All that is here, a line each: name, rights, and the text of files and links.
  func picture(_ folder: String = "") throws -> [String] {
    try entries(folder.isEmpty ? "/" : folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      let rights = try rights(path)
      let line = "\(path) \(rights)"
      if rights.isLink { return ["\(line) -> \(try linkTarget(path))"] }
      switch rights.kind {
      case .directory: return [line] + (try picture(path))
      case .file: return ["\(line) \(String(decoding: try read(path, limit: .max).prefix(100), as: UTF8.self))"]
      default: return [line]
      }
    }
  }
}
