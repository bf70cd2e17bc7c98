import Host
import PCI

/// A kernel that is locked down loads signed modules alone.
struct Lockdown: SetRule {
  private static let path = "/sys/kernel/security/lockdown"

  func findings(in situation: Situation) -> [Finding] {
    guard !situation.movesToUnloaded.isEmpty, let mode = situation.surroundings.lockdown.value, mode != "none" else {
      return []
    }
    return [Self.finding(mode, situation.surroundings, on: situation.set)]
  }

  private static func finding(_ mode: String, _ around: Surroundings, on functions: [Address]) -> Finding {
    Finding(
      .lockdown, .info, on: functions,
      message: "The kernel is locked down: it loads vfio-pci only if the module is signed.",
      evidence: evidence(mode, around), remedy: "To see who signed it: modinfo -F signer vfio-pci")
  }

  private static func evidence(_ mode: String, _ around: Surroundings) -> [Finding.Evidence] {
    [Finding.Evidence(path: path, value: mode)]
      + (around.secureBoot.value == true ? ["Secure Boot is on (EFI variable SecureBoot: 1)"] : [])
  }
}

/// Will the kernel load an unsigned vfio-pci?
extension Lockdown: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let around = examination.surroundings
    if around.lockdown.isAbsent {
      return [
        Finding(.lockdown, .ok, message: "This kernel does not have lockdown.", evidence: ["\(Self.path): not there"])
      ]
    }
    guard let mode = around.lockdown.value else {
      return [
        Finding(
          .lockdown, .unknown, message: "Whether the kernel is locked down could not be read.",
          evidence: ["\(Self.path)"], remedy: "cat \(Self.path)")
      ]
    }
    if mode == "none" {
      return [
        Finding(.lockdown, .ok, message: "The kernel is not locked down.", evidence: ["\(Self.path): none"])
      ]
    }
    guard around.vfioPCI == .loaded || around.vfioPCI == .builtIn else { return [Self.finding(mode, around, on: [])] }
    return [
      Finding(
        .lockdown, .ok, message: "The kernel is locked down (\(mode)), and vfio-pci is in it.",
        evidence: Self.evidence(mode, around))
    ]
  }
}
