import Foundation
import Testing

/// Whether the next boot applies the pins: the units that systemd starts, and the initramfs.
@Suite struct PinnedBootTests {
  private static let wants = "/etc/systemd/system/multi-user.target.wants"
  private static let unit = "/usr/lib/systemd/system/hostdev.service"

  private func host(_ prepare: (Capture) throws -> Void = { _ in }) throws -> Capture {
    let capture = try Capture()
    try capture.folder(Self.wants)
    for unit in ["hostdev", "hostdev-verify", "hostdev@"] {
      try capture.file("/usr/lib/systemd/system/\(unit).service", "[Service]\n")
    }
    try prepare(capture)
    return capture
  }

  private func enable(_ capture: Capture, _ units: String..., in folder: String = wants) throws {
    for unit in units {
      let template = unit.replacing(/@.*\./, with: "@.")
      try capture.link("\(folder)/\(unit)", to: "/usr/lib/systemd/system/\(template)")
    }
  }

  private func finding(_ capture: Capture, _ code: String = "unit-disabled") throws -> JSON {
    let checks = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    return try #require(checks.first { $0["code"]?.text == code })
  }

  private func pinned(_ prepare: (Capture) throws -> Void = { _ in }) throws -> Capture {
    let capture = try host(prepare)
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    return capture
  }

  @Test func aUnitThatIsNotEnabledIsAnErrorOfTheHost() throws {
    let capture = try host()
    #expect(try finding(capture)["severity"]?.text == "ok" && capture.hostdev("doctor").status == 0)
    let pin = try capture.hostdev("pin", "card", "01:00")
    #expect(pin.status == 0 && pin.output.contains("systemctl enable hostdev.service"), "\(pin)")
    #expect(try finding(capture)["severity"]?.text == "error")
    #expect(try capture.hostdev("doctor").lines.last == "not ready: 1 error (unit-disabled)")
    // As systemctl enable leaves it.
    try enable(capture, "hostdev.service", "hostdev-verify.service")
    #expect(try finding(capture)["severity"]?.text == "ok" && capture.hostdev("doctor").lines.last == "ready")
  }

  @Test func everyWayToEnableCounts() throws {
    for folder in [
      "/etc/systemd/system/libvirtd.service.wants", "/etc/systemd/system/multi-user.target.requires",
      "/usr/lib/systemd/system/sysinit.target.wants", "/lib/systemd/system/multi-user.target.wants",
    ] {
      let capture = try pinned { try enable($0, "hostdev.service", "hostdev-verify.service", in: folder) }
      #expect(try finding(capture)["severity"]?.text == "ok", "\(folder)")
    }
    let own = try pinned { try enable($0, "hostdev@card.service") }
    #expect(try finding(own)["severity"]?.text == "ok")
    // One of the two is not enough, nor is the unit of another pin.
    #expect(try own.hostdev("pin", "other", "00:04.0").status == 0)
    #expect(try finding(own)["severity"]?.text == "error")
  }

  /// hostdev(8) advises it for a guest that is a unit.
  @Test func aUnitThatRequiresThePinCounts() throws {
    for (file, line) in [
      ("vm-build.service", "Requires=network.target hostdev@card.service"),
      ("libvirtd.service.d/card.conf", "Wants=hostdev.service hostdev-verify.service"),
    ] {
      let capture = try pinned {
        try $0.file("/etc/systemd/system/\(file)", "[Unit]\n\(line)\n[Service]\nEnvironment=PASSWORD=secret\n")
      }
      let found = try finding(capture)
      #expect(found["severity"]?.text == "ok", "\(found)")
      let copy = capture.path + "-copy"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      #expect(try capture.hostdev("snapshot", copy).status == 0)
      let kept = try String(contentsOfFile: copy + "/etc/systemd/system/\(file)", encoding: .utf8)
      #expect(kept.contains("hostdev") && !kept.contains("secret"), "\(kept)")
    }
    for line in ["After=hostdev.service", "# Requires=hostdev.service", "Requires=hostdev@other.service"] {
      let capture = try pinned { try $0.file("/etc/systemd/system/vm.service", "[Unit]\n\(line)\n") }
      #expect(try finding(capture)["severity"]?.text == "error", "\(line)")
    }
  }

  @Test func whatOnlyLooksEnabledIsNot() throws {
    let runtime = try pinned { try enable($0, "hostdev.service", in: "/run/systemd/system/multi-user.target.wants") }
    #expect(try finding(runtime)["message"]?.text?.contains("this boot only") == true)
    let masked = try pinned {
      try enable($0, "hostdev.service")
      try $0.link("/etc/systemd/system/hostdev.service", to: "/dev/null")
    }
    let found = try finding(masked)
    #expect(found["severity"]?.text == "error", "\(found)")
    #expect(found["remedy"]?.text?.hasPrefix("systemctl unmask hostdev.service && systemctl enable") == true)
    for folder in ["rescue.target.wants", "poweroff.target.wants"] {
      let other = try pinned { try enable($0, "hostdev.service", in: "/etc/systemd/system/\(folder)") }
      #expect(try finding(other)["severity"]?.text == "error", "\(folder)")
    }
    let verifier = try pinned { try enable($0, "hostdev-verify.service") }
    #expect(try finding(verifier)["severity"]?.text == "error")
  }

  /// What a capture does not have is unknown, and never no.
  @Test func aCaptureWithoutUnitsIsNotJudged() throws {
    let capture = try Capture()
    let pin = try capture.hostdev("pin", "card", "01:00", "--json").json
    #expect(pin["next_boot"]?.list?.first { $0["code"]?.text == "unit-disabled" }?["severity"]?.text == "unknown")
    #expect(try capture.hostdev("doctor").status == 0)
    let snapshot = try pinned { try enable($0, "hostdev.service", "hostdev-verify.service") }
    let copy = snapshot.path + "-copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    #expect(try snapshot.hostdev("snapshot", copy).status == 0)
    let checks = try Command.run([Program.path, "doctor", "--json", "--root", copy]).json["checks"]?.list ?? []
    #expect(checks.first { $0["code"]?.text == "unit-disabled" }?["severity"]?.text == "ok", "\(checks)")
  }

  @Test func anImportSaysTheSame() throws {
    let capture = try Capture("alveo-grub")
    try capture.folder(Self.wants)
    let ending = try capture.hostdev("import", "--write")
    #expect(ending.output.contains("For the next boot:") && ending.output.contains("not installed"), "\(ending)")
  }
}
