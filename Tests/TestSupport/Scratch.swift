import FoundationEssentials
import System

/// A directory of a test's own that serves as a root, gone with this value. A test's words about hosts are a subclass.
open class Scratch: Rooted, @unchecked Sendable {
  public let path: String
  public let root: Root

  /// An empty one.
  public init() throws {
    path = Self.free()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    root = try Root(path)
  }

  /// A copy of a captured host.
  public init(_ fixture: Fixture) throws {
    path = Self.free()
    try fixture.copy(to: path)
    root = try Root(path)
  }

  /// A copy of another one as it is now.
  public init(copying other: Scratch) throws {
    path = Self.free()
    try Fixture.run("/bin/cp", ["-a", other.path, path])
    root = try Root(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A path where nothing is: in memory if that is possible, since a capture is hundreds of small files.
  public static func free() -> String { "\(top)/hostdev-test-\(UUID().uuidString)" }

  private static let top =
    ProcessInfo.processInfo.environment["HOSTDEV_TEST_DIRECTORY"]
    ?? (FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp")
}
