import Host
import PCI

/// Does the kernel's command line give devices away by their ids?
struct BootClaims: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let claims = examination.claims.filter { $0.tool == .kernel }
    if !claims.isEmpty { return claims.map { finding($0, examination) } }
    guard !examination.surroundings.commandLine.isUnknown else {
      return [
        Finding(
          .bootClaim, .unknown, message: "The kernel's command line could not be read.", evidence: ["/proc/cmdline"],
          remedy: "cat /proc/cmdline")
      ]
    }
    return [
      Finding(
        .bootClaim, .ok, message: "No kernel argument gives devices away.",
        evidence: .plain(["/proc/cmdline"] + examination.settings.boot.files))
    ]
  }

  private func finding(_ claim: Claim, _ examination: Examination) -> Finding {
    let slots = Set(claim.functions.map(\.slot)).count
    let pinned = Set(examination.pins.flatMap(\.functions))
    let isPinned = !claim.functions.isEmpty && pinned.isSuperset(of: claim.functions)
    let what =
      claim.functions.isEmpty
      ? "names nothing that is in this host now"
      : "names \(claim.functions.map(\.description).joined(separator: ", "))"
    let harm =
      slots > 1
      ? "all \(slots) devices with these ids go, and no argument can tell them apart"
      : isPinned
        ? "the pins do the same, and know the card when it moves" : "a second card with these ids would go as well"
    return Finding(
      .bootClaim, .warning, on: claim.functions,
      message:
        "\(claim.isInForce ? "The kernel was given" : "The next boot is given") an argument that \(what): \(harm).",
      evidence: claim.sources.map { Finding.Evidence($0) },
      remedy: wayOut(claim, isPinned: isPinned || claim.functions.isEmpty))
  }

  /// First the pin, then the argument: no boot is to find neither.
  private func wayOut(_ claim: Claim, isPinned: Bool) -> String {
    isPinned ? claim.withdrawal : "hostdev import --write; then: \(claim.withdrawal)"
  }
}
