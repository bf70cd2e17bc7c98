import Foundation
import Host
import PCI
import TestSupport
import Testing

@testable import Planning

@Suite struct StepTests {
  private static let address = Address(domain: 0, routingID: 0x100)

  @Test(arguments: [
    Step.override("vfio-pci", of: address, prior: nil), .override(nil, of: address, prior: "x"),
    .unbind(address, from: "nvme"), .bind(address, to: "vfio-pci"), .expectDriver(nil, of: address),
    .expectDriver("a \"b\" \\ '\u{1f600}", of: address), .reset(address),
    .attribute("reset_method", "", of: address, prior: "flr"), .load(["vfio-pci", "ids="], for: "vfio-pci"),
    .offer(address), .wake(address), .expectAnswer(DeviceID(vendor: 0x10ee, device: 0x5000), of: address),
    .link(
      LinkCommand(interface: "eth0", index: 1, setting: .vlan, value: "100 qos 3"), of: address, physical: address,
      prior: "0"),
  ])
  func aStepIsItselfInTheJournal(step: Step) throws {
    #expect(try JSONDecoder().decode(Step.self, from: try JSONEncoder().encode(step)) == step)
  }

  /// What is executed follows from what the step is, and is in no record.
  @Test func theRecordSaysWhatItIsAndNoPath() throws {
    let data = try JSONEncoder().encode(Step.unbind(Self.address, from: "nvme"))
    let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String: String])
    #expect(read == ["step": "unbind", "function": "0000:01:00.0", "driver": "nvme"])
  }

  @Test func pathAndValueFollowFromTheCase() {
    let folder = "/sys/bus/pci/devices/0000:01:00.0"
    func form(_ step: Step) -> [String?] { [step.operation.rawValue, step.path, step.value, step.prior] }
    #expect(form(.override(nil, of: Self.address, prior: "x")) == ["write", folder + "/driver_override", "\n", "x"])
    #expect(
      form(.unbind(Self.address, from: "nvme"))
        == ["write", "/sys/bus/pci/drivers/nvme/unbind", "0000:01:00.0", "nvme"])
    #expect(form(.offer(Self.address)) == ["write", "/sys/bus/pci/drivers_probe", "0000:01:00.0", nil])
    #expect(form(.wake(Self.address)) == ["write", folder + "/power/control", "on", "auto"])
    #expect(form(.expectDriver(nil, of: Self.address)) == ["expect", folder + "/driver", nil, nil])
    #expect(
      form(.expectAnswer(DeviceID(vendor: 0x10ee, device: 0x5000), of: Self.address))
        == ["expect", folder + "/config", "ee100050", nil])
    #expect(
      form(.load(["vfio-pci", "ids="], for: "vfio-pci"))
        == ["load-module", "/sys/bus/pci/drivers/vfio-pci", "vfio-pci ids=", nil])
  }

  private static let one = #""function":"0000:01:00.0""#
  private static let card = one + #","physical":"0000:01:00.0""#

  @Test(arguments: [
    "{\(one),\"step\":\"erase\"}", #"{"step":"bind","driver":"nvme"}"#, "{\(one)}", "[]", "{\(one),\"step\":\"bind\"}",
    #"{"op":"write","path":"/etc/passwd","value":"x"}"#,
    // Names that would lead elsewhere, and attributes that no run writes.
    "{\(one),\"step\":\"bind\",\"driver\":\"../../x\"}", "{\(one),\"step\":\"unbind\",\"driver\":\"\"}",
    "{\(one),\"step\":\"override\",\"driver\":\"a/b\"}",
    "{\(one),\"step\":\"attribute\",\"name\":\"remove\",\"value\":\"1\"}",
    "{\(one),\"step\":\"attribute\",\"name\":\"../x\",\"value\":\"1\"}",
    #"{"step":"load","words":["--remove","x"],"driver":"x"}"#, #"{"step":"load","words":[],"driver":"x"}"#,
    #"{"step":"load","words":["x"],"driver":"../x"}"#,
  ])
  func malformedIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Step.self, from: Data(text.utf8)) }
  }

  /// The one command that a plan runs, and only with words that are sound.
  @Test(arguments: [
    ("eth0", 0, "mac", "52:54:00:00:00:01; reboot"), ("eth0", 0, "mac", "$(reboot)"), ("-all", 0, "trust", "on"),
    ("eth0", -1, "trust", "on"), ("eth0", 65536, "trust", "on"), ("eth0", 0, "trust", ""), ("eth0 ", 0, "trust", "on"),
    ("eth0", 0, "rate", "10"), ("", 0, "trust", "on"), ("eth0", 0, "trust", "on netns 1"), ("../x", 0, "trust", "on"),
  ])
  func anyOtherCommandIsNone(interface: String, index: Int, setting: String, value: String) {
    let text =
      "{\(Self.card),\"step\":\"link\",\"interface\":\"\(interface)\",\"index\":\(index),\"name\":\"\(setting)\",\"value\":\"\(value)\"}"
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
    let line = ShellLine.write(value, to: file.path)
    #expect(try run(line, in: folder).status == 0)
    #expect(try Data(contentsOf: file) == Data(value.utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [file.lastPathComponent])
  }

  @Test func aLoneNewlineIsWrittenAsOne() throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let file = folder.appending(path: "driver_override")
    #expect(try run(ShellLine.write("\n", to: file.path), in: folder).status == 0)
    #expect(try Data(contentsOf: file) == Data("\n".utf8))
  }

  @Test(arguments: values.filter { !$0.isEmpty && !$0.contains("/") })
  func theShellExpectsExactlyTheDriver(value: String) throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let link = folder.appending(path: "driver").path
    let named = ShellLine.expectLink(link, to: value)
    let none = ShellLine.expectLink(link, to: nil)
    #expect(try run(named, in: folder).status == 1)
    #expect(try run(none, in: folder).status == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../drivers/\(value)")
    #expect(try run(named, in: folder).status == 0)
    #expect(try run(none, in: folder).status == 1)
    #expect(try run(ShellLine.expectLink(link, to: value + "x"), in: folder).status == 1)
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
    let result = try run(Step.load(value.split(separator: " ").map(String.init), for: "x").shellLine, in: folder)
    #expect(result.status == 0)
    #expect(result.output == value.split(separator: " ").map { "<\($0)>" }.joined())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bin"])
  }

  @Test func thePlansLinesStopAtTheFirstThatFails() throws {
    let scratch = try Scratch()
    let folder = URL(filePath: scratch.path)
    let missing = folder.appending(path: "missing/attribute").path
    let after = folder.appending(path: "after").path
    let lines = ShellLine.untilOneFails([ShellLine.write("x", to: missing), ShellLine.write("x", to: after)])
    #expect(try run(lines.joined(separator: "\n"), in: folder).status != 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    #expect(Step.shellLines([.offer(Self.address)]).first == "set -e")
    #expect(Step.shellLines([]) == [])
  }
}
