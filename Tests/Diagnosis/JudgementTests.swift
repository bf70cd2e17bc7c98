import Assessment
import Host
import PCI
import Settings
import TestSupport
import Testing
import Transactions

@testable import Diagnosis

@Suite("What doctor says of a host")
struct JudgementTests {
  // MARK: The host

  @Test func aHostThatIsWellIsReady() {
    let checks = Doctor.checks(of: Small.examination(["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n"]))
    #expect(checks.isReady)
    #expect(checks.filter { $0.severity > .ok }.map(\.code) == [])
    #expect(Set(checks.map(\.code)).isSuperset(of: [.iommuOff, .unsafeInterrupts, .moduleMissing, .pinDrift]))
  }

  @Test func withoutGroupsItIsNotAndTheFileToEditIsNamed() throws {
    func check(_ cmdline: String, _ tables: [String], _ files: [String: String]) throws -> ReadinessCheck {
      let examination = Small.examination(cmdline: cmdline, files) {
        var functions = $0.host.functions
        for place in functions.indices { functions[place].iommuGroup = .absent }
        $0.host = Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
        $0.surroundings.firmwareTables = .known(tables)
      }
      #expect(!Doctor.checks(of: examination).isReady)
      return try #require(examination.check(.iommuOff))
    }
    let grub = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n"]
    let on = try check("quiet", ["DMAR"], grub)
    #expect(
      on.severity == .error
        && on.remedy.hasPrefix("echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX intel_iommu=on\"' >>"))
    let off = try check(
      "intel_iommu=off", ["DMAR"], ["/etc/default/grub": "X=1\nGRUB_CMDLINE_LINUX=\"intel_iommu=off\"\n"])
    #expect(off.remedy.contains("sed -i '2s/ *\\bintel_iommu=off"))
    #expect(off.evidence.contains("/etc/default/grub:2: GRUB_CMDLINE_LINUX=\"intel_iommu=off\""))
    #expect(try check("quiet", [], grub).remedy.contains("firmware setup"))
    #expect(try check("quiet", ["IVRS"], grub).remedy.contains("firmware setup"))
  }

  @Test func whatCouldNotBeReadIsUnknown() {
    let examination = Small.examination {
      $0.surroundings.interruptRemapping = .unknown
      $0.surroundings.lockdown = .unknown
      $0.surroundings.vfioPCI = .unknown
      $0.surroundings.commandLine = .unknown
    }
    for code in [FindingCode.unsafeInterrupts, .lockdown, .moduleMissing, .acsOverride, .bootClaim] {
      #expect(examination.check(code)?.severity == .unknown, "\(code)")
    }
    #expect(Doctor.checks(of: examination).isReady)
  }

  @Test func unsafeInterruptsNameTheLineThatAllowsThem() throws {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/vfio.conf", line: 3, command: .options, module: "vfio_iommu_type1",
      arguments: "allow_unsafe_interrupts=1")
    let check = try #require(
      Small.examination {
        $0.surroundings.allowsUnsafeInterrupts = .known(true)
        $0.surroundings.modprobeLines = [line]
      }.check(.unsafeInterrupts))
    #expect(check.severity == .warning && check.remedy == "sed -i '3s/^/#/' /etc/modprobe.d/vfio.conf")
    #expect(
      Small.examination { $0.surroundings.interruptRemapping = .known(false) }.check(.unsafeInterrupts)?.severity
        == .warning)
  }

  @Test func aModuleThatCannotBeLoadedIsAnError() throws {
    let word = "module_blacklist=vfio_pci"
    let check = try #require(
      Small.examination(cmdline: word, ["/etc/kernel/cmdline": word]).check(.moduleMissing))
    #expect(check.severity == .error && check.remedy.contains("/etc/kernel/cmdline"))
    #expect(
      Small.examination { $0.surroundings.areModulesDisabled = .known(true) }.check(.moduleMissing)?.severity == .error)
    #expect(Small.examination { $0.surroundings.vfioPCI = .missing }.check(.moduleMissing)?.severity == .error)
    #expect(Small.examination { $0.surroundings.vfioPCI = .builtIn }.check(.moduleMissing)?.severity == .ok)
  }

  @Test(arguments: [
    (ModprobeLine.Command.options, "vfio_pci", "ids=10ee:5000", ReadinessCheck.Severity.warning),
    (.options, "vfio_pci", "disable_idle_d3=1", .ok), (.blacklist, "vfio_pci", "", .info),
    (.install, "vfio_pci", "/usr/local/sbin/vfio.sh", .warning),
    (.install, "vfio*", "/usr/local/sbin/vfio.sh", .warning), (.install, "vfio?", "/bin/false", .ok),
    (.softdep, "nvme", "pre: vfio-pci", .info),
    (.softdep, "nvme", "pre: other", .ok), (.blacklist, "nouveau", "", .ok), (.options, "snd", "ids=10ee:5000", .ok),
  ])
  func linesOfModprobeAreWeighed(
    command: ModprobeLine.Command, module: String, arguments: String, severity: ReadinessCheck.Severity
  ) {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/a.conf", line: 2, command: command, module: module, arguments: arguments)
    let check = Small.examination { $0.surroundings.modprobeLines = [line] }.check(.moduleOptions)
    #expect(check?.severity == severity)
    if severity != .ok { #expect(check?.evidence.first?.hasPrefix("/etc/modprobe.d/a.conf:2: ") == true) }
  }

  // MARK: Arguments

  @Test func idsOfTwinsAreALottery() throws {
    let twins = try #require(
      Small.examination(other: 0x5000, cmdline: "vfio-pci.ids=10ee:5000").check(.bootClaim))
    #expect(twins.functions == [Small.first, Small.other] && twins.message.contains("all 2 devices"))
    let one = try #require(Small.examination(cmdline: "vfio_pci.ids=10ee:5000").check(.bootClaim))
    #expect(one.functions == [Small.first] && !one.message.contains("all 2 devices"))
    #expect(one.remedy.hasPrefix("hostdev import --write; then: find where it is set"))
    #expect(Small.examination(cmdline: "vfio-pci.disable_vga=1").check(.bootClaim)?.severity == .ok)
  }

  @Test func theNextBootIsComparedWithThisOne() {
    func drift(_ cmdline: String, _ files: [String: String]) -> [ReadinessCheck] {
      Small.examination(cmdline: cmdline, files).checks(.bootDrift)
    }
    let same = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n"]
    #expect(drift("iommu=pt", same).map(\.severity) == [.ok])
    #expect(drift("iommu=pt", [:]).map(\.severity) == [.unknown])
    // Typed in at the boot loader, and gone with the next boot.
    #expect(drift("iommu=pt intel_iommu=on", same).map(\.severity) == [.warning])
    #expect(drift("quiet", same).map(\.severity) == [.info])
    // What nobody asks of a device is not told.
    #expect(drift("iommu=pt quiet splash", same).map(\.severity) == [.ok])
    let unmade = same.merging(["/boot/grub/grub.cfg": "linux /vmlinuz root=x\n"]) { $1 }
    #expect(drift("quiet", unmade).map(\.remedy) == ["update-grub"])
    let made = same.merging(["/boot/grub/grub.cfg": "linux /vmlinuz root=x iommu=pt\n"]) { $1 }
    #expect(drift("iommu=pt", made).map(\.severity) == [.ok])
  }

  @Test func pinsThatAreSwitchedOffAreSaid() {
    #expect(Small.examination(cmdline: "hostdev=off").check(.pinsOff)?.severity == .warning)
    #expect(Small.examination(cmdline: "hostdev=on").checks(.pinsOff) == [])
    #expect(
      Small.examination(["/boot/loader/entries/a.conf": "options hostdev=off\n"]).check(.pinsOff)?.remedy.contains(
        "/boot/loader/entries/a.conf") == true)
  }

  // MARK: Functions

  private func host(_ functions: [Function]) -> Examination { Small.examination { $0.host = Small.host(functions) } }

  @Test func anOverrideThatNobodyAskedForIsStale() {
    let stale = Small.function(Small.first, 0x5000, driver: nil, override: "vfio-pci")
    let check = host([stale]).check(.staleOverride)
    #expect(check?.severity == .warning && check?.remedy.hasSuffix("> /sys/bus/pci/drivers_probe") == true)
    #expect(
      host([Small.function(Small.first, 0x5000, override: "vfio-pci")]).check(.staleOverride)?.severity == .warning)
    #expect(
      host([Small.function(Small.first, 0x5000, driver: "vfio-pci", override: "vfio-pci")]).check(.staleOverride)?
        .severity == .ok)
    // Driverctl asked for it.
    let asked = Small.examination(["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"]) { $0.host = Small.host([stale]) }
    #expect(asked.check(.staleOverride)?.severity == .ok)
    var unread = stale
    unread.driverOverride = .unknown
    #expect(host([unread]).check(.staleOverride)?.severity == .unknown)
    #expect(
      host([unread]).check(.staleOverride)?.message == "The override of \(Small.first) could not be read.")
  }

  @Test func whatIsOnVFIOWantsAReason() {
    func severity(
      _ cmdline: String = "quiet", _ files: [String: String] = [:], _ change: (inout Examination) -> Void = { _ in }
    )
      -> ReadinessCheck.Severity?
    {
      Small.examination(driver: "vfio-pci", cmdline: cmdline, files) {
        $0.host = Small.host([Small.function(Small.first, 0x5000, driver: "vfio-pci")])
        change(&$0)
      }.check(.undeclared)?.severity
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
        $0.usage.uses = [Use(function: Small.first, kind: .vfioOpen, subject: "pid 1", detail: "qemu", chain: [])]
      } == .ok)
    #expect(
      severity { $0.usage.unknown = [UnknownUse(function: Small.first, area: .holders, reason: "EACCES")] } == .unknown)
  }

  @Test func aVFOfACapturedPFIsExplained() {
    var physical = Small.function(Small.first, 0x5000, driver: "vfio-pci")
    var virtual = Small.function(Small.second, 0x5001, driver: "vfio-pci")
    virtual.physicalFunction = .known(Small.first)
    physical.virtualFunctions = [Small.second]
    let examination = Small.examination(cmdline: "vfio-pci.ids=10ee:5000") {
      $0.host = Small.host([physical, virtual])
    }
    #expect(examination.check(.undeclared)?.severity == .ok)
  }

  @Test func aHoldThatSomebodyElseMovedHasDrifted() {
    func check(_ now: Function?) -> ReadinessCheck? {
      let was = Small.function(Small.first, 0x5000, driver: "vfio-pci", override: "vfio-pci")
      let state = State(driver: "vfio-pci", override: "vfio-pci")
      return Small.examination {
        $0.host = Small.host(now.map { [$0] } ?? [])
        $0.held = [
          Hold(
            function: Small.first, identity: Identity(was), state: state,
            home: State(driver: "xclmgmt", override: nil), since: 0, command: ["hostdev"], forced: [])
        ]
      }.check(.holdDrift)
    }
    #expect(check(Small.function(Small.first, 0x5000, driver: "vfio-pci", override: "vfio-pci"))?.severity == .ok)
    #expect(check(Small.function(Small.first, 0x5000))?.message.contains("changed by somebody else") == true)
    #expect(check(Small.function(Small.first, 0x7000, driver: "vfio-pci"))?.message.contains("another device") == true)
    #expect(check(nil)?.message.contains("gone") == true)
    var unread = Small.function(Small.first, 0x5000, driver: "vfio-pci")
    unread.driverOverride = .unknown
    #expect(check(unread)?.severity == .ok)
  }

  @Test func aPinStandsAsItsResolutionSays() {
    func check(_ standing: DeclaredPin.Standing) -> ReadinessCheck? {
      Doctor.checks(
        of: Small.examination {
          $0.pins = [
            DeclaredPin(name: "a", file: "/p/a.json", functions: [], driver: "vfio-pci", standing: standing)
          ]
        }
      ).first { [.pinDrift, .identityMismatch, .pinMalformed].contains($0.code) }
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
    let checks = Doctor.checks(
      of: Small.examination(cmdline: "vfio-pci.ids=10ee:5000") {
        $0.interrupted = [Interrupted(functions: [Small.first], command: "hostdev bind", path: "/j", pending: nil)]
      })
    #expect(checks.map(\.severity) == checks.map(\.severity).sorted(by: >))
    #expect(checks.first?.code == .interrupted && !checks.isReady)
  }

  @Test func whatMayNotBeReadIsNotNothing() {
    let files = Written(
      ["/etc/libvirt/qemu/a.xml": "<domain/>", "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"],
      barred: ["/etc/libvirt/qemu", "/etc/driverctl.d/pci-0000:01:00.0"])
    let check = Small.examination { $0.settings = HostSettings(reading: files, functions: []) }.check(.unreadSettings)
    #expect(check?.severity == .unknown && check?.evidence.count == 2 && check?.remedy.contains("sudo") == true)
  }
}
