import Foundation
import Testing

@Suite struct ImportTests {
  private func plan(_ capture: Capture, _ words: String...) throws -> (Ending, JSON) {
    let ending = try capture.run(["import", "--json"] + words)
    return (ending, try ending.json)
  }

  @Test func idsOnTheCommandLineBecomeOnePinThatIsShownFirst() throws {
    let capture = try Capture("alveo-grub")
    let before = try capture.picture(including: true)
    let (ending, json) = try plan(capture)
    #expect(ending.status == 0, "\(ending)")
    #expect(json.keys.isSuperset(of: ["pins", "left_alone", "changed"]) && json["left_alone"]?.list == [])
    let pin = try #require(json["pins"]?.list?.first)
    #expect(json["pins"]?.list?.count == 1)
    #expect(pin["name"]?.text == "pci_0000_01_00" && pin["functions"]?.texts == card)
    #expect(pin["result"]?.text == "planned" && pin["verdict"]?.text == "assignable")
    #expect(pin["sources"]?.texts?.contains { $0.hasPrefix("/etc/default/grub:8: GRUB_CMDLINE_LINUX=") } == true)
    #expect(pin["afterwards"]?.texts?.first?.hasPrefix("sed -i ") == true)
    #expect(try differences(before, capture.picture(including: true)) == [])
    // The two may be made in different seconds.
    func said(_ words: String...) throws -> String {
      try capture.run(["import"] + words).output
        .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "TIME")
    }
    #expect(try said("--dry-run") == said())
    #expect(try differences(before, capture.picture(including: true)) == [])
  }

  @Test func whatIsShownIsWhatIsWritten() throws {
    let shown = try Capture("alveo-grub")
    // The files that it writes to, and not what it says of places.
    let script = try shown.hostdev("import").output.replacing(/(> |-p |644 )\/etc\//) {
      "\($0.1)\(shown.path)/etc/"
    }
    #expect(try Command.run(["/bin/sh", "-c", script]).status == 0)
    let written = try Capture("alveo-grub")
    let ending = try written.hostdev("import", "--write")
    #expect(ending.status == 0, "\(ending)")
    let file = "/etc/hostdev/pins.d/pci_0000_01_00.json"
    func plain(_ text: String) -> String { text.replacing(/"at": "[^"]*"/, with: "") }
    #expect(try plain(shown.text(file)) == plain(written.text(file)))
    // Nothing moved, and it is where the pin wants it.
    #expect(card.map { written.driver($0) } == ["vfio-pci", "vfio-pci"])
    #expect(try written.hostdev("pins", "--check").status == 0)
    let (again, json) = try plan(written)
    #expect(again.status == 0 && json["pins"]?.list == [])
    #expect(json["left_alone"]?.list?.first?["reason"]?.text == "already pinned (pci_0000_01_00)")
    #expect(json["left_alone"]?.list?.first?["remedy"]?.text?.hasPrefix("sed -i ") == true)
  }

  @Test func theCardSurvivesTheWholeWayOut() throws {
    let capture = try Capture("alveo-grub")
    #expect(try capture.hostdev("import", "--write", "--name", "card").status == 0)
    try capture.file("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"intel_iommu=on iommu=pt\"\n")
    try capture.file("/proc/cmdline", "intel_iommu=on iommu=pt\n")
    #expect(try capture.hostdev("apply").status == 0)
    let checks = try capture.hostdev("doctor", "--json").json["checks"]?.list ?? []
    #expect(
      !checks.contains {
        ["boot-claim", "undeclared", "rival-tools"].contains($0["code"]?.text) && $0["severity"]?.text != "ok"
      })
  }

  @Test func twinsAreNotGuessed() throws {
    let capture = try Capture("nvme-root")
    try capture.file("/proc/cmdline", "root=/dev/nvme0n1p2 vfio-pci.ids=144d:a808\n")
    let (ending, json) = try plan(capture, "--write")
    #expect(ending.status == 1, "\(ending)")
    #expect(json["pins"]?.list == [] && capture.names("/etc/hostdev/pins.d") == [])
    let left = try #require(json["left_alone"]?.list?.first)
    #expect(left["open"]?.bool == true && (left["functions"]?.texts?.count ?? 0) > 1)
    #expect(left["remedy"]?.text?.contains("hostdev pin NAME 0000:") == true)
  }

  @Test func driverctlsFilesAndModprobesLinesCount() throws {
    let capture = try Capture()
    try capture.file("/etc/driverctl.d/pci-0000:01:00.0", "vfio-pci\n")
    try capture.file("/etc/modprobe.d/vfio.conf", "# mine\noptions vfio-pci ids=10ee:5001 disable_vga=1\n")
    let (ending, json) = try plan(capture)
    #expect(ending.status == 0)
    let pin = try #require(json["pins"]?.list?.first)
    #expect(pin["functions"]?.texts == card)
    #expect(
      pin["sources"]?.texts == [
        "/etc/driverctl.d/pci-0000:01:00.0:1: vfio-pci",
        "/etc/modprobe.d/vfio.conf:2: options vfio_pci ids=10ee:5001 disable_vga=1",
      ])
    #expect(
      pin["afterwards"]?.texts == [
        "rm /etc/driverctl.d/pci-0000:01:00.0",
        "sed -i '2s/^/#/' /etc/modprobe.d/vfio.conf; then rebuild the initramfs",
      ])
  }

  @Test func aPinIsCheckedAsAnyOther() throws {
    let capture = try Capture()
    // Half the card: its only reset takes the other half along.
    try capture.file("/etc/driverctl.d/pci-0000:01:00.0", "vfio-pci\n")
    let (refused, json) = try plan(capture, "--write")
    #expect(refused.status == 1 && json["pins"]?.list?.first?["result"]?.text == "refused")
    #expect(json["pins"]?.list?.first?.errorCodes == ["slot-incomplete"])
    #expect(json["pins"]?.list?.first?["afterwards"]?.texts == [])
    #expect(capture.names("/etc/hostdev/pins.d") == [])
    // Import takes the settings of other tools unchanged.
    #expect(try capture.hostdev("import", "--write", "--whole").status == 64)
    #expect(try capture.hostdev("import", "--write", "--force=slot-incomplete").status == 64)
    try capture.file("/etc/driverctl.d/pci-0000:01:00.1", "vfio-pci\n")
    #expect(try plan(capture, "--write").1["pins"]?.list?.first?["functions"]?.texts == card)
    #expect(try capture.hostdev("pins").output.contains(card[1]))
  }

  @Test func onlyWhatIsNamedAndUnderWhichName() throws {
    let capture = try Capture("alveo-grub")
    #expect(try plan(capture, "03:00.0").1["pins"]?.list == [])
    #expect(try plan(capture, "01:00.1").1["pins"]?.list?.count == 1)
    #expect(try capture.hostdev("import", "--write", "--name", "card", "01:00").status == 0)
    #expect(capture.names("/etc/hostdev/pins.d") == ["card.json"])
    #expect(try capture.hostdev("import", "--name", "card", "03:00.0").status == 64)
    #expect(try capture.hostdev("import", "--name", "../card").status == 64)
    #expect(try capture.hostdev("import", "--write", "--dry-run").status == 64)
    #expect(try capture.hostdev("import", "0f:00.0").status == 66)
  }

  @Test func aPinThatIsThereIsNotWrittenOver() throws {
    let capture = try Capture("alveo-grub")
    #expect(try capture.hostdev("pin", "card", "00:08.0").status == 0)
    let before = try capture.text("/etc/hostdev/pins.d/card.json")
    for words in [["import", "--name", "card"], ["import", "--name", "card", "--write", "01:00"]] {
      let ending = try capture.run(words)
      #expect(ending.status == 64, "\(ending)")
      #expect(ending.errors.contains("pin card already exists") && ending.errors.contains("hostdev unpin card"))
    }
    #expect(try capture.text("/etc/hostdev/pins.d/card.json") == before)
    // A file that cannot be read as a pin is not overwritten either.
    try capture.file("/etc/hostdev/pins.d/broken.json", "{")
    #expect(try capture.hostdev("import", "--name", "broken", "--write").status == 64)
    #expect(try capture.text("/etc/hostdev/pins.d/broken.json") == "{")
  }

  @Test func whereNothingIsSetNothingIsImported() throws {
    let ending = try Capture().hostdev("import")
    #expect(ending.status == 0 && ending.output == "# nothing to import\n")
  }

  @Test func settingsOfVirtualFunctionsToComeAreKept() throws {
    let capture = try Capture("nic-vfs")
    #expect(try capture.hostdev("sriov", "01:00.0", "--vfs", "0").status == 0)
    try capture.file("/etc/driverctl.d/pci-0000:01:10.0", "vfio-pci\n")
    try capture.file("/etc/driverctl.d/pci-0000:01:10.4", "vfio-pci\n")
    try capture.file("/etc/driverctl.d/pci-0000:07:10.4", "vfio-pci\n")
    let (ending, json) = try plan(capture)
    let left = json["left_alone"]?.list ?? []
    #expect(ending.status == 1 && left.count == 3, "\(ending)")
    for (index, one) in left.prefix(2).enumerated() {
      #expect(
        one["reason"]?.text
          == "0000:01:10.\(4 * index) will be virtual function \(index) of 0000:01:00.0, which has none now")
      #expect(one["remedy"]?.text == "hostdev pin NAME 0000:01:00.0 --vfs N --bind (N: 2 or more)")
      #expect(one["open"] == .bool(true))
    }
    // Control: what no card of this host can have is still named as a line to remove.
    #expect(left[2]["remedy"]?.text == "rm /etc/driverctl.d/pci-0000:07:10.4")
    // With the pin that was advised the files are no longer needed.
    #expect(try capture.hostdev("pin", "vfs", "0000:01:00.0", "--vfs", "2", "--bind").status == 0)
    let (after, pinned) = try plan(capture)
    #expect(after.status == 0, "\(after)")
    #expect(pinned["left_alone"]?.list?[1]["remedy"]?.text == "rm /etc/driverctl.d/pci-0000:01:10.4")
    #expect(pinned["left_alone"]?.list?[1]["reason"]?.text?.contains("which pin vfs makes") == true)
  }

  @Test func idsOfVirtualFunctionsToComeAreKept() throws {
    let capture = try Capture("nic-vfs")
    #expect(try capture.hostdev("sriov", "01:00.0", "--vfs", "0").status == 0)
    let id = try capture.text("/sys/bus/pci/devices/0000:01:00.0/sriov_vf_device").trimmingCharacters(in: .newlines)
    try capture.file("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:\(id),dead:beef\n")
    let (ending, json) = try plan(capture)
    let left = json["left_alone"]?.list ?? []
    #expect(ending.status == 1 && left.count == 2, "\(ending)")
    #expect(left[0]["reason"]?.text == "8086:\(id) means the virtual functions of 0000:01:00.0, which has none now")
    #expect(left[0]["remedy"]?.text == "hostdev pin NAME 0000:01:00.0 --vfs N --bind")
    #expect(left[1]["open"] == .bool(false))
  }
}
