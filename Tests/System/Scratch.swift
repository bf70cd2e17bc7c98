import Foundation
import System

/// A directory of a test's own, gone with it.
final class Scratch: Sendable {
  let path: String
  let root: Root

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/hostdev-system-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    root = try Root(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ text: String = "") throws {
    let url = URL(filePath: path + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func link(_ name: String, _ target: String) throws {
    let url = URL(filePath: path + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path + name, withDestinationPath: target)
  }

  func text(_ name: String) throws -> String { String(decoding: try root.read(name), as: UTF8.self) }
}
