import Foundation
import Glibc
import TestSupport
import Testing

/// A copy of a fixture, and the program on it.
final class Capture: Scratch, @unchecked Sendable {
  override convenience init() throws { try self.init("alveo") }

  convenience init(_ fixture: String) throws { try self.init(Fixture(fixture)) }

  // A process that still waits for a holder in this capture ends by itself.
  deinit { try? remove("/run/hostdev-simulator/holders") }

  /// `hostdev ARGUMENTS --root CAPTURE`.
  @discardableResult
  func hostdev(
    _ arguments: String..., input: String? = nil, environment: [String: String] = [:], seconds: Double = 60
  ) throws -> Ending {
    try run(arguments, input: input, environment: environment, seconds: seconds)
  }

  func run(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:], seconds: Double = 60
  ) throws -> Ending {
    // Behind `--` it would be one more selector, and the host itself the root.
    let end = arguments.firstIndex(of: "--") ?? arguments.count
    return try Command.run(
      [Program.path] + arguments[..<end] + ["--root", path] + arguments[end...], input: input.map { Data($0.utf8) },
      environment: environment,
      seconds: seconds)
  }

  func start(_ arguments: String..., environment: [String: String] = [:], seconds: Double = 60) throws -> Command {
    try Command([Program.path] + arguments + ["--root", path], environment: environment, seconds: seconds)
  }

  // MARK: The tree

  static func folder(_ address: String) -> String { "/sys/bus/pci/devices/\(address)" }

  var addresses: [String] { names("/sys/bus/pci/devices") }

  /// The driver that a function is bound to.
  func driver(_ address: String) -> String? {
    target(Self.folder(address) + "/driver").flatMap { $0.split(separator: "/").last.map(String.init) }
  }

  /// As the kernel shows it, without the line's end.
  func override(_ address: String) throws -> String {
    try text(Self.folder(address) + "/driver_override").trimmingCharacters(in: .newlines)
  }

  /// Driver and override of each.
  func places(_ addresses: [String]) throws -> [String] {
    try addresses.map { "\($0): \(driver($0) ?? "-") \(try override($0))" }
  }

  // MARK: Pictures

  /// Every file, folder and link, and what is in it, but for `run/` and what loading a module brings.
  func picture(including run: Bool = false) throws -> [String: String] {
    try walk(including: run) { place, status in
      switch status.st_mode & S_IFMT {
      case S_IFLNK: "→ " + (try FileManager.default.destinationOfSymbolicLink(atPath: place))
      case S_IFDIR: "folder"
      case S_IFREG: try Self.content(place)
      default: "node"
      }
    }
  }

  /// Which file stands at each place, and when it was last written: for what must not be touched at all.
  func stamps() throws -> [String: String] {
    try walk(including: false) { _, status in
      "\(status.st_ino) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }
  }

  private func walk(including run: Bool, _ say: (String, stat) throws -> String) throws -> [String: String] {
    var found: [String: String] = [:]
    var folders = [""]
    while let folder = folders.popLast() {
      guard let stream = opendir(path + folder) else { throw Trouble("\(path)\(folder) cannot be listed") }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        let place = "\(folder)/\(name)"
        if name == "." || name == ".." || (!run && (place == "/run" || Self.isOfModule(place))) { continue }
        var status = stat()
        guard lstat(path + place, &status) == 0 else { continue }
        found[place] = try say(path + place, status)
        if status.st_mode & S_IFMT == S_IFDIR { folders.append(place) }
      }
    }
    return found
  }

  private static func content(_ place: String) throws -> String {
    let descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Trouble("\(place) cannot be read") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 13)
    var all: [UInt8] = []
    while true {
      let count = Glibc.read(descriptor, &bytes, bytes.count)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += bytes[..<count]
    }
  }

  private static func isOfModule(_ place: String) -> Bool {
    place.hasPrefix("/sys/module/") || place == "/dev/vfio" || place == "/sys/bus/pci/drivers/vfio-pci"
  }
}

/// What differs between two pictures, a line each.
func differences(_ before: [String: String], _ after: [String: String]) -> [String] {
  Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
    .map { "\($0): \(before[$0] ?? "nothing") became \(after[$0] ?? "nothing")" }
}

/// Both functions of the story's card.
let card = ["0000:01:00.0", "0000:01:00.1"]
