import System

/// Whatever a test has below a root: how to make files there, and to look at them.
///
/// Names are paths below it, with or without the first `/`. Links are followed as in a capture: none leads out of it.
public protocol Rooted {
  var root: Root { get }
}

extension Rooted {
  // MARK: Making

  /// With what it needs above it, as all that is made.
  public func folder(_ name: String) throws { try root.makeDirectory(Self.absolute(name)) }

  public func file(_ name: String, _ text: String = "") throws { try file(name, Array(text.utf8)) }

  /// A new file, in place of what is there.
  public func file(_ name: String, _ bytes: some Sequence<UInt8>) throws {
    try folder(Self.above(name))
    try root.replace(Self.absolute(name), with: Array(bytes))
  }

  /// A file that may be executed.
  public func program(_ name: String, _ text: String) throws {
    try folder(Self.above(name))
    try root.replace(Self.absolute(name), with: Array(text.utf8), mode: 0o755)
  }

  /// In place of what is there.
  public func link(_ name: String, to target: String) throws {
    try folder(Self.above(name))
    if exists(name) { try remove(name) }
    try root.makeLink(Self.absolute(name), to: target)
  }

  /// The file or link itself, or a folder with all that is in it. Something has to be there.
  public func remove(_ name: String) throws {
    let path = Self.absolute(name)
    if target(name) == nil, try root.kind(path) == .directory {
      for entry in try root.entries(path) { try remove("\(path)/\(entry)") }
      try root.removeDirectory(path)
    } else if try !root.remove(path) {
      throw SystemError(call: "unlink", path: path, errno: .noEntry)
    }
  }

  // MARK: Looking

  public func bytes(_ name: String) throws -> [UInt8] { try root.read(Self.absolute(name)) }

  public func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// The text of a file; nil if there is none.
  public subscript(name: String) -> String? { try? text(name) }

  /// The target of a link, as it says; nil for what is not a link.
  public func target(_ name: String) -> String? { try? root.linkTarget(Self.absolute(name)) }

  /// A link that leads nowhere is there, too.
  public func exists(_ name: String) -> Bool { target(name) != nil || root.exists(Self.absolute(name)) }

  /// What a folder holds, sorted; nothing if there is none.
  public func names(_ folder: String) -> [String] { ((try? root.entries(Self.absolute(folder))) ?? []).sorted() }

  /// Every file, link and folder, without the first `/`, sorted.
  public var all: [String] { below("").sorted() }

  private func below(_ folder: String) -> [String] {
    names("/" + folder).flatMap { name in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      return target(path) == nil && (try? root.kind("/" + path)) == .directory ? [path] + below(path) : [path]
    }
  }

  private static func absolute(_ name: String) -> String { name.hasPrefix("/") ? name : "/" + name }

  private static func above(_ name: String) -> String {
    let path = absolute(name)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}
