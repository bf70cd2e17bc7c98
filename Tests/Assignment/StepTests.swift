import Assignment
import Foundation
import PCI
import TestSupport
import Testing

@Suite struct StepTests {
  private static let address = Address(domain: 0, routingID: 0x100)

  @Test(arguments: [
    Step.override("vfio-pci", of: address, prior: nil), .override(nil, of: address, prior: "x"),
    .unbind(address, from: "nvme"), .bind(address, to: "vfio-pci"), .expectDriver(nil, of: address),
    .expectDriver("a \"b\" \\ '\u{1f600}", of: address), .reset(address),
    .attribute("reset_method", "", of: address, prior: "flr"), .load(["vfio-pci", "ids="], for: "vfio-pci"),
  ])
  func aStepIsItselfInTheJournal(step: Step) throws {
    #expect(try JSONDecoder().decode(Step.self, from: try JSONEncoder().encode(step)) == step)
  }

  @Test func keysAreThoseOfThePlan() throws {
    let data = try JSONEncoder().encode(Step.expectDriver(nil, of: Self.address))
    let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(read.keys) == ["op", "function", "path", "value", "prior"])
    #expect(read["op"] as? String == "expect")
  }

  @Test(arguments: [#"{"op":"erase","path":"/x"}"#, #"{"op":"write"}"#, #"{"path":"/x"}"#, "[]"])
  func malformedIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Step.self, from: Data(text.utf8)) }
  }

  /// Runs `line` in a directory of its own, whose files are named by what follows `/`.
  private func run(_ line: String, in folder: URL) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = folder
    var around = ProcessInfo.processInfo.environment
    around["PATH"] = folder.path + "/bin:" + (around["PATH"] ?? "")
    process.environment = around
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  private static let values = [
    "vfio-pci", "a b", "it's", "'", "''", "$(touch owned)", "`touch owned`", "; touch owned", "\\", "\\n", "%s%d", "-n",
    "a\nb", "*", "~", "é", "\"", "#x", "&", "|", ">owned", "!", "a=b", "$HOME", "{a,b}", "",
  ]

  @Test(arguments: values) func theShellWritesExactlyTheValue(value: String) throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let file = folder.appending(path: "attribute of 'it'")
    let line = Step(.write, function: nil, path: file.path, value: value).shellLine
    #expect(try run(line, in: folder).status == 0)
    #expect(try Data(contentsOf: file) == Data(value.utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [file.lastPathComponent])
  }

  @Test func aLoneNewlineIsWrittenAsOne() throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let file = folder.appending(path: "driver_override")
    #expect(try run(Step(.write, function: nil, path: file.path, value: "\n").shellLine, in: folder).status == 0)
    #expect(try Data(contentsOf: file) == Data("\n".utf8))
  }

  @Test(arguments: values.filter { !$0.isEmpty && !$0.contains("/") })
  func theShellExpectsExactlyTheDriver(value: String) throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let link = folder.appending(path: "driver").path
    let step = Step(.expect, function: nil, path: link, value: value)
    let none = Step(.expect, function: nil, path: link, value: nil)
    #expect(try run(step.shellLine, in: folder).status == 1)
    #expect(try run(none.shellLine, in: folder).status == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../drivers/\(value)")
    #expect(try run(step.shellLine, in: folder).status == 0)
    #expect(try run(none.shellLine, in: folder).status == 1)
    #expect(try run(Step(.expect, function: nil, path: link, value: value + "x").shellLine, in: folder).status == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["driver"])
  }

  @Test(arguments: ["vfio-pci ids=", "x;touch owned", "$(touch owned)", "a'b c"])
  func theShellLoadsExactlyTheWords(value: String) throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let bin = folder.appending(path: "bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    let fake = bin.appending(path: "modprobe")
    try Data("#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done\n".utf8).write(to: fake)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake.path)
    let result = try run(Step(.loadModule, function: nil, path: "/x", value: value).shellLine, in: folder)
    #expect(result.status == 0)
    #expect(result.output == value.split(separator: " ").map { "<\($0)>" }.joined())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bin"])
  }

  @Test func thePlansLinesStopAtTheFirstThatFails() throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let missing = folder.appending(path: "missing/attribute").path
    let after = folder.appending(path: "after").path
    let plan = [
      Step(.write, function: nil, path: missing, value: "x"), Step(.write, function: nil, path: after, value: "x"),
    ]
    #expect(try run(Step.shellLines(plan).joined(separator: "\n"), in: folder).status != 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    #expect(Step.shellLines([]) == [])
  }
}
