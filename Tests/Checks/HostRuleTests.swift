import Host
import PCI
import Settings
import TestSupport
import Testing
import Transactions

@testable import Checks

@Suite("What doctor says of a host")
struct JudgementTests {
  // MARK: The host

  @Test func aHostThatIsWellIsReady() {
    let readiness = Readiness(of: Examined.examination(["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n"]))
    let checks = readiness.findings
    #expect(readiness.isReady)
    #expect(checks.filter { $0.severity > .ok }.map(\.code) == [])
    #expect(Set(checks.map(\.code)).isSuperset(of: [.iommuOff, .unsafeInterrupts, .moduleMissing, .pinDrift]))
  }

  @Test func withoutGroupsItIsNotAndTheFileToEditIsNamed() throws {
    func check(_ cmdline: String, _ tables: [String], _ files: [String: String]) throws -> Finding {
      let examination = Examined.examination(cmdline: cmdline, files) {
        var functions = $0.host.functions
        for place in functions.indices { functions[place].iommuGroup = .absent }
        $0.host = Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
        $0.surroundings.firmwareTables = .known(tables)
      }
      #expect(!Readiness(of: examination).isReady)
      return try #require(examination.finding(.iommuOff))
    }
    let grub = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n"]
    let on = try check("quiet", ["DMAR"], grub)
    #expect(
      on.severity == .error
        && on.remedy.hasPrefix("echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX intel_iommu=on\"' >>"))
    let off = try check(
      "intel_iommu=off", ["DMAR"], ["/etc/default/grub": "X=1\nGRUB_CMDLINE_LINUX=\"intel_iommu=off\"\n"])
    #expect(off.remedy.contains("sed -i '2s/ *\\bintel_iommu=off"))
    #expect(off.evidence.map(\.description).contains("/etc/default/grub:2: GRUB_CMDLINE_LINUX=\"intel_iommu=off\""))
    #expect(try check("quiet", [], grub).remedy.contains("firmware setup"))
    #expect(try check("quiet", ["IVRS"], grub).remedy.contains("firmware setup"))
  }

  @Test func whatCouldNotBeReadIsUnknown() {
    let examination = Examined.examination {
      $0.surroundings.interruptRemapping = .unknown
      $0.surroundings.lockdown = .unknown
      $0.surroundings.vfioPCI = .unknown
      $0.surroundings.commandLine = .unknown
    }
    for code in [FindingCode.unsafeInterrupts, .lockdown, .moduleMissing, .acsOverride, .bootClaim] {
      #expect(examination.finding(code)?.severity == .unknown, "\(code)")
    }
    // Without vfio-pci no function goes to a guest; the rest concerns single functions.
    #expect(Readiness(of: examination).verdict == .unknown)
    var known = examination
    known.surroundings.vfioPCI = .loaded
    #expect(Readiness(of: known).verdict == .ready)
  }

  @Test func aHostWithoutGroupsToReadIsNotReady() {
    let examination = Examined.examination {
      $0.host.groups = [:]
      $0.host.groupsReadable = false
      for address in $0.host.functions.map(\.address) { $0.host[address]?.iommuGroup = .unknown }
    }
    #expect(examination.finding(.iommuOff)?.severity == .unknown)
    #expect(Readiness(of: examination).verdict == .unknown)
    // An error says more.
    var broken = examination
    broken.surroundings.vfioPCI = .missing
    #expect(Readiness(of: broken).verdict == .notReady)
  }

  @Test func aDriverThatCouldNotBeReadMayBeVFIOs() {
    func severity(_ driver: Fact<String>) -> Finding.Severity? {
      Examined.examination { examination in
        guard let last = examination.host.functions.last else { return }
        examination.host[last.address]?.driver = driver
      }.finding(.undeclared)?.severity
    }
    #expect(severity(.unknown) == .unknown)
    #expect(severity(.known("igb")) == .ok && severity(.absent) == .ok)
  }

  @Test func unsafeInterruptsNameTheLineThatAllowsThem() throws {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/vfio.conf", line: 3, command: .options, module: "vfio_iommu_type1",
      arguments: "allow_unsafe_interrupts=1")
    let check = try #require(
      Examined.examination {
        $0.surroundings.allowsUnsafeInterrupts = .known(true)
        $0.surroundings.modprobeLines = [line]
      }.finding(.unsafeInterrupts))
    #expect(
      check.severity == .warning
        && check.remedy == "sed -i '3s/^/#/' /etc/modprobe.d/vfio.conf; then rebuild the initramfs")
    #expect(
      Examined.examination { $0.surroundings.interruptRemapping = .known(false) }.finding(.unsafeInterrupts)?.severity
        == .warning)
  }

  @Test func aModuleThatCannotBeLoadedIsAnError() throws {
    let word = "module_blacklist=vfio_pci"
    let check = try #require(
      Examined.examination(cmdline: word, ["/etc/kernel/cmdline": word]).finding(.moduleMissing))
    #expect(check.severity == .error && check.remedy.contains("/etc/kernel/cmdline"))
    #expect(
      Examined.examination { $0.surroundings.areModulesDisabled = .known(true) }.finding(.moduleMissing)?.severity
        == .error)
    #expect(Examined.examination { $0.surroundings.vfioPCI = .missing }.finding(.moduleMissing)?.severity == .error)
    #expect(Examined.examination { $0.surroundings.vfioPCI = .builtIn }.finding(.moduleMissing)?.severity == .ok)
  }

  @Test(arguments: [
    (ModprobeLine.Command.options, "vfio_pci", "ids=10ee:5000", Finding.Severity.warning),
    (.options, "vfio_pci", "disable_idle_d3=1", .ok), (.blacklist, "vfio_pci", "", .info),
    (.install, "vfio_pci", "/usr/local/sbin/vfio.sh", .warning),
    (.install, "vfio*", "/usr/local/sbin/vfio.sh", .warning), (.install, "vfio?", "/bin/false", .ok),
    (.softdep, "nvme", "pre: vfio-pci", .info),
    (.softdep, "nvme", "pre: other", .ok), (.blacklist, "nouveau", "", .ok), (.options, "snd", "ids=10ee:5000", .ok),
  ])
  func linesOfModprobeAreWeighed(
    command: ModprobeLine.Command, module: String, arguments: String, severity: Finding.Severity
  ) {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/a.conf", line: 2, command: command, module: module, arguments: arguments)
    let check = Examined.examination { $0.surroundings.modprobeLines = [line] }.finding(.moduleOptions)
    #expect(check?.severity == severity)
    if severity != .ok { #expect(check?.evidence.first?.description.hasPrefix("/etc/modprobe.d/a.conf:2: ") == true) }
  }

  // MARK: Arguments

  @Test func idsOfTwinsAreALottery() throws {
    let twins = try #require(
      Examined.examination(other: 0x5000, cmdline: "vfio-pci.ids=10ee:5000").finding(.bootClaim))
    #expect(twins.functions == [Examined.first, Examined.other] && twins.message.contains("all 2 devices"))
    let one = try #require(Examined.examination(cmdline: "vfio_pci.ids=10ee:5000").finding(.bootClaim))
    #expect(one.functions == [Examined.first] && !one.message.contains("all 2 devices"))
    #expect(one.remedy.hasPrefix("hostdev import --write; then: find the file that sets it"))
    #expect(Examined.examination(cmdline: "vfio-pci.disable_vga=1").finding(.bootClaim)?.severity == .ok)
  }

  @Test func theNextBootIsComparedWithThisOne() {
    func drift(_ cmdline: String, _ files: [String: String]) -> [Finding] {
      Examined.examination(cmdline: cmdline, files).findings(.bootDrift)
    }
    let same = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n"]
    #expect(drift("iommu=pt", same).map(\.severity) == [.ok])
    #expect(drift("iommu=pt", [:]).map(\.severity) == [.unknown])
    // Typed in at the boot loader, and gone with the next boot.
    #expect(drift("iommu=pt intel_iommu=on", same).map(\.severity) == [.warning])
    #expect(drift("quiet", same).map(\.severity) == [.info])
    // Words that do not concern devices are not reported.
    #expect(drift("iommu=pt quiet splash", same).map(\.severity) == [.ok])
    let unmade = same.merging(["/boot/grub/grub.cfg": "linux /vmlinuz root=x\n"]) { $1 }
    #expect(drift("quiet", unmade).map(\.remedy) == ["update-grub"])
    let made = same.merging(["/boot/grub/grub.cfg": "linux /vmlinuz root=x iommu=pt\n"]) { $1 }
    #expect(drift("iommu=pt", made).map(\.severity) == [.ok])
    // What the kernel does not know is no loss.
    #expect(drift("iommu=pt amd_iommu=on", same).map(\.severity) == [.ok])
  }

  @Test func entriesThatCannotBeSeenPromiseNothing() {
    let files = ["/etc/kernel/cmdline": "iommu=pt\n", "/etc/kernel/proxmox-boot-uuids": "X\n"]
    let found = Examined.examination(cmdline: "quiet", files).finding(.bootDrift)
    #expect(found?.severity == .unknown && found?.remedy == "proxmox-boot-tool refresh")
    #expect(Examined.examination(cmdline: "iommu=pt", files).finding(.bootDrift)?.severity == .ok)
  }

  @Test func entriesThatMayNotBeReadAreNotEmpty() {
    let files = [
      "/etc/default/grub": "GRUB_ENABLE_BLSCFG=true\n", "/boot/grub2/grub.cfg": "blscfg\n",
      "/boot/loader/entries/a.conf": "linux /k\noptions iommu=pt\n",
    ]
    let barred = Examined.examination(cmdline: "iommu=pt") {
      $0.settings = HostSettings(reading: Written(files, barred: ["/boot/loader/entries"]), functions: [])
    }
    #expect(barred.finding(.bootDrift)?.severity == .unknown)
    #expect(Examined.examination(cmdline: "iommu=pt", files).finding(.bootDrift)?.severity == .ok)
  }

  @Test func anEntryWrittenByHandIsNoCopyOfTheDefaults() {
    let files = [
      "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n",
      "/boot/grub/grub.cfg":
        "### BEGIN /etc/grub.d/40_custom ###\nmenuentry 'mine' {\nlinux /k vfio-pci.ids=10ee:5000\n}\n",
    ]
    let found = Examined.examination(cmdline: "vfio-pci.ids=10ee:5000", files).findings(.bootDrift)
    #expect(found.map(\.severity) == [.ok], "\(found)")
  }

  private static let generations = [
    "/boot/loader/loader.conf": "default gen-42.conf\n",
    "/boot/loader/entries/gen-40.conf":
      "linux /k\noptions quiet iommu=pt vfio-pci.ids=10ee:5000 pcie_acs_override=downstream hostdev=off\n",
    "/boot/loader/entries/gen-42.conf": "linux /k\noptions quiet iommu=pt\n",
  ]

  @Test func whatAnotherEntryHasIsNotTheNextBoot() {
    func severities(_ conf: String) -> [FindingCode: Finding.Severity] {
      let files = Self.generations.merging(["/boot/loader/loader.conf": conf]) { $1 }
      let found = Readiness(of: Examined.examination(cmdline: "quiet iommu=pt", files)).findings
      return Dictionary(
        found.filter { [.bootClaim, .acsOverride, .pinsOff, .bootDrift].contains($0.code) }.map {
          ($0.code, $0.severity)
        }
      ) { max($0, $1) }
    }
    let none: [FindingCode: Finding.Severity] = [.bootClaim: .ok, .acsOverride: .ok, .bootDrift: .ok]
    #expect(severities("default gen-42.conf\n") == none)
    #expect(severities("") == none)
    // The one that boots is told as ever.
    #expect(
      severities("default gen-40*\n") == [
        .bootClaim: .warning, .acsOverride: .warning, .pinsOff: .warning, .bootDrift: .info,
      ])
    // Which one boots is not known.
    let unknown = Examined.examination(
      cmdline: "quiet iommu=pt", Self.generations.merging(["/boot/loader/loader.conf": "default @saved\n"]) { $1 }
    ).findings(.bootDrift)
    #expect(unknown.count == 3 && unknown.allSatisfy { $0.severity == .unknown }, "\(unknown)")
    #expect(unknown.first?.evidence.contains { $0.description.contains("@saved") } == true)
  }

  @Test func aFileThatWasNotCarriedOnIsNoPromise() throws {
    let files = [
      "/etc/kernel/cmdline": "root=x intel_iommu=on vfio-pci.ids=10ee:5000\n",
      "/boot/efi/loader/entries/a.conf": "linux /k\noptions root=x\n",
    ]
    let found = Examined.examination(cmdline: "root=x", files)
    #expect(found.findings(.bootDrift).map(\.severity) == [.warning, .warning])
    #expect(found.findings(.bootDrift).allSatisfy { $0.message.contains("has not run since") })
    #expect(found.findings(.bootDrift).allSatisfy { $0.remedy.hasPrefix("kernel-install add ") })
    #expect(found.finding(.bootClaim)?.severity == .ok)
    // It was: then it holds from the next boot on.
    let carried = Examined.examination(
      cmdline: "root=x",
      files.merging([
        "/boot/efi/loader/entries/a.conf": "linux /k\noptions root=x intel_iommu=on vfio-pci.ids=10ee:5000\n"
      ]) {
        $1
      })
    #expect(carried.findings(.bootDrift).map(\.severity) == [.info, .info])
    #expect(carried.finding(.bootClaim)?.severity == .warning)
    // And the other way round: the next run takes it away.
    let lost = Examined.examination(
      cmdline: "root=x iommu=pt",
      files.merging(["/boot/efi/loader/entries/a.conf": "linux /k\noptions root=x iommu=pt\n"]) { $1 })
    #expect(
      lost.findings(.bootDrift).contains { $0.message.hasPrefix("iommu=pt") && $0.message.contains("removes it") })
  }

  @Test func anARMHostHasAnSMMU() throws {
    func check(_ cmdline: String, _ isARM: Bool = true, tables: [String] = ["IORT"]) throws -> Finding {
      try #require(
        Examined.examination(cmdline: cmdline, ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"\(cmdline)\"\n"]) {
          var functions = $0.host.functions
          for place in functions.indices { functions[place].iommuGroup = .absent }
          $0.host = Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
          $0.surroundings.firmwareTables = .known(tables)
          $0.surroundings.isARM = .known(isARM)
        }.finding(.iommuOff))
    }
    let off = try check("quiet iommu.passthrough=1 arm-smmu.disable_bypass=0 intel_iommu=on")
    #expect(off.remedy == "Enable the SMMU in the firmware setup, then reboot.")
    #expect(
      off.evidence.map(\.description).contains("/proc/cmdline: iommu.passthrough=1 arm-smmu.disable_bypass=0"))
    #expect(try check("quiet", tables: []).remedy.contains("SMMU"))
    let barred = try check("module_blacklist=arm_smmu_v3")
    #expect(barred.remedy.hasPrefix("sed -i ") && barred.remedy.hasSuffix("systemctl reboot"))
    // Others stay as they are, and what is on the command line is not advised again.
    #expect(try check("quiet", false, tables: ["DMAR"]).remedy.contains("intel_iommu=on"))
    #expect(try !check("intel_iommu=on,sm_on", false, tables: ["DMAR"]).remedy.contains("boot with intel_iommu=on"))
    #expect(try check("intel_iommu=off,strict", false, tables: ["DMAR"]).remedy.hasPrefix("sed -i "))
  }

  @Test func amdsOptionsAreThoseOfTheKernel() {
    func message(_ word: String) -> String? {
      Examined.examination(cmdline: word, ["/etc/kernel/cmdline": word]).finding(.bootArgument)?.message
    }
    for word in ["amd_iommu=on", "iommu=on", "amd_iommu=1"] {
      #expect(message(word)?.contains("has no effect") == true)
    }
    #expect(message("amd_iommu=off")?.contains("turns the IOMMU off") == true)
    #expect(message("intel_iommu=on")?.contains("turns the IOMMU on") == true)
    #expect(message("amd_iommu=pgtbl_v2")?.contains("changes how") == true)
  }

  @Test func pinsThatAreSwitchedOffAreSaid() {
    #expect(Examined.examination(cmdline: "hostdev=off").finding(.pinsOff)?.severity == .warning)
    for word in ["hostdev=OFF", "hostdev=0", "hostdev=no", "hostdev=\"off\""] {
      #expect(Examined.examination(cmdline: word).finding(.pinsOff)?.message.contains("no pin was applied") == true)
    }
    for word in ["hostdev=on", "hostdev=1", "hostdev", "hostdev.x=off", "xhostdev=off"] {
      #expect(Examined.examination(cmdline: word).findings(.pinsOff) == [])
    }
    #expect(
      Examined.examination(["/boot/loader/entries/a.conf": "options hostdev=off\n"]).finding(.pinsOff)?.remedy.contains(
        "/boot/loader/entries/a.conf") == true)
  }

  // MARK: Functions

  private func host(_ functions: [Function]) -> Examination {
    Examined.examination { $0.host = Examined.host(functions) }
  }

  @Test func anOverrideThatNobodyAskedForIsStale() {
    let stale = Examined.function(Examined.first, 0x5000, driver: nil, override: "vfio-pci")
    let check = host([stale]).finding(.staleOverride)
    #expect(check?.severity == .warning && check?.remedy.hasSuffix("> /sys/bus/pci/drivers_probe") == true)
    #expect(
      host([Examined.function(Examined.first, 0x5000, override: "vfio-pci")]).finding(.staleOverride)?.severity
        == .warning)
    #expect(
      host([Examined.function(Examined.first, 0x5000, driver: "vfio-pci", override: "vfio-pci")]).finding(
        .staleOverride)?
        .severity == .ok)
    // Driverctl requested it.
    let asked = Examined.examination(["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"]) {
      $0.host = Examined.host([stale])
    }
    #expect(asked.finding(.staleOverride)?.severity == .ok)
    var unread = stale
    unread.driverOverride = .unknown
    #expect(host([unread]).finding(.staleOverride)?.severity == .unknown)
    #expect(
      host([unread]).finding(.staleOverride)?.message == "The driver_override of \(Examined.first) could not be read.")
  }

  @Test func whatIsOnVFIOWantsAReason() {
    func severity(
      _ cmdline: String = "quiet", _ files: [String: String] = [:], _ change: (inout Examination) -> Void = { _ in }
    )
      -> Finding.Severity?
    {
      Examined.examination(driver: "vfio-pci", cmdline: cmdline, files) {
        $0.host = Examined.host([Examined.function(Examined.first, 0x5000, driver: "vfio-pci")])
        change(&$0)
      }.finding(.undeclared)?.severity
    }
    #expect(severity() == .warning)
    #expect(severity("vfio-pci.ids=10ee:5000") == .ok)
    #expect(severity("vfio-pci.ids=10ee:5001") == .warning)
    // Configured, but this boot did not get it.
    #expect(severity("quiet", ["/etc/kernel/cmdline": "vfio-pci.ids=10ee:5000"]) == .warning)
    #expect(severity("quiet", ["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"]) == .ok)
    #expect(severity("quiet", ["/etc/pve/qemu-server/1.conf": "hostpci0: 01:00.0\n"]) == .ok)
    #expect(
      severity {
        $0.usage.uses = [Use(.vfioOpen(Use.Process(1, command: "qemu")), of: Examined.first, chain: [])]
      } == .ok)
    #expect(
      severity { $0.usage.unknown = [UnknownUse(function: Examined.first, area: .holders, reason: "EACCES")] }
        == .unknown)
  }

  @Test func aVFOfACapturedPFIsExplained() {
    var physical = Examined.function(Examined.first, 0x5000, driver: "vfio-pci")
    var virtual = Examined.function(Examined.second, 0x5001, driver: "vfio-pci")
    virtual.physicalFunction = .known(Examined.first)
    physical.virtualFunctions = [Examined.second]
    let examination = Examined.examination(cmdline: "vfio-pci.ids=10ee:5000") {
      $0.host = Examined.host([physical, virtual])
    }
    #expect(examination.finding(.undeclared)?.severity == .ok)
  }

  @Test func aHoldThatSomebodyElseMovedHasDrifted() {
    func check(_ now: Function?) -> Finding? {
      let was = Examined.function(Examined.first, 0x5000, driver: "vfio-pci", override: "vfio-pci")
      let state = State(driver: "vfio-pci", override: "vfio-pci")
      let hold = Hold(
        function: Examined.first, identity: Identity(was), state: state,
        home: State(driver: "xclmgmt", override: nil), since: 0, command: ["hostdev"], forced: [])
      return Examined.examination {
        $0.host = Examined.host(now.map { [$0] } ?? [])
        $0.held = [
          HeldFunction(
            Examined.first, state: state, homeDriver: "xclmgmt", command: ["hostdev"],
            drift: hold.drift(from: now, isPending: false)?.description)
        ]
      }.finding(.holdDrift)
    }
    #expect(
      check(Examined.function(Examined.first, 0x5000, driver: "vfio-pci", override: "vfio-pci"))?.severity == .ok)
    #expect(check(Examined.function(Examined.first, 0x5000))?.message.contains("another program changed it") == true)
    #expect(
      check(Examined.function(Examined.first, 0x7000, driver: "vfio-pci"))?.message.contains("another device") == true)
    #expect(check(nil)?.message.contains("gone") == true)
    #expect(check(nil)?.remedy.hasSuffix("hostdev release \(Examined.first)") == true)
    var unread = Examined.function(Examined.first, 0x5000, driver: "vfio-pci")
    unread.driverOverride = .unknown
    #expect(check(unread)?.severity == .ok)
  }

  @Test func aPinStandsAsItsResolutionSays() {
    func check(_ actual: DeclaredPin.ActualState) -> Finding? {
      Readiness(
        of: Examined.examination {
          $0.pins = [
            DeclaredPin(name: "a", file: "/p/a.json", functions: [], driver: "vfio-pci", actual: actual)
          ]
        }
      ).findings.first { [.pinDrift, .identityMismatch, .pinMalformed].contains($0.code) }
    }
    #expect(check(.inPlace)?.severity == .ok)
    #expect(check(.drifted(reason: "x", evidence: []))?.remedy == "hostdev apply a")
    #expect(check(.absent(reason: "x", evidence: []))?.severity == .warning)
    #expect(check(.refused(reason: "x", evidence: []))?.code == .identityMismatch)
    #expect(check(.refused(reason: "x", evidence: []))?.severity == .error)
    #expect(check(.malformed(reason: "x"))?.severity == .error)
    #expect(check(.unknown(reason: "x"))?.severity == .unknown)
  }

  @Test func worstFirst() {
    let readiness = Readiness(
      of: Examined.examination(cmdline: "vfio-pci.ids=10ee:5000") {
        $0.interrupted = [Interrupted(functions: [Examined.first], command: "hostdev bind", path: "/j", pending: nil)]
      })
    let checks = readiness.findings
    #expect(checks.map(\.severity) == checks.map(\.severity).sorted(by: >))
    #expect(checks.first?.code == .interrupted && !readiness.isReady)
  }

  @Test func whatMayNotBeReadIsNotNothing() {
    let files = Written(
      ["/etc/libvirt/qemu/a.xml": "<domain/>", "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"],
      barred: ["/etc/libvirt/qemu", "/etc/driverctl.d/pci-0000:01:00.0"])
    let check = Examined.examination { $0.settings = HostSettings(reading: files, functions: []) }.finding(
      .unreadSettings)
    #expect(check?.severity == .unknown && check?.evidence.count == 2 && check?.remedy.contains("sudo") == true)
  }
}

@Suite("Every code that a host can have is found on one")
struct HostCodeTests {
  private static let cases: [Examination] = [
    Examined.examination {
      var functions = $0.host.functions
      for place in functions.indices { functions[place].iommuGroup = .absent }
      $0.host = Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
      $0.surroundings.lockdown = .known("integrity")
      $0.surroundings.areModulesDisabled = .known(true)
    },
    Examined.examination(
      cmdline: "pcie_acs_override=downstream vfio-pci.ids=10ee:5000 hostdev=off iommu=pt",
      [
        "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n", "/etc/driverctl.d/pci-0000:01:00.0": "nvme\n",
        "/etc/prime-discrete": "off\n",
      ]
    ) {
      $0.surroundings.interruptRemapping = .known(false)
      $0.surroundings.modprobeLines = [
        ModprobeLine(
          file: "/etc/modprobe.d/a.conf", line: 1, command: .options, module: "vfio_pci", arguments: "ids=10ee:5000")
      ]
      $0.interrupted = [Interrupted(functions: [], command: "hostdev bind", path: "/j", pending: nil)]
      $0.held = [
        HeldFunction(
          Examined.second, state: State(driver: "vfio-pci", override: nil), homeDriver: nil, command: [], drift: "gone")
      ]
      $0.pins = [.drifted(reason: "x", evidence: []), .refused(reason: "x", evidence: []), .malformed(reason: "x")].map
      {
        DeclaredPin(name: "a", file: "/p", functions: [], driver: "vfio-pci", actual: $0)
      }
      $0.images = [Initramfs(kernel: "6.12.1", path: "/boot/i", content: .withoutPins)]
      $0.settings.malformed = ["/etc/x: line 1"]
    },
    Examined.examination(["/boot/initramfs-6.12.1kdump.img": ""]) {
      $0.crashImages = [CrashImage(kernel: "6.12.1", path: "/boot/initramfs-6.12.1kdump.img", pins: ["a"])]
    },
    // A part of the host's own chipset, and what the host uses: a guest is about to take them.
    Examined.examination(["/etc/pve/qemu-server/1.conf": "hostpci0: 01:00.0\n"]) {
      var processor = Examined.function(Examined.first, 0x1456, driver: "ccp")
      processor.vendorID = .known(0x1022)
      processor.classCode = .known(ClassCode(0x108000))
      $0.host = Examined.host([processor])
      $0.claimedUsage[[Examined.first]] = Usage()
    },
    Examined.examination(["/etc/pve/qemu-server/1.conf": "hostpci0: 01:00.0\n"]) {
      let uses: [Use.What] = [
        .mount(device: "/dev/sda1", on: Use.MountPoint("/")), .ssh(interface: "eth0", client: "x"),
        .onlyDisplay(function: "x"), .keyboard(name: "x"), .console(node: "/dev/ttyS0", name: "ttyS0"),
        .open(Use.Process(7, command: "x"), Use.Node("/dev/x")), .memory(device: "dax0.0", region: nil),
      ]
      $0.claimedUsage[[Examined.first]] = Usage(uses: uses.map { Use($0, of: Examined.first, chain: []) })
    },
    Examined.examination {
      $0.host = Examined.host([
        Examined.function(Examined.first, 0x5000, driver: "vfio-pci"),
        Examined.function(Examined.other, 0x6000, driver: nil, override: "vfio-pci"),
      ])
    },
  ]

  @Test func everyCodeIsFired() {
    let found = Set(Self.cases.flatMap { Readiness(of: $0).findings }.filter { $0.severity != .ok }.map(\.code))
    #expect(found == Set(FindingCode.allCases.filter { $0.explanation.subject != .set }))
  }
}
