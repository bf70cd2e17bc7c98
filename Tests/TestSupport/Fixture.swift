import System

/// A captured host of the checkout that the tests were built in: a plain tree (`alveo`), or one that is kept as one file
/// (`replug/before`).
public struct Fixture: Sendable {
  public let name: String

  public init(_ name: String) { self.name = name }

  /// The checkout.
  public static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  public static let folder = repository + "/Fixtures"

  /// Those that are plain trees, sorted.
  public static var plain: [Fixture] {
    get throws {
      let all = try Root(folder)
      return try all.entries("/").sorted().filter { all.exists("/\($0)/sys/bus/pci/devices") }.map { Fixture($0) }
    }
  }

  /// The folder of a plain one.
  public var path: String { "\(Self.folder)/\(name)" }

  /// Puts it at `place`, which is not there yet.
  public func copy(to place: String) throws {
    let archive = path + ".tar.xz"
    if try Root(Self.folder).exists("/\(name).tar.xz") {
      try Self.run("/bin/mkdir", [place])
      try Self.run("/bin/tar", ["-xJf", archive, "-C", place, "--strip-components=1", "--no-same-owner"])
    } else {
      try Self.run("/bin/cp", ["-a", path, place])
    }
  }

  static func run(_ program: String, _ arguments: [String]) throws {
    let (status, output) = try Child.run(program, [program] + arguments, within: .seconds(300), clock: .system)
    guard status == 0 else { throw NotThere(description: "\(program) \(arguments): \(status) \(output)") }
  }

  struct NotThere: Error, CustomStringConvertible {
    let description: String
  }
}
