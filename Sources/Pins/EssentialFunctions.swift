import Host
import PCI

/// The functions below the host's file systems and swap when an image was made. An initramfs acts before any disk can
/// be read, so it uses this record.
///
/// In the image it is a file in the format of a pin. Its findings say what each function carried.
public struct EssentialFunctions: Sendable {
  public static let file = "/etc/hostdev/footing.json"

  let record: Pin

  public init(_ record: Pin) { self.record = record }

  /// Nil if no function was found that the host used. `unknown`: functions that it may have used.
  public init?(functions: [PinnedFunction], uses: [Use], unknown: [UnknownUse], at time: String) {
    if functions.isEmpty { return nil }
    let carried = uses.map { use in
      PinnedFinding(
        code: "root-storage", severity: "error", functions: [use.function],
        message: [use.kind.rawValue, use.subject, use.detail].filter { !$0.isEmpty }.joined(separator: " "),
        evidence: use.chain)
    }
    let doubted = unknown.map { unknown in
      PinnedFinding(
        code: "unknown-storage", severity: "error", functions: [unknown.function],
        message: "something that could not be read", evidence: [unknown.reason])
    }
    record = Pin(
      name: "footing", description: "Functions that the host needed when this image was made.", functions: functions,
      evidence: PinEvidence(at: time, findings: carried + doubted))
  }

  /// Nil if the bytes are not such a record.
  public init?(bytes: [UInt8]) {
    guard let record = try? Pin(name: "footing", bytes: bytes) else { return nil }
    self.record = record
  }

  public var text: String { record.text }

  /// Why the host may use this function; nil if the record rules that out.
  ///
  /// If both have a serial number, that decides. Otherwise the place does, together with the ids. If no function with
  /// these ids is at a recorded place any more, the disk was moved, and any other function with these ids may be it.
  public func use(of function: Function, in host: Host) -> Use? {
    for recorded in record.functions where recorded.isOfSameKind(as: function) {
      let serial = function.configuration.flatMap(\.serialNumber).value
      let detail: String
      if let wanted = recorded.serialNumber, let serial, SerialNumber.counts(serial) {
        guard wanted == serial else { continue }
        detail = "it has the serial number \(serial)"
      } else if let place = function.topologyPath.value, place == recorded.path {
        detail = "it stands where the image was made"
      } else if recorded.isStillThere(in: host) {
        continue
      } else {
        detail = "nothing of its kind is at \(recorded.path ?? "\(recorded.address)") any more, so this may be it"
      }
      return Use(
        .essential(carried: what(recorded), reason: detail), of: function.address,
        chain: ["\(function.address)", Self.file], isVital: true)
    }
    return nil
  }

  /// What it carried, in a few words.
  private func what(_ recorded: PinnedFunction) -> String {
    let carried = (record.evidence?.findings ?? []).filter { $0.functions.contains(recorded.address) }.map(\.message)
    return carried.first ?? "a disk of the host"
  }
}

extension PinnedFunction {
  func isStillThere(in host: Host) -> Bool {
    guard let path else { return false }
    return host.functions.contains { $0.topologyPath.value == path && isOfSameKind(as: $0) }
  }
}
