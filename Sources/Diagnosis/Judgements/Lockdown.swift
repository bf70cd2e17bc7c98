/// Will the kernel load an unsigned vfio-pci?
struct Lockdown: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let around = examination.surroundings
    let path = "/sys/kernel/security/lockdown"
    if around.lockdown.isAbsent {
      return [ReadinessCheck(.lockdown, .ok, "This kernel knows no lockdown.", evidence: ["\(path): not there"])]
    }
    guard let mode = around.lockdown.value else {
      return [
        ReadinessCheck(
          .lockdown, .unknown, "Whether the kernel is locked down could not be read.", evidence: [path],
          remedy: "cat \(path)")
      ]
    }
    if mode == "none" {
      return [ReadinessCheck(.lockdown, .ok, "The kernel is not locked down.", evidence: ["\(path): none"])]
    }
    let isThere = around.vfioPCI == .loaded || around.vfioPCI == .builtIn
    return [
      ReadinessCheck(
        .lockdown, isThere ? .ok : .info,
        isThere
          ? "The kernel is locked down (\(mode)), and vfio-pci is in it."
          : "This kernel is locked down: it will load vfio-pci only where its maker signed that.",
        evidence: ["\(path): \(mode)"]
          + (around.secureBoot.value == true ? ["Secure Boot is on (EFI variable SecureBoot: 1)"] : []),
        remedy: isThere ? "" : "modinfo -F signer vfio-pci")
    ]
  }
}
