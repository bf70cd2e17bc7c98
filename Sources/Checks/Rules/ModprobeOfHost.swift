import Host
import PCI
import Settings

/// What modprobe.d and the lists of modules say besides hostdev.
extension ModuleOptions: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let lines = (examination.surroundings.modprobeLines + examination.settings.moduleLines)
      .filter { $0.file != "/proc/cmdline" }
    let found =
      lines.compactMap { judge($0, examination) }
      + examination.modprobeSlips.map { slip in
        examination.finding(
          of: slip, .moduleOptions, withdrawal: slip.sources.first.map { drop($0, examination) } ?? "")
      }
    if !found.isEmpty { return found }
    if examination.isCapture, examination.settings.missing.contains("/etc/modprobe.d") {
      return [
        Finding(
          .moduleOptions, .unknown, message: "This capture does not contain /etc/modprobe.d.",
          evidence: ["/etc/modprobe.d"])
      ]
    }
    return [
      Finding(
        .moduleOptions, .ok,
        message: "No line of modprobe.d gives devices to vfio-pci, blocks it, or sets when it is loaded.",
        evidence: ["/etc/modprobe.d, /run/modprobe.d, /usr/lib/modprobe.d, /etc/modules, /etc/initramfs-tools/modules"])
    ]
  }

  private func judge(_ line: ModprobeLine, _ examination: Examination) -> Finding? {
    let drop = drop(line.source, examination)
    switch line.command {
    case .options where line.claimed.contains { !$0.isPlace }:
      // One that does not count is a slip.
      if examination.replacement(of: line) != nil || examination.isWithoutModule(line) { return nil }
      return ids(line, examination, withdrawal: drop)
    case .blacklist where line.module == "vfio_pci":
      return Finding(
        .moduleOptions, .info,
        message:
          "This line keeps vfio-pci from being loaded automatically. hostdev loads it by name, which still works.",
        evidence: [Finding.Evidence(line.source)])
    case .install where line.isFor("vfio_pci"):
      return Finding(
        .moduleOptions, .warning,
        message:
          "This line runs its own command to load vfio-pci. hostdev does not know whether that loads the module.",
        evidence: [Finding.Evidence(line.source)], remedy: drop)
    case .softdep where words(line.arguments, name: "vfio_pci"):
      // Of ids= that are only written wrong, the right form needs it too.
      let isNeeded =
        examination.claims.contains { $0.tool == .kernel || $0.tool == .modprobe } || !examination.kernelSlips.isEmpty
        || !examination.modprobeSlips.isEmpty
      return Finding(
        .moduleOptions, .info,
        message: isNeeded
          ? "vfio-pci is loaded before or after \(line.module). The ids= of this host need this line."
          : "vfio-pci is loaded before or after \(line.module). Only ids= options need this; pins do not.",
        evidence: [Finding.Evidence(line.source)], remedy: isNeeded ? "" : drop)
    case .blacklist: return homeDriver(line, examination) ?? ineffective(line, examination)
    case .install: return ineffective(line, examination)
    default: return nil
    }
  }

  /// A warning if a claim is on what it was meant to keep free.
  private func ineffective(_ line: ModprobeLine, _ examination: Examination) -> Finding? {
    guard let lack = examination.ineffective(line) else { return nil }
    let wanted = Set(examination.claims.flatMap(\.functions))
    return Finding(
      .moduleOptions, wanted.isDisjoint(with: lack.functions) ? .info : .warning, on: lack.functions,
      message: "This line is without effect: \(lack.reason).",
      evidence: [Finding.Evidence(line.source)] + lack.evidence, remedy: lack.remedy)
  }

  private func ids(_ line: ModprobeLine, _ examination: Examination, withdrawal drop: String) -> Finding {
    let functions = examination.functions(line.claimed)
    let claim = examination.claims.first { $0.sources == [line.source] }
    let missed = claim.flatMap(examination.withoutEffect)
    // No pin is made of what the host uses.
    let losses = claim.map(examination.losses) ?? []
    let coming = functions.isEmpty ? examination.physicals(toCome: line.claimed) : []
    let way =
      !coming.isEmpty
      ? coming.map(\.declaration).joined(separator: "; ") + "; then: \(drop)"
      : functions.isEmpty || !losses.isEmpty ? drop : "hostdev import --write; then: \(drop)"
    let names = functions.map(\.description).joined(separator: ", ")
    let taken =
      !coming.isEmpty
      ? ": \(coming.map(\.phrase).joined(separator: ", "))" : functions.isEmpty ? "; this host has none" : ": \(names)"
    return Finding(
      .moduleOptions, .warning, on: functions,
      message: missed.map { "A line of modprobe.d that gives \(names) to \($0.driver) is \($0.statement)" }
        ?? "When \(line.module) is loaded, it takes every device with these ids\(taken). A pin takes only the one that you mean.",
      evidence: [Finding.Evidence(line.source)] + (missed?.evidence ?? []),
      remedy: missed?.remedy(way, against: losses, in: examination) ?? way)
  }

  /// An initramfs has a copy of modprobe.d.
  private func drop(_ source: SourceLine, _ examination: Examination) -> String {
    examination.boot.without([source])
  }

  private func words(_ text: String, name: String) -> Bool {
    text.split(separator: " ").contains { ModuleNames.spelled($0) == name }
  }

  /// A function that is held and whose home driver may not be loaded for it: `release` leaves it without one.
  private func homeDriver(_ line: ModprobeLine, _ examination: Examination) -> Finding? {
    let functions = examination.held.filter { hold in
      hold.homeDriver.map { ModuleNames.spelled($0) == line.module } ?? false
    }.map(\.function)
    if functions.isEmpty { return nil }
    return Finding(
      .moduleOptions, .info, on: functions,
      message:
        "This line keeps \(line.module) from being loaded automatically. To release to it, load it first or use --driver \(line.module).",
      evidence: [Finding.Evidence(line.source)])
  }
}
