import Foundation
import TestSupport
import Testing

/// A command that is printed changes something on the host that it is printed for.
@Suite struct RemedyStateTests {
  /// What is wrong with a remedy on this host.
  private func faults(_ remedy: String, _ capture: Capture) -> [String] {
    let words = remedy.split { " ;&|()'\"\n".contains($0) }.map(String.init)
    let line = Set((capture["/proc/cmdline"] ?? "").split { " \n".contains($0) }.map(String.init))
    var found: [String] = []
    for (place, word) in words.enumerated() {
      let next = place + 1 < words.count ? words[place + 1] : ""
      let module = "/sys/module/" + next.replacingOccurrences(of: "-", with: "_")
      if word == "modprobe", !next.hasPrefix("-"), capture.exists(module) { found.append("\(next) is loaded") }
      if word.hasPrefix("/sys/module/"), word.contains("/parameters/"), place > 0, words[place - 1].hasSuffix(">") {
        found.append("\(word) is written")
      }
      if word == "sriov", capture.exists(Capture.folder(next) + "/physfn") { found.append("\(next) is a VF") }
      if word == "unbind", capture.driver(next) == nil { found.append("\(next) has no driver") }
      // `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX WORD"`: an argument that is added.
      if word == "$GRUB_CMDLINE_LINUX" || word == "--args", line.contains(next) { found.append("\(next) is there") }
    }
    return found
  }

  private func judge(_ capture: Capture, _ name: String) throws {
    for address in capture.addresses {
      for finding in try capture.hostdev("check", address, "--json").json.findings {
        let remedy = finding["remedy"]?.text ?? ""
        #expect(faults(remedy, capture).isEmpty, "\(name) \(address): \(faults(remedy, capture)): \(remedy)")
      }
    }
    for finding in try capture.hostdev("doctor", "--json").json.findings {
      let remedy = finding["remedy"]?.text ?? ""
      #expect(faults(remedy, capture).isEmpty, "\(name): \(faults(remedy, capture)): \(remedy)")
    }
  }

  @Test(arguments: try Fixture.plain.map(\.name)) func everyRemedyFitsItsHost(_ name: String) throws {
    try judge(Capture(name), name)
  }

  /// A QuickAssist function, of which vfio-pci's own deny list is the obstacle.
  private func denied(_ address: String, in capture: Capture) throws -> String? {
    for (name, value) in [("vendor", "0x8086"), ("device", "0x37c8")] {
      try capture.file(Capture.folder(address) + "/" + name, value + "\n")
    }
    let event = try capture.text(Capture.folder(address) + "/uevent").split(separator: "\n")
      .map { $0.hasPrefix("PCI_ID=") ? "PCI_ID=8086:37C8" : String($0) }
    try capture.file(Capture.folder(address) + "/uevent", event.joined(separator: "\n") + "\n")
    let findings = try capture.hostdev("check", address, "--json").json.findings
    return findings.first { $0["code"]?.text == "denylisted" }?["remedy"]?.text
  }

  @Test func theDenyListsWayOutFitsTheModule() throws {
    let fresh = try Capture()
    let loadable = try #require(try denied(card[0], in: fresh))
    #expect(loadable.contains("disable_denylist=1") && !loadable.contains("VFs") && faults(loadable, fresh).isEmpty)
    let loaded = try Capture("alveo-grub")
    let remedy = try #require(try denied(card[0], in: loaded))
    // A function is on it, so that it cannot be taken out.
    #expect(faults(remedy, loaded).isEmpty && remedy.contains("reboot") && !remedy.contains("modprobe vfio-pci"))
    // Configured, and not loaded: the load takes it.
    let configured = try Capture()
    try configured.file("/etc/modprobe.d/v.conf", "options vfio-pci disable_denylist=1\n")
    #expect(try denied(card[0], in: configured) == nil)
    let other = try Capture()
    try other.file("/etc/modprobe.d/v.conf", "options vfio-pci disable_denylist=0\n")
    #expect(try denied(card[0], in: other) != nil)
  }

  @Test func onlyAPhysicalFunctionHasVFsToGive() throws {
    let capture = try Capture("nic-vfs")
    #expect(try denied("0000:01:10.0", in: capture)?.contains("its VFs") == false)
    #expect(try denied("0000:01:00.1", in: capture)?.contains("its VFs") == true)
  }
}
