import Foundation
import Testing

/// A move that can be broken off: what leads up to it, the command, and the functions that it concerns.
struct Move: Sendable, CustomStringConvertible {
  let description: String
  let fixture: String
  var override: [String: String] = [:]
  var before: [[String]] = []
  let command: [String]
  let functions: [String]

  static let bind = Move(description: "bind", fixture: "alveo", command: ["bind", "01:00"], functions: card)
  static let bindOverOverride = Move(
    description: "bind over an administrator's override", fixture: "alveo", override: [card[0]: "xclmgmt\n"],
    command: ["bind", "01:00"], functions: card)
  static let release = Move(
    description: "release", fixture: "alveo", before: [["bind", "01:00"]], command: ["release", "01:00"],
    functions: card)
  static let releaseByAlias = Move(
    description: "release by modules.alias", fixture: "alveo-grub", command: ["release", "01:00"], functions: card)
  static let reset = Move(
    description: "reset by one method", fixture: "nvme-root", before: [["bind", "04:00.0"]],
    command: ["reset", "--method", "bus", "04:00.0"], functions: ["0000:04:00.0"])
  static let makeVirtual = Move(
    description: "virtual functions for guests", fixture: "nic-vfs",
    command: ["sriov", "01:00.1", "--vfs", "2", "--bind", "--mac", "0=52:54:00:00:09:00", "--vlan", "1=7"],
    functions: twoVirtual)
  static let renumberVirtual = Move(
    description: "another number of virtual functions, for the host", fixture: "nic-vfs",
    before: [["sriov", "01:00.1", "--vfs", "2", "--bind", "--trust", "on"]],
    command: ["sriov", "01:00.1", "--vfs", "3"],
    functions: twoVirtual)
  static let removeVirtual = Move(
    description: "virtual functions taken away", fixture: "nic-vfs",
    before: [["sriov", "01:00.1", "--vfs", "2", "--vlan", "0=100"]], command: ["sriov", "01:00.1", "--vfs", "0"],
    functions: twoVirtual)
  static let bindVirtual = Move(
    description: "virtual functions that are there, to VFIO", fixture: "nic-vfs",
    before: [["sriov", "01:00.1", "--vfs", "2", "--vlan", "9"]],
    command: ["sriov", "01:00.1", "--vfs", "2", "--bind", "--spoof-check", "off"], functions: twoVirtual)
  static let releaseVirtual = Move(
    description: "a virtual function given back to the host's choice", fixture: "nic-vfs",
    before: [["sriov", "01:00.1", "--vfs", "2", "--bind"]], command: ["release", "01:10.1"],
    functions: ["0000:01:10.1"])
  static let apply = Move(
    description: "apply", fixture: "alveo", before: [["pin", "card", "01:00"]], command: ["apply"], functions: card)
  static let prune = Move(
    description: "prune", fixture: "alveo", before: [["pin", "card", "01:00"], ["apply"], ["unpin", "card"]],
    command: ["apply", "--prune"], functions: card)
  static let all = [
    bind, bindOverOverride, release, releaseByAlias, reset, makeVirtual, renumberVirtual, removeVirtual, bindVirtual,
    releaseVirtual, apply, prune,
  ]

  /// A capture in which this move is next.
  func prepared() throws -> Capture {
    let capture = try Capture(fixture)
    for (address, text) in override { try capture.file(Capture.folder(address) + "/driver_override", text) }
    for words in before {
      let ending = try capture.run(words)
      guard ending.status == 0 else { throw Trouble("\(ending)") }
    }
    return capture
  }
}

extension Capture {
  /// All that the kernel shows of its devices, and what hostdev says that it holds.
  func standing() throws -> [String: String] { try standing(hostdev("status", "--json")) }

  /// `status`: of the command of that name, just run.
  func standing(_ status: Ending) throws -> [String: String] {
    // Whether an idle function is enabled, in which power state, and what its VFIO node is called, is the kernel's business.
    var found = try picture().filter { place, _ in
      (place.hasPrefix("/sys/devices/") || place.hasPrefix("/sys/kernel/")) && !place.hasSuffix("/power_state")
        && !place.hasSuffix("/enable") && !place.contains("/vfio-dev/")
    }
    for (place, value) in virtualSettings() { found["setting \(place)"] = value }
    guard status.status == 0 else { throw Trouble("\(status)") }
    for hold in try status.json["held"]?.list ?? [] {
      found["held \(hold["address"]?.text ?? "?")"] =
        "home \(hold["home"]?["driver"]?.text ?? "-") \(hold["home"]?["driver_override"]?.text ?? "-"), drift \(hold["drift"]?.text ?? "-")"
    }
    return found
  }

  /// The writer of a run that was killed ends by itself, and not at once: until then its last write may be under way.
  func waitForWriters() throws {
    try waitUntil("no writer is left") {
      try !hostdev("recover", "--dry-run").output.contains("(pending in process ")
    }
  }

  /// Journals that are left over.
  func interrupted() throws -> [JSON] { try hostdev("status", "--json").json["interrupted"]?.list ?? [] }

  func fault(_ json: String) throws { try file("/run/hostdev-simulator/faults.json", json) }

  func withoutFaults() throws {
    try remove("/run/hostdev-simulator/faults.json")
    try? remove("/run/hostdev-simulator/writes")
  }
}

@Suite struct FaultTests {
  private static let errnos = [
    "EIO", "EBUSY", "ENODEV", "EINVAL", "EAGAIN", "ENOENT", "EPERM", "EACCES", "ENOMEM", "ENOSPC", "ETIMEDOUT",
    "ENOTTY",
  ]

  /// The writes of a move's plan, in order.
  private func writes(_ capture: Capture, _ move: Move) throws -> [JSON] {
    let said = try capture.run(move.command + ["--dry-run", "--json"]).json
    return said.set["plan"]?.list?.filter { ["write", "run"].contains($0["op"]?.text) } ?? []
  }

  @Test func everyErrnoAtEveryWriteIsPutBack() async throws {
    let tally = Tally("errnos")
    try await forEach(Move.all) { move in
      let kept = try move.prepared()
      let before = try kept.standing()
      let writes = try writes(kept, move)
      #expect(writes.count >= 3)
      var capture = try Capture(copying: kept)
      for (place, write) in writes.enumerated() {
        for errno in Self.errnos {
          try? capture.withoutFaults()
          try capture.fault(#"{"nth": {"\#(place + 1)": {"errno": "\#(errno)"}}}"#)
          let ending = try capture.run(move.command)
          let name = "\(move), write \(place + 1), \(errno)"
          let path = write["path"]?.text ?? ""
          if errno == "EAGAIN", path.hasSuffix("/bind") {
            // A deferred probe is tried again.
            #expect(ending.status == 0, "\(name): \(ending)")
          } else {
            #expect(ending.status == 2, "\(name): \(ending)")
            #expect(ending.errors.contains(path) && ending.errors.contains(errno), "\(name): \(ending)")
            #expect(ending.errors.contains("put back"), "\(name): \(ending)")
            #expect(try differences(before, capture.standing()) == [], "\(name)")
            #expect(try capture.interrupted() == [], "\(name)")
          }
          tally.count(ending.status == 2 || ending.status == 0)
          if ending.status != 2 { capture = try Capture(copying: kept) }
        }
      }
    }
    tally.report(atLeast: 372)
  }

  @Test func aWriteThatAlwaysFailsIsPutBackToo() async throws {
    let tally = Tally("lasting errnos")
    try await forEach(Move.all) { move in
      let kept = try move.prepared()
      let before = try kept.standing()
      for write in try writes(kept, move) {
        let capture = try Capture(copying: kept)
        let value = (write["value"]?.text ?? "").trimmingCharacters(in: .newlines)
        let fault = ["writes": [["path": write["path"]?.text ?? "", "value": value, "errno": "EIO"]]]
        try capture.file(
          "/run/hostdev-simulator/faults.json", try JSONSerialization.data(withJSONObject: fault))
        let ending = try capture.run(move.command)
        #expect(ending.status == 2 || ending.status == 3, "\(move): \(write) \(ending)")
        if ending.status == 2 {
          #expect(try differences(before, capture.standing()) == [], "\(move): \(write)")
          #expect(try capture.interrupted() == [])
        } else {
          #expect(try capture.interrupted().count == 1)
        }
        try capture.withoutFaults()
        #expect(try capture.hostdev("recover").status == 0)
        #expect(try capture.interrupted() == [])
        tally.count()
      }
    }
    tally.report(atLeast: 31)
  }

  @Test func whatCannotBePutBackIsToldAndRecovered() async throws {
    let tally = Tally("failed roll-backs")
    try await forEach(Move.all) { move in
      let kept = try move.prepared()
      let before = try kept.standing()
      let done = try Capture(copying: kept)
      _ = try done.run(move.command)
      let after = try done.standing()
      let count = try writes(kept, move).count
      for place in 1...count {
        let capture = try Capture(copying: kept)
        // This write fails, and so does everything that comes after it.
        let rest = (place...(place + 30)).map { #""\#($0)": {"errno": "EIO"}"# }.joined(separator: ", ")
        try capture.fault("{\"nth\": {\(rest)}}")
        let ending = try capture.run(move.command + ["--json"])
        let name = "\(move), from write \(place)"
        if ending.status == 3 {
          #expect(try ending.json.set["outcome"]?["result"]?.text == "partial", "\(name)")
          #expect(try ending.json["error"]?["status"]?.int == 3, "\(name)")
          #expect(ending.errors.contains("hostdev recover"), "\(name): \(ending)")
          let left = try capture.interrupted()
          #expect(
            left.count == 1 && Set(left.first?["functions"]?.texts ?? []).isSuperset(of: move.functions),
            "\(name): \(left)")
          // What is left over keeps others off, until it is recovered.
          #expect(try capture.run(move.command).status == 1, "\(name)")
        } else {
          #expect(ending.status == 2, "\(name): \(ending)")
        }
        try capture.withoutFaults()
        let recovered = try capture.hostdev("recover")
        #expect(recovered.status == 0, "\(name): \(recovered)")
        let now = try capture.standing()
        #expect(now == before || now == after, "\(name): \(differences(before, now))")
        #expect(try capture.interrupted() == [], "\(name)")
        tally.count(ending.status == 3)
      }
    }
    tally.report(atLeast: 26)
  }

  @Test func aModuleThatCannotBeLoadedIsMissing() throws {
    let capture = try Capture()
    try capture.fault(#"{"modules": {"vfio_pci": "modprobe: FATAL: Module vfio-pci not found"}}"#)
    let before = try capture.standing()
    let ending = try capture.hostdev("bind", "--json", "01:00")
    #expect(ending.status == 69, "\(ending)")
    #expect(ending.errors.contains("modprobe vfio-pci") && ending.errors.contains("not found"), "\(ending)")
    #expect(try differences(before, capture.standing()) == [])
    #expect(try capture.interrupted() == [])
  }

  @Test func aProbeThatClaimsSuccessIsNotBelieved() throws {
    // The link is what counts: here the write is answered and nothing follows, as drivers_probe does.
    let capture = try Capture()
    let before = try capture.standing()
    _ = try capture.hostdev("bind", "--dry-run", "01:00")
    let command = try capture.start(
      "bind", "01:00", environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "6:\(capture.path)/go"])
    try waitUntil("the first function is on vfio-pci") { capture.driver(card[0]) == "vfio-pci" }
    // Another program unbinds it again before the plan looks.
    try capture.remove(Capture.folder(card[0]) + "/driver")
    try capture.file("/go", "")
    let ending = try command.finish()
    #expect(ending.status == 2, "\(ending)")
    #expect(try differences(before, capture.standing()) == [])
  }

  @Test func anOverrideThatSomebodyElseWroteMeanwhileIsLeftAlone() throws {
    let capture = try Capture()
    let command = try capture.start(
      "bind", "01:00", environment: ["HOSTDEV_PAUSE_BEFORE_WRITE": "6:\(capture.path)/go"])
    try waitUntil("the first function is on vfio-pci") { capture.driver(card[0]) == "vfio-pci" }
    try capture.file(Capture.folder(card[0]) + "/driver_override", "stranger\n")
    try capture.file("/go", "")
    let ending = try command.finish()
    #expect(ending.status == 3, "\(ending)")
    #expect(ending.errors.contains("stranger"), "\(ending)")
    #expect(try capture.override(card[0]) == "stranger")
    #expect(try capture.interrupted().count == 1)
  }
}

/// Waits for something that another process does.
func waitUntil(_ what: String, seconds: Double = 20, _ isSo: () throws -> Bool) throws {
  let deadline = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
  while try !isSo() {
    if ContinuousClock.now > deadline { throw Trouble("in vain waited until \(what)") }
    usleep(2000)
  }
}
