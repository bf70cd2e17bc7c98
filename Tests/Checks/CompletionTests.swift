import Host
import PCI
import Testing

@testable import Checks

private let first = Small.first
private let second = Small.second

/// A set that a remedy names passes the check that names it, or the remedy says why there is none.
@Suite struct CompletionTests {
  /// Functions of a `hostdev bind` that is advised; nil if another thing is.
  private func advised(_ remedy: String) -> [Address]? {
    guard remedy.hasPrefix("hostdev bind ") else { return nil }
    return remedy.split(separator: " ").dropFirst(2).compactMap { Address($0) }
  }

  private static let incomplete: Set<FindingCode> = [.groupBlocked, .slotIncomplete, .splitCompanion]

  @Test func oneCompleteCommandForGroupResetAndCompanions() {
    let findings = Case {
      $0.host = Small.card(
        {
          $0.classCode = .known(ClassCode(0x030000))
          $0.kernelResetMethods = .known(["bus"])
        },
        {
          $0.iommuGroup = .known(10)
          $0.classCode = .known(ClassCode(0x040300))
        })
    }.assessment.findings
    #expect(Set(findings.map(\.code)) == Self.incomplete)
    #expect(Set(findings.map(\.remedy)) == ["hostdev bind \(first) \(second)"])
  }

  @Test func aMemberWithTheRootFileSystemIsNotAdvised() throws {
    let finding = try #require(
      Case {
        $0.host = Small.card({ _ in }, { $0.iommuGroup = .known(10) })
        $0.usage = Small.use(.mount, of: second, vital: true)
      }.finding(.groupBlocked))
    #expect(finding.remedy.hasPrefix("not possible on this host: "))
    #expect(finding.remedy.contains("root-storage of \(second)"))
    #expect(finding.remedy.hasSuffix("hostdev check \(first) \(second)"))
  }

  /// Its own obstacle has its own remedy, and then the whole is possible.
  @Test func whatTheSetItselfMustResolveComesFirst() throws {
    let finding = try #require(
      Case {
        $0.host = Small.card({ _ in }, { $0.iommuGroup = .known(10) })
        $0.usage = Small.use(.networkAddress)
      }.finding(.groupBlocked))
    #expect(
      finding.remedy
        == "not possible on this host yet: first resolve host-network of \(first), then: hostdev check \(first) \(second)"
    )
  }

  @Test func aCardInTheChipsetsGroupWantsAnotherSlot() throws {
    let smbus = Small.address("0000:00:1f.4")
    let host = Small.host([
      Small.function(smbus) {
        $0.classCode = .known(ClassCode(0x0c0500))
        $0.vendorID = .known(0x8086)
        $0.devicePath = .known("/sys/devices/pci0000:00/\(smbus)")
        $0.iommuGroup = .known(10)
      }, Small.bridge, Small.function(first),
    ])
    let finding = try #require(Case { $0.host = host }.finding(.groupBlocked))
    #expect(finding.remedy.hasPrefix("not possible on this host: ") && finding.remedy.contains("another slot"))
    #expect(finding.remedy.contains("host-chipset of \(smbus)"))
  }

  @Test func whatIsAdvisedPasses() {
    var passed = 0
    var impossible = 0
    for _ in 0..<2000 {
      let functions = (0..<6).map { number in
        Small.function(Small.address("0000:0\(1 + number / 3):00.\(number % 3)")) {
          $0.iommuGroup = .known(Int.random(in: 0...4))
          $0.kernelResetMethods = [.known(["flr"]), .known(["bus"]), .absent].randomElement() ?? .unknown
          $0.driver = [.known("xclmgmt"), .known("vfio-pci"), .absent].randomElement() ?? .unknown
          $0.classCode = .known(ClassCode([0x030000, 0x040300, 0x0c0330, 0x120000].randomElement() ?? 0))
          $0.vendorID = [.known(0x10de), .known(0x1022)].randomElement() ?? .unknown
        }
      }
      let host = Small.host(functions)
      let used =
        functions.randomElement().map { Bool.random() ? Small.use(.mount, of: $0.address) : Usage() } ?? Usage()
      func assessment(_ set: [Address]) -> Assessment {
        Case {
          $0.host = host
          $0.set = set
          $0.usage = used
        }.assessment
      }
      let findings = assessment([functions[Int.random(in: 0..<6)].address]).findings
      let remedies = Set(findings.filter { Self.incomplete.contains($0.code) }.map(\.remedy))
      #expect(remedies.count <= 1)
      for remedy in remedies {
        if let set = advised(remedy) {
          #expect(assessment(set).isAssignable, "\(remedy): \(assessment(set).findings)")
          passed += 1
        } else {
          #expect(remedy.hasPrefix("not possible on this host"))
          impossible += 1
        }
      }
    }
    print("ADVICE: \(passed) sets passed, \(impossible) not possible")
    #expect(passed >= 300 && impossible >= 100)
  }
}
