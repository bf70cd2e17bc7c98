import Foundation
import Testing

/// Captures with the wrong thing in every place: no crash, no wait, and a status of the contract.
@Suite struct MalformedTests {
  /// It becomes part of a path, and of an override that outlasts the command.
  @Test(arguments: ["", "../../devices", ".hidden", "-x", "a/b", "a\nb", "*"])
  func whatIsNoDriversNameIsNoDriver(name: String) throws {
    let capture = try Capture()
    for words in [["check"], ["bind"], ["release"], ["pin", "card"]] {
      let ending = try capture.run(words + ["01:00", "--driver=\(name)"])
      #expect(ending.status == 64, "\(ending)")
    }
    #expect(capture.names("/etc/hostdev/pins.d") == [])
  }

  private static let attributes = [
    "uevent", "config", "vendor", "class", "revision", "reset_method", "driver_override", "power_state", "numa_node",
    "boot_vga", "sriov_totalvfs", "iommu_group", "driver", "",
  ]
  private static let surroundings = [
    "/proc/cmdline", "/proc/mounts", "/proc/self/mountinfo", "/proc/swaps", "/proc/iomem", "/proc/net/route",
    "/proc/net/fib_trie", "/etc/fstab", "/usr/share/misc/pci.ids", "/sys/kernel/iommu_groups",
    "/sys/kernel/iommu_groups/12/reserved_regions", "/sys/class/block", "/sys/class/net", "/sys/bus/pci/drivers",
    "/proc",
    "/dev", "/run", "/lib/modules", "/etc",
  ]

  private static let damages: [(String, @Sendable (Capture, String) throws -> Void)] = [
    ("missing", { _, _ in }),
    ("empty", { capture, place in try capture.file(place, "") }),
    ("not UTF-8", { capture, place in try capture.file(place, [0xff, 0xfe, 0x80, 0x0a, 0xc3]) }),
    ("a megabyte", { capture, place in try capture.file(place, [UInt8](repeating: 0x41, count: 1 << 20)) }),
    (
      "a megabyte of lines", { capture, place in try capture.file(place, String(repeating: "a=b c\n", count: 180_000)) }
    ),
    (
      "a directory",
      { capture, place in
        try capture.folder(place)
      }
    ), ("a FIFO", { capture, place in mkfifo(capture.path + place, 0o644) }),
    ("a dangling link", { capture, place in try capture.link(place, to: "nowhere") }),
    (
      "a looping link",
      { capture, place in try capture.link(place, to: String(place.split(separator: "/").last ?? "x")) }
    ),
    ("a link out", { capture, place in try capture.link(place, to: "../../../../../../../../../../etc/passwd") }),
    ("control characters", { capture, place in try capture.file(place, "\u{1b}[2J\u{7}\0PCI_ID=\u{1b}]0;x\u{7}\n") }),
  ]

  /// Takes what is at `place` away, follows no link, and puts the damage there.
  private static func damage(_ capture: Capture, _ place: String, _ damage: @Sendable (Capture, String) throws -> Void)
    throws
  {
    if capture.exists(place) { try capture.remove(place) }
    try? capture.folder(String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)]))
    try damage(capture, place)
  }

  private static func expectSound(_ capture: Capture, _ name: String, _ tally: Tally) throws {
    for words in [
      ["list", "--all"], ["show", "--json", "01:00", "00:02.0", "00:01.0"], ["check", "--json", "01:00"],
    ] {
      let ending = try capture.run(words, seconds: 30)
      #expect(ending.signal == nil, "\(name): \(ending)")
      #expect([0, 1, 65, 66].contains(ending.status), "\(name): \(ending)")
      #expect(!ending.description.contains("root:x:0"), "\(name): what stands outside was read")
      if words.contains("--json") {
        let json = try ending.json
        #expect(json["schema"]?.text == "hostdev/1", "\(name)")
        if let status = ending.status, status > 1 { #expect(json["error"]?["status"]?.int == Int(status), "\(name)") }
      } else {
        #expect(
          !ending.output.contains("\u{1b}") && !ending.output.contains("\u{7}"),
          "\(name): control characters are printed")
      }
      tally.count(ending.signal == nil)
    }
  }

  @Test func everyAttributeDamaged() async throws {
    let tally = Tally("damaged attributes")
    try await forEach(Self.attributes) { attribute in
      let kept = try Capture()
      for (what, damage) in Self.damages {
        let capture = try Capture(copying: kept)
        for address in [card[0], "0000:00:02.0", "0000:00:01.0"] {
          let place =
            attribute.isEmpty ? "/sys/bus/pci/devices/\(address)" : Capture.folder(address) + "/" + attribute
          try Self.damage(capture, place, damage)
        }
        try Self.expectSound(capture, "\(attribute) is \(what)", tally)
      }
    }
    tally.report(atLeast: 462)
  }

  @Test func everySurroundingDamaged() async throws {
    let tally = Tally("damaged surroundings")
    try await forEach(Self.surroundings) { place in
      let kept = try Capture()
      for (what, damage) in Self.damages {
        let capture = try Capture(copying: kept)
        try Self.damage(capture, place, damage)
        try Self.expectSound(capture, "\(place) is \(what)", tally)
      }
    }
    tally.report(atLeast: 627)
  }

  // MARK: The journal

  @Test func aJournalCutShortIsMalformed() throws {
    let tally = Tally("journals cut short")
    let kept = try Capture()
    _ = try kept.hostdev("bind", "01:00", environment: ["HOSTDEV_KILL_AFTER": "3"])
    let name = try #require(kept.names("/run/hostdev/journal").first)
    let place = "/run/hostdev/journal/\(name)"
    let whole = try kept.text(place)
    for part in [0, 1, 10, whole.utf8.count / 2, whole.utf8.count - 3] {
      try kept.file(place, String(whole.prefix(part)))
      for words in [["status"], ["recover"], ["bind", "01:00"], ["release", "01:00"]] {
        let before = try kept.picture()
        let ending = try kept.run(words + ["--json"])
        #expect(ending.status == 65, "\(part) bytes: \(ending)")
        #expect(ending.errors.contains(place), "\(ending)")
        #expect(try ending.json["error"]?["path"]?.text == place)
        #expect(try differences(before, kept.picture()) == [])
        tally.count(ending.status == 65)
      }
    }
    // Reading other things needs no journal.
    #expect(try kept.hostdev("list").status == 0)
    try kept.file(place, whole)
    #expect(try kept.hostdev("recover").status == 0)
    tally.report(atLeast: 20)
  }

  @Test func aLaterVersionsJournalIsNotGuessedAt() throws {
    let kept = try Capture()
    _ = try kept.hostdev("bind", "01:00", environment: ["HOSTDEV_KILL_AFTER": "3"])
    let name = try #require(kept.names("/run/hostdev/journal").first)
    let place = "/run/hostdev/journal/\(name)"
    try kept.file(place, try kept.text(place).replacingOccurrences(of: "hostdev-journal/2", with: "hostdev-journal/3"))
    for words in [["status"], ["recover"], ["bind", "01:00"]] {
      let ending = try kept.run(words)
      #expect(ending.status == 65, "\(ending)")
      #expect(ending.errors.contains("hostdev-journal/3") && ending.errors.contains(name), "\(ending)")
    }
  }

  @Test func aDamagedRecordOfWhatIsHeldIsNamed() throws {
    let capture = try Capture()
    _ = try capture.hostdev("bind", "01:00")
    let place = "/run/hostdev/held/\(card[0]).json"
    try capture.file(place, try capture.text(place).replacingOccurrences(of: "\"home\"", with: "\"hole\""))
    for words in [["status"], ["release", "01:00"], ["release", "--all"], ["xml", "01:00"]] {
      let ending = try capture.run(words)
      #expect(ending.status == 65 && ending.errors.contains(place) && ending.errors.contains("home"), "\(ending)")
    }
  }

  @Test func foreignFilesUnderRunAreLeftAlone() throws {
    let capture = try Capture()
    for name in ["note.txt", ".hidden.json", "README"] {
      try capture.file("/run/hostdev/journal/\(name)", "x")
      try capture.file("/run/hostdev/held/\(name)", "x")
    }
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    #expect(try capture.hostdev("release", "01:00").status == 0)
    #expect(capture.names("/run/hostdev/held") == [".hidden.json", "README", "note.txt"])
  }

  @Test func everyErrorInJSONIsOneObject() throws {
    let capture = try Capture()
    let kept: [([String], Int32)] = [
      (["list", "zz"], 64), (["list", "--bogus"], 64), (["show"], 64), (["check", "09:00"], 66),
      (["bind", "group:99"], 66),
      (["show", "--json", "--xml", "01:00"], 64), (["reset", "01:00"], 64), (["xml", "00:01.0"], 64),
      (["release", "--driver", "a/b", "01:00"], 64), (["bind", "--force=none-such", "01:00"], 64), (["nonsense"], 64),
    ]
    for (words, status) in kept {
      let ending = try Command.run([Program.path] + words + ["--json", "--root", capture.path])
      #expect(ending.status == status, "\(ending)")
      let json = try ending.json
      #expect(json["schema"]?.text == "hostdev/1", "\(ending)")
      #expect(json["error"]?.keys == ["status", "operation", "path", "errno", "state", "next"], "\(ending)")
      #expect(json["error"]?["status"]?.int == Int(status), "\(ending)")
      #expect(!ending.errors.isEmpty)
    }
  }
}
