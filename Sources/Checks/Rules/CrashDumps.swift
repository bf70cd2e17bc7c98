import Host
import PCI
import Settings

/// After a crash another kernel writes a dump. Does anything take the disk or the network card from it?
struct CrashDumps: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    guard let dump = examination.settings.crashDump else { return [] }
    let check = CrashCheck(dump: dump, examination: examination)
    let found = check.claims.compactMap(check.finding) + examination.crashImages.compactMap(check.finding)
    if !found.isEmpty { return found }
    return [
      Finding(
        .crashDump, .ok, message: "After a crash, no setting takes what the dump is written to.",
        evidence: check.evidence)
    ]
  }
}

/// One host that has such a kernel.
private struct CrashCheck {
  let dump: CrashDump
  let examination: Examination

  struct CrashClaim {
    let functions: [Address]
    let source: SourceLine
    let remedy: String
  }

  /// Of the words that it is started with, and of the copy of modprobe.d in its image.
  var claims: [CrashClaim] {
    let words = dump.arguments(running: examination.surroundings.commandLine.value ?? []).compactMap {
      argument -> CrashClaim? in
      guard let named = KernelWord.claim(argument.word) else { return nil }
      return CrashClaim(
        functions: examination.functions(named.ids), source: argument.source,
        remedy: remedy(argument))
    }
    let lines = examination.claims.filter { $0.tool == .modprobe }.flatMap { claim in
      claim.sources.map { source in
        let image = dump.images.first.map { dump.rebuild($0) } ?? dump.reload
        return CrashClaim(functions: claim.functions, source: source, remedy: "\(claim.withdrawal) && \(image)")
      }
    }
    return words + lines
  }

  private func remedy(_ argument: BootArgument) -> String {
    let key = argument.word.prefix { $0 != "=" }
    if argument.source.file != "/proc/cmdline" {
      return "edit \(argument.source.place) and remove \(argument.spelling), then: \(dump.reload)"
    }
    if dump.tool == .kdumpTools {
      return
        "\(examination.boot.withdrawal(of: argument.word)); after the next boot the crash kernel does not get it"
    }
    return "add \(key) to KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump, then: \(dump.reload)"
  }

  func finding(_ claim: CrashClaim) -> Finding? {
    let uses = carrying(claim.functions)
    guard let use = uses.first else { return unknown(claim) }
    let functions = Set(uses.map(\.function)).sorted()
    return Finding(
      .crashDump, isCertain(use) ? .error : .warning, on: functions,
      message:
        "After a crash, a setting gives \(functions.map(\.description).joined(separator: ", ")) to a guest driver as soon as that is loaded, and the dump is \(dump.way): then it is lost.",
      evidence: [Finding.Evidence(claim.source)] + evidence + uses.prefix(4).map(\.evidence),
      remedy: claim.remedy)
  }

  private func unknown(_ claim: CrashClaim) -> Finding? {
    let area: UnknownUse.Area = if case .network = dump.target { .network } else { .storage }
    let unread = examination.crashUsage.unknown.filter { claim.functions.contains($0.function) && $0.area == area }
    guard let first = unread.first else { return nil }
    return Finding(
      .crashDump, .unknown, on: Set(unread.map(\.function)).sorted(),
      message:
        "After a crash, a setting gives \(first.function) to a guest driver. Whether the dump is \(dump.way) could not be read.",
      evidence: [Finding.Evidence(claim.source)] + evidence + ["\(first.reason)"], remedy: claim.remedy)
  }

  /// An image that has pins: one that was made before hostdev's hooks knew of it, or by another maker.
  func finding(_ image: CrashImage) -> Finding? {
    let remedy = dump.rebuild(InitramfsPlace(kernel: image.kernel, path: image.path))
    if let fault = image.fault {
      return examination.pins.isEmpty
        ? nil
        : Finding(
          .crashDump, .unknown,
          message: "The initramfs of the crash kernel could not be read, so the pins in it are unknown.",
          evidence: .plain([image.path, fault]))
    }
    if image.pins.isEmpty { return nil }
    let functions = examination.pins.filter { image.pins.contains($0.name) }.flatMap(\.functions).sorted()
    let uses = carrying(functions)
    return Finding(
      .crashDump, uses.isEmpty ? .warning : .error, on: uses.isEmpty ? functions : Set(uses.map(\.function)).sorted(),
      message:
        "The initramfs of the crash kernel contains pins: it may give devices to a guest driver before the dump is written\(uses.isEmpty ? "" : ", and the dump is \(dump.way)").",
      evidence: .plain([image.path] + image.pins.map { "pin \($0)" }) + evidence
        + uses.prefix(4).map(\.evidence), remedy: remedy)
  }

  // MARK: What carries the dump

  private func carrying(_ functions: [Address]) -> [Use] {
    examination.crashUsage.uses.filter { functions.contains($0.function) && dump.goes(over: $0) }
  }

  private func isCertain(_ use: Use) -> Bool {
    guard case .network(nil) = dump.target else { return true }
    return use.kind == .defaultRoute
  }

  var evidence: [Finding.Evidence] {
    [dump.targetSource.map { Finding.Evidence($0) } ?? Finding.Evidence(value: "the dump is \(dump.way)")]
  }
}
