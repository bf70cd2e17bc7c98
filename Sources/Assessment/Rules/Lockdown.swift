import Host
import PCI

/// A kernel that is locked down loads signed modules alone.
struct Lockdown: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard !situation.movesToUnloaded.isEmpty, let mode = situation.surroundings.lockdown.value, mode != "none" else {
      return []
    }
    return [
      Finding(
        .lockdown, .info, on: situation.set,
        message: "This kernel is locked down: it will load vfio-pci only where its maker signed that.",
        evidence: ["/sys/kernel/security/lockdown: \(mode)"]
          + (situation.surroundings.secureBoot.value == true ? ["Secure Boot is on (EFI variable SecureBoot: 1)"] : []),
        remedy: "modinfo -F signer vfio-pci")
    ]
  }
}
