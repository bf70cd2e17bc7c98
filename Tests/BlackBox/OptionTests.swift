import Testing

@Suite("A command has only options that act") struct OptionTests {
  /// Commands that are not a usage error as they stand, and what each has no use for.
  private static let commands: [(words: [String], without: [String])] = [
    (["recover"], ["--whole", "--force=slot-incomplete"]),
    (["unpin", "card"], ["--whole", "--force=slot-incomplete", "--timeout=1"]),
    (["import"], ["--whole", "--force=slot-incomplete"]),
    (["release", "01:00"], ["--whole"]),
    (["reset", "--dry-run", "02:00.0"], ["--whole"]),
    (["sriov", "--dry-run", "03:00.0", "--vfs", "0"], ["--whole"]),
    (["snapshot", "/dev/null"], ["--whole", "--force=slot-incomplete", "--timeout=1", "--wait=1", "--dry-run"]),
    (["status"], ["--whole", "--force=slot-incomplete", "--timeout=1", "--wait=1", "--dry-run"]),
    (["check", "01:00"], ["--timeout=1", "--wait=1", "--dry-run"]),
  ]

  @Test(arguments: 0..<commands.count) func isUnknownElsewhere(_ index: Int) throws {
    let (words, without) = Self.commands[index]
    let capture = try Capture()
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    let plain = try capture.run(words + ["--json"])
    #expect(plain.status != 64, "\(plain)")
    for option in without {
      let ending = try capture.run(words + [option])
      #expect(ending.status == 64 && ending.errors.contains("Unknown option"), "\(ending)")
      if words == ["unpin", "card"] { #expect(try capture.hostdev("pins", "card").status == 66) }
    }
  }

  @Test func ofOneFunctionNothingComesAlong() throws {
    let capture = try Capture("nic-vfs")
    let words = ["pin", "nic", "01:00.1", "--vfs", "2", "--dry-run"]
    #expect(try capture.run(words + ["--whole"]).status == 64)
    #expect(try capture.run(words).status == 0)
  }
}
