import Host
import PCI
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("What the next boot needs, by what this host is")
struct NextBootRuleTests {
  /// Without groups, and with a host bridge of this maker.
  private func bare(_ vendor: UInt16?, tables: [String]?, cmdline: String = "quiet", subsystem: UInt16? = nil)
    -> Examination
  {
    Examined.examination(cmdline: cmdline, ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"\(cmdline)\"\n"]) {
      var functions = $0.host.functions
      for place in functions.indices { functions[place].iommuGroup = .absent }
      if let vendor {
        functions[2].classCode = .known(ClassCode(0x060000))
        functions[2].vendorID = .known(vendor)
        functions[2].subsystemVendorID = subsystem.map { .known($0) } ?? .absent
      }
      $0.host = Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
      $0.surroundings.firmwareTables = tables.map { .known($0) } ?? .unknown
    }
  }

  @Test("each maker's IOMMU has its own advice")
  func makers() {
    func remedy(_ examination: Examination) -> String { examination.finding(.iommuOff)?.remedy ?? "" }
    for amd in [
      bare(0x1022, tables: nil, cmdline: "amd_iommu=on"), bare(0x1022, tables: []), bare(nil, tables: ["IVRS"]),
    ] {
      #expect(remedy(amd).hasPrefix("Enable AMD-Vi (IOMMU) in the firmware setup, then reboot"))
      #expect(!remedy(amd).contains("intel") && !remedy(amd).contains("amd_iommu=on"))
    }
    #expect(remedy(bare(0x8086, tables: [])) == "Enable VT-d in the firmware setup, then reboot.")
    #expect(remedy(bare(nil, tables: ["DMAR"])).contains("intel_iommu=on"))
    #expect(remedy(bare(0x8086, tables: [], subsystem: 0x1af4)).contains("itself a guest of QEMU: give it an IOMMU"))
    // What is turned off is taken out. It is the same for each maker.
    #expect(remedy(bare(nil, tables: ["IVRS"], cmdline: "amd_iommu=off")).hasPrefix("sed -i "))
    // Nothing tells.
    #expect(remedy(bare(nil, tables: nil)).contains("on AMD, boot without amd_iommu=off"))
  }

  @Test("an argument for another maker's IOMMU is without effect, and no drift")
  func ignored() {
    func found(_ word: String, tables: [String]) -> [Finding] {
      Examined.examination(cmdline: word, ["/etc/default/grub": "A=1\n"]) {
        $0.surroundings.firmwareTables = .known(tables)
      }.findings(.bootArgument)
        + Examined.examination(cmdline: word, ["/etc/default/grub": "A=1\n"]) {
          $0.surroundings.firmwareTables = .known(tables)
        }.findings(.bootDrift)
    }
    let amd = found("intel_iommu=on", tables: ["IVRS"])
    #expect(amd.first?.message.contains("without effect") == true && amd.first?.severity == .info)
    #expect(amd.last?.severity == .ok)
    #expect(found("amd_iommu=pgtbl_v2", tables: ["DMAR"]).first?.message.contains("without effect") == true)
    let intel = found("intel_iommu=on", tables: ["DMAR"])
    #expect(intel.first?.message.contains("turns the IOMMU on") == true && intel.last?.severity == .warning)
  }

  @Test("a file that is made of another is changed there")
  func keepers() throws {
    let line = "options vfio-pci ids=10ee:5000\n"
    func remedy(_ files: [String: String], head: String = "") throws -> String {
      let all = files.merging(["/etc/modprobe.d/a.conf": head + line]) { $1 }
      return try #require(
        Examined.examination(all) {
          $0.surroundings.modprobeLines = ModprobeFiles.read(Written(all), commandLine: [])
        }.finding(.moduleOptions)
      ).remedy
    }
    let nixos = try remedy(["/etc/os-release": "ID=nixos\n"])
    #expect(
      nixos.contains("from boot.extraModprobeConfig of the NixOS configuration (/etc/nixos), then: nixos-rebuild boot")
    )
    #expect(!nixos.contains("sed"))
    #expect(try remedy(["/etc/os-release": "ID=guix\n"]).contains("from the files of modprobe.d of /etc/config.scm"))
    let managed = try remedy(["/etc/os-release": "ID=debian\n"], head: "# Ansible managed: DO NOT EDIT\n")
    #expect(
      managed.contains("change it where /etc/modprobe.d/a.conf is made (Ansible managed: DO NOT EDIT); until then: sed")
    )
    #expect(managed.contains("/etc/modprobe.d/a.conf && update-initramfs -u -k all;"))
    #expect(!(try remedy([:], head: "# my cards\n").contains("is made")))
    let grub = [
      "/etc/default/grub": "# This file is managed by Puppet\nGRUB_CMDLINE_LINUX=\"vfio-pci.ids=10ee:5000\"\n"
    ]
    let boot = HostSettings(reading: Written(grub), functions: []).boot
    #expect(
      boot.removal(of: "vfio-pci.ids=10ee:5000").hasPrefix(
        "change it where /etc/default/grub is made (This file is managed by Puppet); until then: sed -i"))
  }

  @Test("GRUB's menu has an entry without pins once something is pinned")
  func withoutPins() {
    func found(_ entry: String, script: Bool = true, pinned: Bool = true) -> [Finding] {
      var files = [
        "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n",
        "/boot/grub/grub.cfg": "menuentry 'a' {\nlinux /k quiet\n}\n\(entry)",
      ]
      if script { files["/etc/grub.d/41_hostdev"] = "" }
      return Examined.examination(files) {
        if pinned {
          $0.pins = [
            DeclaredPin(
              name: "a", file: "/p", functions: [Examined.first], driver: "vfio-pci",
              actual: .drifted(reason: "x", evidence: []))
          ]
        }
      }.findings(.bootDrift).filter { $0.message.contains("no entry without pins") }
    }
    #expect(found("").map(\.severity) == [.warning] && found("").first?.remedy == "update-grub")
    #expect(found("menuentry 'a, without pins' {\nlinux /k quiet hostdev=off\n}\n") == [])
    #expect(found("", script: false) == [] && found("", pinned: false) == [])
  }
}
