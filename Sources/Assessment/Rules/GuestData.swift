import Host
import PCI

/// Storage that a guest wrote: the host may activate its volume groups, arrays or duplicate UUIDs.
struct GuestData: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard case .release(let all, let losing) = situation.intent else { return [] }
    let returning = situation.functions.filter { !losing.contains($0.address) }
    return returning.filter { $0.classCode.value?.isStorage ?? false }.map { function in
      Finding(
        "guest-data", all ? .error : .warning, [function.address],
        message:
          "\(function.address) is storage that a guest may have written: the host may activate its LVM, md or duplicate file system UUIDs.",
        evidence: ["class \(function.classCode.value.map(\.description) ?? "?")"],
        remedy: "Keep it from every driver: hostdev release --leave-unbound \(function.address)", isForceable: true)
    }
  }
}
