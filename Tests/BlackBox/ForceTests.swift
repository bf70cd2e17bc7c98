import Testing

@Suite("--force says what it did not overrule") struct ForceTests {
  private func noted(_ words: [String], _ status: Int32, on fixture: String = "gpu") throws -> String {
    let ending = try Capture(fixture).run(words)
    #expect(ending.status == status, "\(ending)")
    return ending.errors
  }

  @Test func aCodeThatWasNotFound() throws {
    for words in [["check"], ["bind"], ["bind", "--dry-run"], ["pin", "card"]] {
      let said = try noted(words + ["01:00", "--force=host-network,held-open"], 0)
      for code in ["host-network", "held-open"] {
        #expect(said.contains("--force=\(code): it was not found, so there is nothing to overrule"), "\(said)")
      }
    }
    // JSON has the whole of standard output, and the note goes beside it.
    let ending = try Capture("gpu").hostdev("check", "01:00", "--force=held-open", "--json")
    #expect(try ending.json["verdict"]?.text == "assignable" && ending.errors.contains("--force=held-open: "))
  }

  @Test func aCodeThatCannotBeOverruled() throws {
    let said = try noted(["bind", "01:00.0", "--force=group-blocked,slot-incomplete"], 1)
    #expect(
      said.contains("--force=group-blocked: it cannot be overruled\n") && !said.contains("slot-incomplete"), "\(said)")
    let root = try noted(["bind", "02:00.0", "--force=root-storage"], 1)
    #expect(root.contains("--force=root-storage: it cannot be overruled if /, /boot, /usr or swap is on it"), "\(root)")
    let absent = try noted(["check", "01:00", "--force=iommu-off"], 0)
    #expect(absent.contains("--force=iommu-off: it was not found, and could not be overruled"), "\(absent)")
  }

  @Test func whatWasOverruledIsNotNoted() throws {
    #expect(try noted(["check", "01:00.0", "--whole", "--force=slot-incomplete"], 0).contains("slot-incomplete"))
    let capture = try Capture("gpu")
    let ending = try capture.hostdev("check", "03:00.0", "--force=host-network")
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending)")
  }

  @Test func ofSeveralPinsItIsNotedOnce() throws {
    let capture = try Capture("gpu")
    #expect(try capture.hostdev("pin", "card", "01:00").status == 0)
    #expect(try capture.hostdev("pin", "nic", "03:00.0", "--force=host-network").status == 0)
    let ending = try capture.hostdev("apply", "--force=held-open,host-network")
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.errors.split(separator: "\n").filter { $0.contains("--force=") }.count == 1, "\(ending)")
  }

  @Test(arguments: [
    ("host-netwrok", "Did you mean 'host-network'?"), ("HOST-DISPLAY", "Did you mean 'host-display'?"),
    ("slot_incomplete", "Did you mean 'slot-incomplete'?"), ("none-such", "no finding has the code 'none-such'"),
    ("all", "no finding has the code 'all'"), ("boot-claim", "is a finding of doctor's"),
    ("host-network,", "a code is missing"),
  ])
  func aCodeThatDoesNotExist(code: String, answer: String) throws {
    for command in ["check", "bind", "apply"] {
      let said = try noted([command, "01:00", "--force=\(code)"], 64)
      #expect(said.contains(answer), "\(said)")
      if !answer.contains("Did you mean") { #expect(!said.contains("Did you mean"), "\(said)") }
    }
  }
}
