import Foundation
import Testing

/// `list` reads what the contract says and nothing else; strace tells.
@Suite struct ListReadsTests {
  @Test func listOpensFourAttributesOfEachFunction() throws {
    let capture = try Capture()
    let log = capture.path + "/trace"
    let ending = try Command.run(
      [
        "/usr/bin/strace", "-f", "-y", "-s", "4096", "-e", "trace=openat2,openat,open,readlinkat,readlink", "-o", log,
        Program.path,
        "list", "--json", "--root", capture.path,
      ])
    #expect(ending.status == 0, "\(ending)")
    var opened: [String: Set<String>] = [:]
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      // openat2(3, "sys/bus/pci/devices/0000:01:00.0/uevent", …): descriptors are handles on folders.
      // With -y the folder's own path stands behind its descriptor: openat2(5</…/0000:01:00.0>, "uevent", …).
      guard let quote = line.firstMatch(of: /(?:<([^>]*)>, )?"([^"]*)"/) else { continue }
      let parts = "\(quote.1 ?? "")/\(quote.2)".split(separator: "/").map(String.init)
      guard let place = parts.lastIndex(where: { $0.contains(/^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/) }),
        place + 1 < parts.count
      else { continue }
      opened[parts[place], default: []].insert(parts[(place + 1)...].joined(separator: "/"))
    }
    #expect(opened.count == capture.addresses.count, "every function was looked at, and the trace shows it: \(opened)")
    for (address, names) in opened {
      let code = try capture.text(Capture.folder(address) + "/class")
      let allowed: Set =
        code.hasPrefix("0x03")
        ? ["uevent", "iommu_group", "reset_method", "boot_vga"] : ["uevent", "iommu_group", "reset_method"]
      #expect(names.isSubset(of: allowed), "\(address): \(names.subtracting(allowed).sorted())")
      #expect(names.contains("uevent") && names.contains("iommu_group"), "\(address): \(names)")
    }
  }

  @Test func aSleepingFunctionsConfigIsLeftAlone() throws {
    let capture = try Capture()
    try capture.file(Capture.folder(card[0]) + "/power_state", "D3cold\n")
    let asleep = try #require(try capture.hostdev("show", "--json", "01:00.0").json.devices.first)
    #expect(asleep["capabilities"] == .null)
    #expect(asleep["unknown"]?.texts?.contains("capabilities") == true)
    #expect(asleep.codes.contains("d3cold"))
    let awake = try #require(try capture.hostdev("show", "--json", "--wake", "01:00.0").json.devices.first)
    #expect(awake["capabilities"]?.list?.isEmpty == false)
  }
}
