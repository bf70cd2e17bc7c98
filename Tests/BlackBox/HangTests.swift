import Foundation
import Testing

/// A write to the kernel that does not come back keeps a function's device lock, and what is read under that lock does not
/// answer: each command does, and says what it could not read.
@Suite struct HangTests {
  private static let hidden = "/run/hostdev-simulator"
  private static let physical = "0000:01:00.1"
  private static let virtual = "0000:01:10.4"
  private static let withVirtual = "0000:01:00.0"
  private static let plain = "0000:03:00.0"

  /// What hangs, and the function that a user asks for.
  enum Situation: CaseIterable {
    case unbindOfPF, unbindOfPlain, unbindOfVF, virtualFunctionsGoing, probeOfPF, probeOfPlain, probeOfVF, removeOfPlain

    var function: String {
      switch self {
      case .unbindOfPF, .probeOfPF: physical
      case .unbindOfPlain, .probeOfPlain, .removeOfPlain: plain
      case .unbindOfVF, .probeOfVF: virtual
      case .virtualFunctionsGoing: withVirtual
      }
    }

    /// By `doctor`, on a kernel that answers `uevent` all the same: that names a driver whose link is gone, or a capture's
    /// `sriov_numvfs` does not answer.
    var isSeenAllTheSame: Bool {
      switch self {
      case .unbindOfPF, .unbindOfPlain, .unbindOfVF, .removeOfPlain, .probeOfPF: true
      case .virtualFunctionsGoing, .probeOfPlain, .probeOfVF: false
      }
    }

    func bringAbout(_ capture: Capture) throws {
      switch self {
      case .unbindOfPF, .unbindOfPlain, .unbindOfVF: try unbind(function, capture)
      case .removeOfPlain:
        try unbind(function, capture)
        try capture.file("\(hidden)/leaving/\(function)", function)
      case .virtualFunctionsGoing:
        try unbind(virtual, capture)
        try capture.file("\(hidden)/leaving/\(function)", virtual)
      case .probeOfPF, .probeOfPlain, .probeOfVF: try capture.file("\(hidden)/probing/\(function)", "")
      }
    }

    private func unbind(_ function: String, _ capture: Capture) throws {
      try capture.file("\(hidden)/holders/\(function)", "")
      try capture.file("\(hidden)/pending/\(function)", "vfio-pci")
      try? capture.remove(Capture.folder(function) + "/driver")
      // Until the unbind has ended the driver is there, and `uevent` names it.
      let lines = try capture.text(Capture.folder(function) + "/uevent").split(separator: "\n")
      try capture.file(
        Capture.folder(function) + "/uevent",
        (["DRIVER=vfio-pci"] + lines.filter { !$0.hasPrefix("DRIVER=") }).map { "\($0)\n" }.joined())
      if let group = try? FileManager.default.destinationOfSymbolicLink(
        atPath: capture.path + Capture.folder(function) + "/iommu_group")
      {
        let number = group.split(separator: "/").last ?? ""
        try capture.file("/dev/vfio/\(number)", "")
        try capture.file("/proc/4711/comm", "qemu-system-x86\n")
        try capture.file("/proc/4711/fd/.keep", "")
        try capture.link("/proc/4711/fd/20", to: "/dev/vfio/\(number)")
      }
    }
  }

  /// Attributes that the kernel answers under the device lock, as the contract's record has it.
  private static func locked(_ release: String) -> Set<String> {
    release.hasPrefix("6.1.") ? ["uevent", "driver_override", "sriov_numvfs"] : ["sriov_numvfs"]
  }

  @Test(arguments: ["6.1.0-57-amd64", "6.12.117+deb12-amd64"], Situation.allCases)
  func everyCommandAnswersAndSaysWhatItCouldNotRead(_ release: String, _ situation: Situation) throws {
    let capture = try Capture("nic-vfs")
    try capture.file("/proc/sys/kernel/osrelease", release + "\n")
    try situation.bringAbout(capture)
    let before = try capture.picture()
    let one = situation.function
    let checks = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    let unknown = checks.first { $0["code"]?.text == "unknown-driver" }
    let isSeen = Self.locked(release).contains("uevent") || situation.isSeenAllTheSame
    #expect((unknown?["functions"]?.texts?.contains(one) == true) == isSeen, "\(checks)")
    #expect(unknown == nil || unknown?["severity"]?.text == "unknown")
    for (number, words) in [
      ["list", "--all"], ["show", "--all"], ["show", one], ["check", one], ["status"], ["doctor"], ["pins"],
      ["snapshot", capture.path + "-snapshot"], ["check", "0000:02:00.0"], ["bind", "--dry-run", "0000:02:00.0"],
      ["release", "--timeout", "1", one], ["bind", "--timeout", "1", one], ["reset", "--timeout", "1", one], ["apply"],
    ].enumerated() {
      let ending = try capture.run(words + ["--json"], seconds: 20)
      #expect(ending.seconds < 10, "\(ending.command): \(ending.seconds) s")
      #expect(ending.status.map { [0, 1, 4].contains($0) } == true, "\(number) \(ending)")
      // Whatever moved, nothing did that had a lock held against it.
      if words[0] == "apply" || words[0] == "bind" && ending.status == 4 { _ = try? capture.hostdev("recover") }
    }
    try? FileManager.default.removeItem(atPath: capture.path + "-snapshot")
    let shown = try #require(try capture.hostdev("show", "--json", one).json.devices.first)
    let silent = shown["unanswered"]?.list ?? []
    if Self.locked(release).contains("uevent") {
      #expect(silent.contains { $0["path"]?.text == "/sys/bus/pci/devices/\(one)/uevent" }, "\(silent)")
      #expect(shown["unknown"]?.texts?.contains("driver_override") == true)
      let row = try capture.hostdev("list", one)
      #expect(row.output.contains("does not answer"), "\(row)")
      #expect(try capture.hostdev("check", "--json", one).json.codes.contains("unknown-driver"))
    }
    #expect(silent.allSatisfy { $0["reason"]?.text?.isEmpty == false })
    if situation != .probeOfPF, situation != .probeOfPlain, situation != .probeOfVF {
      #expect(try differences(before, capture.picture()) == [], "refused, and nothing was touched")
    }
  }

  @Test func aFunctionThatAnswersHasNoSuchKey() throws {
    let capture = try Capture("nic-vfs")
    let shown = try #require(try capture.hostdev("show", "--json", Self.withVirtual).json.devices.first)
    #expect(shown["unanswered"] == nil)
    #expect(try !capture.hostdev("list").output.contains("does not answer"))
  }
}
