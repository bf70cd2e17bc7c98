import Foundation
import TestSupport
import Testing

/// `check` and `bind` always agree: every function, and every device, of every fixture.
@Suite struct AgreementTests {
  @Test func bindIsRefusedExactlyWhereCheckIs() async throws {
    let tally = Tally("check and bind")
    let refusals = Tally("check and bind, refused")
    try await forEach(try Fixture.plain.map(\.name)) { fixture in
      let kept = try Capture(fixture)
      var capture = try Capture(copying: kept)
      var before = try capture.stamps()
      let slots = Set(capture.addresses.map { String($0.dropLast(2)) }).sorted()
      for selector in capture.addresses + slots {
        let checked = try capture.hostdev("check", "--json", selector)
        let bound = try capture.hostdev("bind", "--json", selector)
        #expect([0, 1].contains(checked.status), "\(fixture) \(checked)")
        #expect(bound.status == checked.status, "\(fixture): \(checked)\(bound)")
        let (said, did) = (try checked.json, try bound.json)
        for key in ["functions", "missing", "findings", "verdict", "plan"] {
          #expect(said[key] == did[key], "\(fixture) \(selector): \(key)")
        }
        if bound.status == 1 {
          refusals.count()
          #expect(try differences(before, capture.stamps()) == [], "\(fixture) \(selector)")
        } else {
          for address in said["functions"]?.texts ?? [] { #expect(capture.driver(address) == "vfio-pci", "\(address)") }
          capture = try Capture(copying: kept)
          before = try capture.stamps()
        }
        tally.count(bound.status == checked.status)
      }
    }
    refusals.report(atLeast: 207)
    tally.report(atLeast: 291)
  }
}
