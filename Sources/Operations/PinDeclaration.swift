import Checks
import Host
import Inventory
import PCI
import Pins
import System

extension Workspace {
  /// The pin of a set as it is now, with what was found on this day.
  func declaration(
    _ name: String, of set: AssessedSet, description: String? = nil, driver: String, match: Pin.Match = .path,
    follow: Bool = false, vpd: Bool = false, forced: Set<FindingCode>, virtuals: PinnedVirtuals? = nil
  ) -> Pin {
    let evidence = PinEvidence(
      at: Clock.text(invocation.runtime.clock.seconds),
      findings: set.assessment.findings.map {
        PinnedFinding(
          code: $0.code.rawValue, severity: $0.severity.rawValue, functions: $0.functions, message: $0.message,
          evidence: $0.evidence.map(\.description))
      })
    // What was overruled today must be at every boot, or the pin would never be in place.
    let overruled = set.assessment.findings.filter { $0.severity == .error && $0.isForceable }.map(\.code)
    return Pin(
      name: name, description: description, driver: driver, match: match, follow: follow,
      forced: forced.intersection(overruled).sorted(), virtuals: virtuals,
      functions: declarations(set.functions, vpd: vpd),
      evidence: evidence)
  }

  /// These functions as a pin declares them. A serial number is recorded only where it tells the card from all others.
  /// `vpd`: that of vital product data too.
  func declarations(_ set: [Address], vpd: Bool = false) -> [PinnedFunction] {
    scanner.locate(&host)
    let kinds = Set(set.compactMap { host[$0]?.id })
    let alike = host.functions.filter { function in function.id.map { kinds.contains($0) } ?? false }
    scanner.readConfiguration(alike.map(\.address), of: &host)
    scanner.readConfiguration(set, of: &host, wake: true)
    let numbers = vpd ? vpdSerialNumbers(alike.map(\.address)) : [:]
    return set.compactMap { address in
      guard let function = host[address], let id = function.id else { return nil }
      return PinnedFunction(
        address: address, path: function.topologyPath.value, vendorID: id.vendor, deviceID: id.device,
        subsystemVendorID: function.subsystemVendorID.value, subsystemDeviceID: function.subsystemDeviceID.value,
        classCode: function.classCode.value, serialNumber: function.countingSerial(in: host),
        vpdSerialNumber: vpd ? function.counting(in: host) { numbers[$0.address]?.value } : nil)
    }
  }
}
