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
          "\(function.address) is, or leads to, storage that a guest may have written: the host may activate its LVM, md or duplicate file system UUIDs.",
        evidence: ["class \(code)"],
        remedy: "Keep it from every driver: hostdev release --leave-unbound \(function.address)")
    }
  }

  /// Disks stand behind storage controllers, Fibre Channel adapters and SD hosts; behind a USB controller they may be
  /// plugged in.
  private static func severity(_ code: ClassCode, _ all: Bool) -> Finding.Severity? {
    if code.isStorage || code.leadsToDisks { return all ? .error : .warning }
    return code.isUSBController ? .info : nil
  }
}
