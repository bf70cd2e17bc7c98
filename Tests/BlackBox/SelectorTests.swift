import Foundation
import Testing

@Suite struct SelectorTests {
  /// Addresses that a selector lists.
  private func resolve(_ selectors: [String], on capture: Capture, input: String? = nil) throws -> [String] {
    let ending = try capture.run(["list", "--json"] + selectors, input: input)
    #expect(ending.status == 0, "\(ending)")
    return try ending.json.devices.compactMap { $0["address"]?.text }
  }

  @Test func everyFormNamesItsFunctions() throws {
    let capture = try Capture()
    let forms: [(String, [String])] = [
      ("0000:01:00.0", [card[0]]), ("01:00.0", [card[0]]), ("01:00.1", [card[1]]), ("0000:01:00", card),
      ("01:00", card),
      ("pci_0000_01_00_1", [card[1]]), ("10ee:5000", [card[0]]), ("10EE:5001", [card[1]]), ("group:12", [card[0]]),
      ("group:13", [card[1]]), ("net:enp3s0", ["0000:03:00.0"]), ("block:nvme0n1", ["0000:02:00.0"]),
      ("block:nvme0n1p2", ["0000:02:00.0"]), ("/dev/nvme0n1", ["0000:02:00.0"]), ("/dev/nvme0n1p1", ["0000:02:00.0"]),
      ("0000:00:01.0", ["0000:00:01.0"]), ("1:0.0", [card[0]]), ("0x10ee:0x5000", [card[0]]), ("10ee:", card),
      (":5001", [card[1]]), ("10ee::1200", card), ("01:", card), ("0000:01:00.0-1", card), ("01:00.1,01:00.0", card),
      ("/sys/bus/pci/devices/0000:01:00.0", [card[0]]), ("/sys/class/net/enp3s0", ["0000:03:00.0"]),
      ("/dev/nvme0", ["0000:02:00.0"]), ("nvme0", ["0000:02:00.0"]), ("enp3s0", ["0000:03:00.0"]),
      ("/dev/dri/card0", ["0000:00:02.0"]), ("renderD128", ["0000:00:02.0"]),
      ("/dev/dri/renderD128", ["0000:00:02.0"]), ("nvme0n1p2", ["0000:02:00.0"]),
      ("enp3s0,01:00.0", [card[0], "0000:03:00.0"]),
    ]
    for (selector, expected) in forms { #expect(try resolve([selector], on: capture) == expected, "\(selector)") }
  }

  @Test func severalSelectorsAreOneSetInOrder() throws {
    let capture = try Capture()
    #expect(try resolve(["10ee:5001", "net:enp3s0", "01:00.0", "group:13"], on: capture) == card + ["0000:03:00.0"])
  }

  @Test func aGroupIsItsEndpoints() throws {
    let capture = try Capture("legacy-bridge")
    // The bridge 01:00.0 is a member as well.
    #expect(try resolve(["group:12"], on: capture) == ["0000:02:00.0", "0000:02:01.0"])
    #expect(try capture.hostdev("list", "group:1").status == 66)
  }

  @Test func byIdReadCommandsTakeAllMatches() throws {
    let capture = try Capture("nic-vfs")
    let id = try capture.text(Capture.folder("0000:01:10.0") + "/uevent").split(separator: "\n")
      .first { $0.hasPrefix("PCI_ID=") }.map { $0.dropFirst(7).lowercased() }
    #expect(
      try resolve([#require(id)], on: capture) == ["0000:01:10.0", "0000:01:10.4", "0000:01:11.0", "0000:01:11.4"])
  }

  @Test(arguments: ["bind", "release", "reset"])
  func byIdAChangingCommandWantsOneDevice(_ command: String) throws {
    let capture = try Capture("nic-vfs")
    let id = try capture.text(Capture.folder("0000:01:10.0") + "/uevent").split(separator: "\n")
      .first { $0.hasPrefix("PCI_ID=") }.map { $0.dropFirst(7).lowercased() }
    let before = try capture.picture()
    let ending = try capture.hostdev(command, #require(id))
    #expect(ending.status == 64, "\(ending)")
    for address in ["0000:01:10.0", "0000:01:10.4", "0000:01:11.0", "0000:01:11.4"] {
      #expect(ending.errors.contains(address), "\(ending)")
    }
    #expect(try differences(before, capture.picture()) == [])
  }

  @Test func fiveDigitDomains() throws {
    let capture = try Capture("vmd")
    #expect(try resolve(["10000:e1:00.0"], on: capture) == ["10000:e1:00.0"])
    #expect(try resolve(["10000:e2:00"], on: capture) == ["10000:e2:00.0"])
    #expect(try resolve(["pci_10000_e1_00_0"], on: capture) == ["10000:e1:00.0"])
    #expect(try resolve(["block:nvme0n1"], on: capture) == ["10000:e1:00.0"])
    // Domain 0 if it is left out.
    #expect(try capture.hostdev("list", "e1:00.0").status == 66)
    let all = try capture.hostdev("list", "--all", "--json").json.devices.compactMap { $0["address"]?.text }
    #expect(all.last == "10000:e2:00.0")
    #expect(all.firstIndex(of: "0000:03:00.0") == all.firstIndex(of: "10000:e0:06.0").map { $0 - 1 })
    let shown = try #require(try capture.hostdev("show", "--json", "10000:e1:00.0").json.devices.first)
    #expect(shown["parent"]?.text == "10000:e0:06.0")
  }

  @Test func malformedSelectorsAreUsageErrors() throws {
    let capture = try Capture()
    let malformed = [
      "", "zz", "-1", "1:2:3:4", "01:00.8", "0000:01:20.0", "0000:1ff:00.0", "0:01:00.0", "01:00.0 ", " 01:00.0",
      "01.00.0",
      "0000:01:00.", "0x10ee:0x50", "10ee:50000", "10ee::", "::", "0000:01:00.1-0", "group:", "group:x", "group:-1",
      "group:1.5",
      "group:99999999999999999999", "net:", "net:a/b", "net:..", "block:", "block:../x", "block:a//b", "/dev/",
      "/dev/../x",
      "xml:", "pin:", "pin:../x", "pin:.x", "pci_0000_01_00", "pci_0000_01_00_0_0", "pci_", "pci_0000_01_00_8", "-",
      "ｅ1:00.0", "01:00.０", "00\u{301}:00.0", "*", "0000:01:00.0,", "net/enp3s0",
      "/sys/class/net", "01:00.0 01:00.1",
    ]
    let tally = Tally("malformed selectors")
    for selector in malformed {
      let ending = try capture.run(["show", "--json", "--", selector])
      #expect(ending.status == 64, "'\(selector)' \(ending)")
      #expect(try ending.json["error"]?["status"]?.int == 64, "'\(selector)'")
      if !selector.isEmpty { #expect(ending.errors.contains(selector), "'\(selector)' \(ending)") }
      tally.count(ending.status == 64)
    }
    tally.report(atLeast: 43)
  }

  @Test func unknownOnesNameWhatWasLookedForAndTheNearest() throws {
    let capture = try Capture()
    let unknown: [(String, lookedFor: String, nearest: String)] = [
      ("0000:01:00.2", "0000:01:00.2", "0000:01:00."), ("01:00.7", "0000:01:00.7", "0000:01:00."),
      ("pci_0000_01_00_5", "0000:01:00.5", "0000:01:00."),
      ("10ee:5002", "10ee:5002", "10ee:500"), ("group:16", "group 16", "group:15"), ("net:enp3s1", "enp3s1", "enp3s0"),
      ("10:00", "0000:10:00", "0000:01:00"), ("01:01.0", "0000:01:01.0", "0000:01:00.0"),
      ("0001:01:00.1", "0001:01:00.1", "0000:01:00.1"),
    ]
    let tally = Tally("unknown selectors")
    for (selector, lookedFor, nearest) in unknown {
      let ending = try capture.hostdev("show", selector)
      #expect(ending.status == 66, "\(ending)")
      #expect(ending.output.isEmpty, "\(ending)")
      #expect(ending.errors.contains(lookedFor), "\(ending)")
      #expect(ending.errors.contains("nearest is \(nearest)"), "\(ending)")
      #expect(ending.errors.contains("hostdev list --all"), "says what to do next: \(ending)")
      tally.count(ending.status == 66)
    }
    // Nothing is near, or only the disk that the host runs from.
    for selector in ["09:00", "group:99", "block:nvme0n2", "/dev/nvme1n1", "02:00.1", "144d:a809", "net:wlan0"] {
      let ending = try capture.hostdev("show", selector)
      #expect(ending.status == 66 && !ending.errors.contains("earest"), "\(ending)")
    }
    // An interface that has no PCI function, and a pin that is not declared.
    #expect(try capture.hostdev("show", "net:lo").status == 66)
    #expect(try capture.hostdev("show", "pin:gpu").status == 66)
    tally.report(atLeast: 9)
  }

  @Test func oneUnknownSelectorAmongGoodOnesIsAnError() throws {
    let capture = try Capture()
    let ending = try capture.hostdev("list", "01:00.0", "09:00.0")
    #expect(ending.status == 66)
    #expect(ending.output.isEmpty)
  }

  @Test func aFilterWithoutHitsIsNoError() throws {
    let capture = try Capture()
    for filter in [["--driver", "nouveau"], ["--class", "0x0b"], ["--driver", "xocl", "--class", "01"]] {
      let ending = try capture.run(["list"] + filter)
      #expect(ending.status == 0 && ending.output.isEmpty && ending.errors.isEmpty, "\(ending)")
      #expect(try capture.run(["list", "--json"] + filter).json.devices == [])
    }
    #expect(try capture.hostdev("list", "--class", "xyz").status == 64)
  }

  @Test func filtersSelectByDriverClassAndVerdict() throws {
    let capture = try Capture()
    func listed(_ words: String...) throws -> [String] {
      try capture.run(["list", "--json"] + words).json.devices.compactMap { $0["address"]?.text }
    }
    #expect(try listed("--driver", "xocl") == [card[1]])
    #expect(try listed("--class", "0x1200") == card)
    #expect(try listed("--class", "12") == card)
    #expect(try listed("--driver", "none").contains("0000:00:1f.0"))
    #expect(try !listed("--candidate").contains(card[0]))
    #expect(try listed("--candidate").contains("0000:03:00.0"))
    #expect(try !listed().contains("0000:00:01.0"))
    #expect(try listed("--all").contains("0000:00:01.0"))
  }

  // MARK: XML

  private static let domain = """
    <domain type='kvm'><name>g</name><devices>
      <hostdev mode='subsystem' type='pci' managed='yes'>
        <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></source>
        <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
      </hostdev>
      <hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>
      <hostdev mode='subsystem' type='pci'><source><address domain='0' bus='1' slot='0' function='0'/></source></hostdev>
    </devices></domain>
    """

  @Test func theHostdevsOfAnXMLFile() throws {
    let capture = try Capture()
    try capture.file("/domain.xml", Self.domain)
    #expect(try resolve(["xml:\(capture.path)/domain.xml"], on: capture) == card)
    #expect(try resolve(["xml:-"], on: capture, input: Self.domain) == card)
    let fragment = try capture.hostdev("xml", "01:00.1").output
    #expect(try resolve(["xml:-"], on: capture, input: fragment) == [card[1]])
    let two = try capture.hostdev("xml", "01:00").output
    #expect(try resolve(["xml:-"], on: capture, input: two) == card)
  }

  @Test func malformedXMLIsNamedByFileAndLine() throws {
    let capture = try Capture()
    let broken: [(String, line: Int)] = [
      ("<hostdev>\n<source>\n</hostdev>", 3), ("<hostdev mode='subsystem' type='pci'>\n", 2),
      ("<hostdev>\n&undefined;</hostdev>", 2), ("not xml", 1),
      (
        "<hostdev mode='subsystem' type='pci'><source>\n<address domain='0' bus='0x100' slot='0' function='0'/></source></hostdev>",
        2
      ),
      (
        "<hostdev mode='subsystem' type='pci'>\n<source><address domain='0' bus='1' slot='zero' function='0'/></source></hostdev>",
        2
      ), ("<a>\u{0}</a>", 1),
    ]
    for (text, line) in broken {
      try capture.file("/broken.xml", text)
      let ending = try capture.hostdev("list", "--json", "xml:\(capture.path)/broken.xml")
      #expect(ending.status == 65, "\(text): \(ending)")
      #expect(ending.errors.contains("broken.xml"), "\(ending)")
      #expect(
        ending.errors.contains("line \(line)") || ending.errors.contains("broken.xml:\(line)"), "\(text): \(ending)")
    }
    try capture.file("/latin.xml", [0x3c, 0x61, 0x3e, 0xe9, 0xff, 0x3c, 0x2f, 0x61, 0x3e])
    #expect(try capture.hostdev("list", "xml:\(capture.path)/latin.xml").status == 65)
    try capture.file("/empty.xml", "")
    #expect(try capture.hostdev("list", "xml:\(capture.path)/empty.xml").status == 65)
    #expect(try capture.hostdev("list", "xml:\(capture.path)/nothing.xml").status == 66)
    #expect(try capture.hostdev("list", "xml:\(capture.path)/sys").status != 0)
  }

  @Test func xmlThatNamesNothingHereIsNoSuchDevice() throws {
    let capture = try Capture()
    #expect(try capture.hostdev("list", "xml:-", input: "<domain/>").status == 66)
    let elsewhere = Self.domain.replacingOccurrences(of: "bus='0x01'", with: "bus='0x42'")
    let ending = try capture.hostdev("list", "xml:-", input: elsewhere)
    #expect(ending.status == 66)
    #expect(ending.errors.contains("0000:42:00.1"), "\(ending)")
  }

  @Test func xmlEntitiesDoNotBlowUpOrReadFiles() throws {
    let capture = try Capture()
    var laughs = "<!DOCTYPE a [<!ENTITY l0 'lol'>"
    for level in 1...12 { laughs += "<!ENTITY l\(level) '\(String(repeating: "&l\(level - 1);", count: 10))'>" }
    laughs += "]><a>&l12;</a>"
    let ending = try capture.hostdev("list", "xml:-", input: laughs, seconds: 10)
    #expect(ending.status == 65 || ending.status == 66, "\(ending)")
    let secret = "<!DOCTYPE a [<!ENTITY s SYSTEM 'file:///etc/passwd'>]><a>&s;</a>"
    let answer = try capture.hostdev("list", "xml:-", input: secret)
    #expect(!answer.description.contains("root:"), "\(answer)")
    let deep = String(repeating: "<a>", count: 200_000) + String(repeating: "</a>", count: 200_000)
    let depth = try capture.hostdev("list", "xml:-", input: deep, seconds: 20)
    #expect(
      depth.status == 65 || depth.status == 66,
      "\(depth.command) \(String(describing: depth.status)) \(String(describing: depth.signal))")
  }
}
