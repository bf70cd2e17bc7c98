import Foundation
import TestSupport
import Testing

/// The keys of the contract, in every function of every fixture.
@Suite struct ShapeTests {
  private static let listed: Set = [
    "address", "vendor_id", "device_id", "subsystem_vendor_id", "subsystem_device_id", "class", "vendor_name",
    "device_name",
    "subsystem_name", "class_name", "driver", "iommu_group", "reset_methods", "verdict", "unknown",
  ]
  private static let shown: Set = [
    "revision", "driver_override", "numa_node", "boot_vga", "power_state", "parent", "physical_function",
    "virtual_functions", "path", "header_type", "bridge", "link", "reset", "sriov", "acs", "ari_forwarding",
    "serial_number", "capabilities", "extended_capabilities", "in_use", "unused",
    "findings",
  ]
  /// Names come from pci.ids, which may not know one; the rest of these can be known not to be there.
  private static let nullable: Set = [
    "vendor_name", "device_name", "subsystem_name", "class_name", "driver", "iommu_group", "driver_override",
    "boot_vga",
    "parent", "physical_function", "bridge", "link", "sriov", "acs", "ari_forwarding", "serial_number",
    // VFs and bridges of type 1 have no subsystem registers of their own, and header type 2 keeps others there.
    "subsystem_vendor_id", "subsystem_device_id",
  ]

  @Test func everyKeyIsInEveryFunctionOfEveryFixture() throws {
    let tally = Tally("functions shown")
    for fixture in try Fixture.plain.map(\.name) {
      let capture = try Capture(fixture)
      let list = try capture.hostdev("list", "--all", "--json").json
      let show = try capture.hostdev("show", "--all", "--json").json
      #expect(list["schema"] == .text("hostdev/1") && show["schema"] == .text("hostdev/1"))
      #expect(list.devices.map { $0["address"]?.text } == show.devices.map { $0["address"]?.text })
      #expect(list.devices.count == capture.addresses.count)
      for device in list.devices {
        #expect(device.keys == Self.listed, "\(fixture) \(device)")
        check(device, fixture)
      }
      for device in show.devices {
        #expect(device.keys == Self.listed.union(Self.shown), "\(fixture) \(device.keys)")
        check(device, fixture)
        checkShown(device, fixture)
        tally.count()
      }
    }
    tally.report(atLeast: 162)
  }

  private func check(_ device: JSON, _ fixture: String) {
    let name = "\(fixture) \(device["address"]?.text ?? "?")"
    let unknown = Set(device["unknown"]?.texts ?? [])
    for key in device.keys {
      if device[key] == .null {
        #expect(
          Self.nullable.contains(key) || unknown.contains(key), "\(name): \(key) is null and not named as unknown")
      } else if key != "reset" {
        #expect(!unknown.contains(key), "\(name): \(key) has a value and is named as unknown")
      }
    }
    for key in unknown {
      #expect(device.keys.contains(String(key.prefix { $0 != "." })), "\(name): unknown names \(key)")
    }
    let address = device["address"]?.text ?? ""
    #expect(address.wholeMatch(of: /[0-9a-f]{4,}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]/) != nil, "\(name)")
    for key in ["vendor_id", "device_id", "subsystem_vendor_id", "subsystem_device_id"] {
      if let id = device[key]?.text { #expect(id.wholeMatch(of: /0x[0-9a-f]{4}/) != nil, "\(name) \(key)") }
    }
    if let code = device["class"]?.text { #expect(code.wholeMatch(of: /0x[0-9a-f]{6}/) != nil, "\(name)") }
    if let verdict = device["verdict"]?.text { #expect(["candidate", "with-others", "refused"].contains(verdict)) }
  }

  private func checkShown(_ device: JSON, _ fixture: String) {
    let name = "\(fixture) \(device["address"]?.text ?? "?")"
    let unknown = Set(device["unknown"]?.texts ?? [])
    #expect(
      device["reset"]?.keys
        == ["methods", "kernel_methods", "source", "flr", "af_flr", "pm", "affects", "forecast"], "\(name)")
    for key in ["flr", "af_flr", "pm"] {
      #expect((device["reset"]?[key]?.bool == nil) == unknown.contains("reset.\(key)"), "\(name) reset.\(key)")
    }
    #expect(["function", "together", "none", "unknown"].contains(device["reset"]?["forecast"]?.text ?? ""), "\(name)")
    #expect(device["header_type"]?.int.map { (0...2).contains($0) } ?? unknown.contains("header_type"), "\(name)")
    if let bridge = device["bridge"], bridge != .null {
      #expect(bridge.keys == ["secondary_bus", "subordinate_bus"] && device["header_type"]?.int != 0, "\(name)")
    } else {
      #expect(device["header_type"]?.int == 0 || unknown.contains("bridge"), "\(name)")
    }
    if let link = device["link"], link != .null {
      #expect(link.keys == ["port", "max_speed_gts", "max_width", "speed_gts", "width"], "\(name)")
    }
    if let sriov = device["sriov"], sriov != .null { #expect(sriov.keys == ["total_vfs", "num_vfs"], "\(name)") }
    if let acs = device["acs"], acs != .null {
      #expect(acs.keys == ["capability", "control"], "\(name)")
      let names: Set = ["SV", "TB", "RR", "CR", "UF", "EC", "DT"]
      #expect(names.isSuperset(of: (acs["capability"]?.texts ?? ["?"]) + (acs["control"]?.texts ?? ["?"])), "\(name)")
    }
    for key in ["capabilities", "extended_capabilities"] {
      for entry in device[key]?.list ?? [] { #expect(entry.keys == ["id", "offset", "name"], "\(name) \(key)") }
    }
    for use in device["in_use"]?.list ?? [] {
      #expect(use.keys.subtracting(["place"]) == ["kind", "subject", "detail", "chain"], "\(name)")
      #expect(use["chain"]?.texts?.first == device["address"]?.text, "\(name) \(use)")
    }
    for finding in device.findings { checkFinding(finding, name) }
  }

  private func checkFinding(_ finding: JSON, _ name: String) {
    #expect(
      finding.keys == ["code", "severity", "functions", "message", "evidence", "remedy", "forceable"],
      "\(name) \(finding)")
    #expect(["error", "warning", "info"].contains(finding["severity"]?.text ?? ""), "\(name)")
    #expect(finding["functions"]?.texts?.isEmpty == false, "\(name) \(finding)")
    #expect(
      finding["message"]?.text?.isEmpty == false && finding["remedy"]?.text?.isEmpty == false, "\(name) \(finding)")
    #expect(finding["evidence"]?.texts?.isEmpty == false, "\(name) \(finding)")
  }

  @Test func checkAndChangesGiveSetFindingsVerdictPlan() throws {
    let capture = try Capture()
    for words in [["check", "01:00"], ["check", "01:00.0"], ["bind", "--dry-run", "01:00"], ["bind", "01:00.0"]] {
      let answer = try capture.run(words + ["--json"]).json
      #expect(
        answer.keys.isSuperset(of: ["schema", "functions", "missing", "findings", "verdict", "plan"]), "\(words)")
      #expect(["assignable", "refused"].contains(answer["verdict"]?.text ?? ""), "\(words)")
      for step in answer["plan"]?.list ?? [] {
        #expect(step.keys == ["op", "path", "value", "prior"], "\(words) \(step)")
        #expect(["write", "load-module", "expect"].contains(step["op"]?.text ?? ""), "\(words)")
      }
    }
    let refused = try capture.hostdev("bind", "01:00.0", "--json").json
    #expect(refused["outcome"]?["result"]?.text == "refused")
    let done = try capture.hostdev("bind", "01:00", "--json").json
    #expect(done["outcome"]?["result"]?.text == "done")
    let steps = done["outcome"]?["steps"]?.list ?? []
    #expect(steps.count == done["plan"]?.list?.count)
    for (place, step) in steps.enumerated() {
      #expect(
        step.keys == ["index", "ms", "errno"] && step["index"]?.int == place && step["errno"] == .null, "\(step)")
    }
  }

  @Test func namesComeFromTheCapture() throws {
    let capture = try Capture()
    let device = try #require(try capture.hostdev("list", "--json", "01:00.0").json.devices.first)
    #expect(device["vendor_name"]?.text == "Xilinx Corporation")
    #expect(device["device_name"] == .null)
    try capture.file("/usr/share/misc/pci.ids", "10ee  House of Ids\n\t5000  The Card\n")
    let renamed = try #require(try capture.hostdev("list", "--json", "01:00.0").json.devices.first)
    #expect(renamed["vendor_name"]?.text == "House of Ids")
    #expect(renamed["device_name"]?.text == "The Card")
  }

  @Test func theFactsOfTheStory() throws {
    let capture = try Capture()
    let devices = try capture.hostdev("show", "--json", "01:00").json.devices
    #expect(devices.count == 2)
    for device in devices {
      let link = device["link"]
      #expect(link?["max_speed_gts"] == .number(8) && link?["max_width"] == .number(16), "\(String(describing: link))")
      #expect(link?["speed_gts"] == .number(8) && link?["width"] == .number(8), "\(String(describing: link))")
      #expect(device["acs"] == .object(["capability": .list([]), "control": .list([])]))
      #expect(device["parent"]?.text == "0000:00:01.0")
      #expect(device["reset"]?["forecast"]?.text == "together")
      #expect(device["reset_methods"] == .list([]))
      #expect(device["driver_override"] == .null)
    }
    #expect(devices[0]["path"]?.text == "0000:00/01.0/00.0")
    #expect(devices[0]["iommu_group"]?.int == 12 && devices[1]["iommu_group"]?.int == 13)
    #expect(devices[0]["reset"]?["kernel_methods"] == .list([.text("bus")]))
    #expect(devices[0]["reset"]?["affects"]?.texts == [card[1]])
    #expect(devices[1]["reset"]?["affects"]?.texts == [card[0]])
  }

  @Test func colourOnlyWhereItIsAskedFor() throws {
    let capture = try Capture()
    #expect(try !capture.hostdev("check", "01:00.0").output.contains("\u{1b}["))
    #expect(try capture.hostdev("check", "01:00.0", "--color", "always").output.contains("\u{1b}["))
    #expect(try !capture.hostdev("check", "01:00.0", "--color", "never").output.contains("\u{1b}["))
    #expect(try capture.hostdev("check", "01:00.0", "--color", "sometimes").status == 64)
  }
}
