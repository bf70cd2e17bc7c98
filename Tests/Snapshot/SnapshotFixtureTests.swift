import Foundation
import Host
import HostUse
import Inventory
import Sysfs
import System
import TestSupport
import Testing

// Foundation has a Host too.
import struct Host.Host

@testable import Snapshot

/// A snapshot of a fixture is the same host to those who read it.
@Suite struct SnapshotFixtureTests {
  @Test func everyFixtureComesBackAsItWas() throws {
    var cases = 0
    for fixture in try Fixture.plain {
      let (name, source) = (fixture.name, try Root(fixture.path))
      let tree = try Scratch()
      let summary = try Snapshot(source: source, wakes: true).write(to: tree.path, redact: false)
      #expect(summary.skipped == [], "\(name)")
      let before = TreeSysfs(source, isWritable: false)
      let after = TreeSysfs(try Root(tree.path), isWritable: false)
      let (host, copy) = (try scan(before), try scan(after))
      #expect(host == copy, "\(name)")
      let (uses, seen) = (gather(before, host), gather(after, host))
      #expect(surroundings(before) == surroundings(after), "\(name)")
      #expect(uses.uses == seen.uses, "\(name)")
      #expect(uses.unknown == seen.unknown, "\(name)")
      #expect(uses.conditions == seen.conditions, "\(name)")
      #expect(uses.processesUnseen == seen.processesUnseen, "\(name)")
      cases += 1
    }
    print("fixtures: \(cases) cases")
    #expect(cases >= 8)
  }

  private func scan(_ sysfs: TreeSysfs) throws -> Host {
    let scanner = Scanner(sysfs)
    var host = try scanner.scan()
    scanner.detail(host.functions.map(\.address), of: &host, wake: true)
    scanner.detailGroups(host.groups.keys, of: &host)
    return host
  }

  /// What of the host bears on all functions: boot arguments, modules, firmware tables.
  private func surroundings(_ sysfs: TreeSysfs) -> Surroundings {
    SurroundingsReader(sysfs, isCapture: true).read()
  }

  private func gather(_ sysfs: TreeSysfs, _ host: Host) -> Usage {
    Evidence(sysfs: sysfs, isRehearsal: true, clock: .system).gather(host.functions.map(\.address), in: host)
  }
}
