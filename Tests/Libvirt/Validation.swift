import Foundation
import TestSupport
import Testing

/// Runs a program on `input`; its exit status and what it said.
func run(_ program: String, _ arguments: [String], input: String) throws -> (status: Int32, said: String) {
  let scratch = try Scratch()
  try scratch.file("/input.xml", input)
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments + [scratch.path + "/input.xml"]
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: said, as: UTF8.self))
}

/// The smallest domain that libvirt's schema takes, with these devices.
func domain(_ devices: String) -> String {
  """
  <domain type='kvm'>
    <name>guest</name>
    <memory unit='MiB'>512</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices>
  \(devices)
    </devices>
  </domain>
  """
}

/// A schema of the tests: the installed one with what later versions of libvirt changed about `<hostdev>`.
let laterSchema = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "domain-12.1.rng").path

func expectValid(_ devices: String, _ location: SourceLocation = #_sourceLocation) throws {
  let (status, said) = try run("/usr/bin/virt-xml-validate", [], input: domain(devices))
  #expect(status == 0, "\(said)\(devices)", sourceLocation: location)
}

func expectValidLater(_ devices: String, _ location: SourceLocation = #_sourceLocation) throws {
  let (status, said) = try run(
    "/usr/bin/xmllint", ["--noout", "--relaxng", laterSchema], input: domain(devices))
  #expect(status == 0, "\(said)\(devices)", sourceLocation: location)
}
