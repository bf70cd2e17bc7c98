import Foundation
import Testing

/// A function that is held and was pulled out: its record goes by its name, and nothing else with it.
@Suite struct GoneHoldTests {
  private static let gone = "0000:01:00.1"

  /// Both functions of the card are held, and one is gone.
  private func pulledOut() throws -> Capture {
    let capture = try Capture("alveo")
    #expect(try capture.hostdev("bind", "01:00").status == 0)
    try capture.pullOut(Self.gone)
    return capture
  }

  private func held(_ capture: Capture) throws -> [String] {
    try capture.hostdev("status", "--json").json["held"]?.list?.compactMap { $0["address"]?.text } ?? []
  }

  @Test(arguments: [["01:00.1"], ["0000:01:00.1"], ["pci_0000_01_00_1"], ["01:00.1,0000:01:00.1"]])
  func itIsForgottenByItsName(_ names: [String]) throws {
    let capture = try pulledOut()
    let advice = try capture.hostdev("doctor", "--json").json["checks"]?.list?.first {
      $0["code"]?.text == "hold-drift"
    }
    #expect(advice?["remedy"]?.text == "To remove its record: hostdev release \(Self.gone)")
    #expect(try held(capture) == ["0000:01:00.0", Self.gone])
    let dry = try capture.run(["release", "--dry-run"] + names)
    #expect(dry.status == 0 && dry.errors.contains("would be removed"))
    #expect(try held(capture) == ["0000:01:00.0", Self.gone])
    let released = try capture.run(["release"] + names)
    #expect(released.status == 0 && released.errors.contains("\(Self.gone) does not exist any more"), "\(released)")
    // Something is still held, so that nothing says otherwise.
    #expect(!released.output.contains("holds nothing"))
    #expect(try held(capture) == ["0000:01:00.0"])
    #expect(capture.driver("0000:01:00.0") == "vfio-pci")
    // Control: now nothing is known of it, and that is no such device again.
    #expect(try capture.run(["release"] + names).status == 66)
  }

  @Test func aDeviceIsGivenBackAndItsLostFunctionForgotten() throws {
    let capture = try pulledOut()
    let released = try capture.hostdev("release", "01:00")
    #expect(released.status == 0, "\(released)")
    #expect(try held(capture).isEmpty)
    #expect(capture.driver("0000:01:00.0") != "vfio-pci")
  }

  @Test func whatIsNotHeldAndNotThereIsStillUnknown() throws {
    let capture = try pulledOut()
    #expect(try capture.hostdev("release", "0f:00.0").status == 66)
    #expect(try capture.hostdev("release", "0f:00.0", "01:00.1").status == 66)
  }
}
