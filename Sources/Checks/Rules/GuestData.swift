import Host
import PCI

/// Storage that a guest wrote: the host may activate its volume groups, arrays or duplicate UUIDs.
struct GuestData: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard case .release(let all, let losing) = situation.intent else { return [] }
    let returning = situation.functions.filter { !losing.contains($0.address) }
    return returning.compactMap { function in
      guard let code = function.classCode.value, let severity = Self.severity(code, all) else { return nil }
      return Finding(
        .guestData, severity, on: [function.address],
        message:
          "\(function.address) may have storage that a guest wrote. The host may activate its LVM volumes or md arrays, or mix up file systems with the same UUID.",
        evidence: ["class \(code)"],
        remedy: "To release it without a driver: hostdev release --leave-unbound \(function.address)")
    }
  }

  /// Disks stand behind storage controllers, Fibre Channel adapters and SD hosts; behind a USB controller they may be
  /// plugged in.
  private static func severity(_ code: ClassCode, _ all: Bool) -> Finding.Severity? {
    if code.isStorage || code.leadsToDisks { return all ? .error : .warning }
    return code.isUSBController ? .info : nil
  }
}
