import Planning
import Host
import Foundation
import KernelSimulator
import System
import TestSupport
import Testing

/// The lines of a dry run, each run by `sh`, lead where the run itself leads.
@Suite struct DryRunTests {
  @Test(arguments: Move.all) func linesRunByShellGiveTheSameEnd(move: Move) throws {
    let capture = try move.prepared()
    let byShell = try Capture(copying: capture)
    let ran = try capture.run(move.command)
    #expect(ran.status == 0, "\(ran)")
    let lines = try byShell.run(move.command + ["--dry-run"]).lines
    #expect(lines.first { !$0.hasPrefix("#") } == "set -e" && lines.contains { $0.hasPrefix("printf ") }, "\(lines)")
    let shell = try Shell(byShell)
    for line in lines where line != "set -e" && !line.hasPrefix("#") { try shell.run(line) }
    // Records that hostdev itself keeps are left out.
    func kernel(_ standing: [String: String]) -> [String: String] { standing.filter { !$0.key.hasPrefix("held ") } }
    #expect(try kernel(byShell.standing()) == kernel(capture.standing()))
  }
}

extension LinkCommand {
  /// What a line of a dry run tells `ip`; nil for any other line.
  fileprivate init?(line: String) {
    let words = line.split(separator: " ").map(String.init)
    guard words.count > 8, words[..<4] == ["ip", "link", "set", "dev"], words[5] == "vf", let index = Int(words[6]),
      let setting = VirtualSetting(keyword: words[7])
    else { return nil }
    self.init(interface: words[4], index: index, setting: setting, value: words[8...].joined(separator: " "))
    guard isSound, text == line else { return nil }
  }
}

/// `sh`, for which `/sys` is a scratch folder: what it writes there is given to the simulated kernel, write by write.
private final class Shell {
  private let capture: Capture
  private let sysfs: SimulatedSysfs
  private let scratch: Scratch

  init(_ capture: Capture) throws {
    self.capture = capture
    sysfs = SimulatedSysfs(root: try Root(capture.path), clock: .system)
    scratch = try Scratch()
  }

  func run(_ line: String) throws {
    if line.hasPrefix("modprobe ") {
      let words = line.split(separator: " ").map(String.init)
      try sysfs.loadModule(words[1], arguments: Array(words.dropFirst(2)))
    } else if let command = LinkCommand(line: line) {
      try SimulatedLinks(sysfs).run(command)
    } else if let arrow = line.range(of: " > /sys/") {
      let path = "/sys/" + line[arrow.upperBound...]
      let written = scratch.path + "/written"
      try take("\(line[..<arrow.lowerBound]) > \(written)", line)
      try sysfs.write(try scratch.bytes("/written"), to: path)
    } else {
      // A line that looks: at the tree as it is now.
      #expect(line.hasPrefix("["), "a line of an unknown kind: \(line)")
      try take(line.replacing("/sys/", with: capture.path + "/sys/"), line)
    }
  }

  private func take(_ text: String, _ line: String) throws {
    let ending = try Command.run(["/bin/sh", "-e", "-c", text])
    if ending.status != 0 { throw Trouble("\(line): \(ending)") }
  }
}
