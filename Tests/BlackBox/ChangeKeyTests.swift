import Foundation
import TestSupport
import Testing

/// The JSON of every changing command has the same keys, whatever became of it.
@Suite struct ChangeKeyTests {
  private static let keys: Set = ["changed", "functions", "missing", "findings", "verdict", "plan", "outcome"]

  private func expect(
    _ capture: Capture, _ words: [String], _ status: Int32 = 0, changed: Bool, _ result: String?,
    verdict: String? = nil
  ) throws {
    let ending = try capture.run(words + ["--json"])
    let json = try ending.json
    #expect(ending.status == status, "\(ending)")
    #expect(Self.keys.isSubset(of: json.keys), "\(words): \(Self.keys.subtracting(json.keys))")
    #expect(json["changed"]?.bool == changed && json["outcome"]?["result"]?.text == result, "\(ending)")
    #expect(json["verdict"]?.text == verdict, "\(ending)")
    #expect(json["outcome"] == .null || json["outcome"]?.keys == ["result", "steps"], "\(ending)")
    for step in json["plan"]?.list ?? [] { #expect(step.keys == ["op", "path", "value", "prior"], "\(ending)") }
    // A step of the outcome is one of the plan.
    let count = json["plan"]?.list?.count ?? 0
    for step in json["outcome"]?["steps"]?.list ?? [] { #expect((step["index"]?.int ?? .max) < count, "\(ending)") }
    #expect((json["error"] != nil) == (status > 1), "\(ending)")
  }

  @Test func moving() throws {
    let capture = try Capture()
    let yes = "assignable"
    try expect(capture, ["bind", "01:00", "--dry-run"], changed: false, nil, verdict: yes)
    try expect(capture, ["bind", "01:00.0"], 1, changed: false, "refused", verdict: "refused")
    try expect(capture, ["bind", "01:00"], changed: true, "done", verdict: yes)
    try expect(capture, ["bind", "01:00"], changed: false, "unchanged", verdict: yes)
    try expect(capture, ["recover"], changed: false, "unchanged")
    try expect(capture, ["release", "01:00"], changed: true, "done", verdict: yes)
    try expect(capture, ["release", "01:00"], changed: false, "unchanged", verdict: yes)
    try expect(capture, ["release", "--all"], changed: false, "unchanged", verdict: yes)
    for words in [
      ["bind", "09:00"], ["release", "09:00"], ["reset", "09:00.0"], ["sriov", "09:00.0", "--vfs", "1"],
    ] {
      try expect(capture, words, 66, changed: false, nil)
    }
    try expect(capture, ["bind", "nonsense"], 64, changed: false, nil)
    try expect(capture, ["bind", "--bogus"], 64, changed: false, nil)
  }

  @Test func declaring() throws {
    let capture = try Capture()
    let yes = "assignable"
    try expect(capture, ["pin", "card", "01:00", "--dry-run"], changed: false, nil, verdict: yes)
    try expect(capture, ["pin", "half", "01:00.0"], 1, changed: false, "refused", verdict: "refused")
    try expect(capture, ["pin", "card", "01:00"], changed: true, "done", verdict: yes)
    try expect(capture, ["pin", "card", "01:00"], changed: false, "unchanged", verdict: yes)
    try expect(capture, ["apply", "--dry-run"], changed: false, nil, verdict: yes)
    try expect(capture, ["apply"], changed: true, "done", verdict: yes)
    try expect(capture, ["apply"], changed: false, "unchanged", verdict: yes)
    try expect(capture, ["unpin", "card", "--dry-run"], changed: false, nil)
    try expect(capture, ["unpin", "card"], changed: true, "done")
    try expect(capture, ["unpin", "card"], changed: false, "unchanged")
    try expect(capture, ["apply", "--prune"], changed: true, "done", verdict: yes)
    try expect(capture, ["apply"], changed: false, "unchanged")
    try expect(capture, ["pin", "card", "09:00"], 66, changed: false, nil)
    try expect(capture, ["apply", "none"], 66, changed: false, nil)
    try expect(capture, ["pin", "now", "01:00", "--now"], changed: true, "done", verdict: yes)
    let tree = try Scratch()
    try expect(capture, ["image", tree.path], changed: true, "done")
    try expect(capture, ["image", tree.path + "/none"], 66, changed: false, nil)
  }

  @Test func importing() throws {
    let capture = try Capture("alveo-grub")
    try expect(capture, ["import"], changed: false, nil, verdict: "assignable")
    try expect(capture, ["import", "--write"], changed: true, "done", verdict: "assignable")
    try expect(capture, ["import", "--write"], changed: false, "unchanged")
  }

  @Test func resettingAndVirtualFunctions() throws {
    let gpu = try Capture("gpu")
    #expect(try gpu.hostdev("bind", "01:00").status == 0)
    try expect(gpu, ["reset", "01:00.2"], changed: true, "done", verdict: "assignable")
    let card = try Capture("nic-vfs")
    try expect(card, ["sriov", "01:00.1", "--vfs", "2"], changed: true, "done", verdict: "assignable")
    try expect(card, ["sriov", "01:00.1", "--vfs", "2"], changed: false, "unchanged", verdict: "assignable")
    try expect(card, ["sriov", "01:00.0", "--vfs", "9"], 1, changed: false, "refused", verdict: "refused")
  }

  @Test func failing() throws {
    let capture = try Capture()
    try capture.fault(#"{"nth": {"3": {"errno": "EIO"}}}"#)
    try expect(capture, ["bind", "01:00"], 2, changed: false, "rolled-back", verdict: "assignable")
    try capture.withoutFaults()
    let killed = try capture.run(["bind", "01:00"], environment: ["HOSTDEV_KILL_AFTER": "3"])
    #expect(killed.signal == SIGKILL)
    try expect(capture, ["recover", "--dry-run"], changed: false, nil)
    try expect(capture, ["recover"], changed: true, "done")
  }
}
