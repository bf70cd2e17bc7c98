import Host
import PCI

/// Does the kernel's command line give devices away by their ids?
struct BootClaims: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let found =
      examination.claims.filter { $0.tool == .kernel && $0.strike == .boot }.map { finding($0, examination) }
      + examination.kernelSlips.map { slip in
        examination.finding(of: slip, .bootClaim, withdrawal: examination.boot.withdrawal(of: slip.text))
      }
    if !found.isEmpty { return found }
    guard !examination.surroundings.commandLine.isUnknown else {
      return [
        Finding(
          .bootClaim, .unknown, message: "The kernel command line could not be read.", evidence: ["/proc/cmdline"],
          remedy: "cat /proc/cmdline")
      ]
    }
    return [
      Finding(
        .bootClaim, .ok, message: "No kernel argument gives devices to a guest driver.",
        evidence: .plain(["/proc/cmdline"] + examination.settings.boot.files))
    ]
  }

  private func finding(_ claim: Claim, _ examination: Examination) -> Finding {
    let slots = Set(claim.functions.map(\.slot)).count
    let pinned = Set(examination.pins.flatMap(\.functions))
    let isPinned = !claim.functions.isEmpty && pinned.isSuperset(of: claim.functions)
    let coming = claim.functions.isEmpty ? examination.physicals(toCome: claim.ids) : []
    let what =
      !coming.isEmpty
      ? "\(coming.map(\.phrase).joined(separator: ", ")) to a guest driver"
      : claim.functions.isEmpty
        ? "a guest driver devices that are not in this host"
        : "\(claim.functions.map(\.description).joined(separator: ", ")) to a guest driver"
    let harm =
      slots > 1
      ? "It takes all \(slots) devices with these ids; no argument can tell them apart"
      : isPinned
        ? "The pins do the same, and follow the card when it moves" : "It also takes any second card with these ids"
    let evidence = claim.sources.map { Finding.Evidence($0) }
    // No pin is made of what the host uses.
    let losses = examination.losses(to: claim)
    let way =
      coming.isEmpty
      ? wayOut(claim, isPinned: isPinned || claim.functions.isEmpty || !losses.isEmpty)
      : coming.map(\.declaration).joined(separator: "; ") + "; then: \(claim.withdrawal)"
    if let missed = examination.withoutEffect(claim) {
      return Finding(
        .bootClaim, .warning, on: claim.functions,
        message:
          "A kernel argument that gives \(what) is \(missed.statement)\(slots > 1 ? " \(harm)." : "")",
        evidence: evidence + missed.evidence, remedy: missed.remedy(way, against: losses, in: examination))
    }
    return Finding(
      .bootClaim, .warning, on: claim.functions,
      message:
        "\(claim.isInForce ? "A" : "\(when(claim, examination)), a") kernel argument gives \(what). \(harm).",
      evidence: evidence, remedy: way)
  }

  private func when(_ claim: Claim, _ examination: Examination) -> String {
    let isPossible = examination.settings.boot.possible.contains { claim.sources.contains($0.source) }
    return isPossible ? "If the boot loader starts the entry that has it" : "From the next boot on"
  }

  /// First the pin, then the argument: no boot is to find neither.
  private func wayOut(_ claim: Claim, isPinned: Bool) -> String {
    isPinned ? claim.withdrawal : "hostdev import --write; then: \(claim.withdrawal)"
  }
}
