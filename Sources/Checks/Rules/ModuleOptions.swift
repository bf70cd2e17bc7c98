import Host
import PCI
import Settings

/// Lines of modprobe.d that decide over this set besides hostdev.
struct ModuleOptions: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    if situation.intent == .reset { return [] }
    let lines = situation.surroundings.modprobeLines.filter { $0.isFor("vfio_pci") }
    var found = lines.filter { $0.command == .options && lines.replacement(of: $0) == nil }.compactMap { line in
      claim(line, situation.functions.filter(line.claims))
    }
    if !situation.movesToUnloaded.isEmpty {
      found += lines.filter { $0.command == .install && !$0.isVoid }.map { line in
        Finding(
          .moduleOptions, .warning, on: situation.set,
          message:
            "A line of modprobe.d runs its own command to load vfio-pci. hostdev does not know whether that loads the module.",
          evidence: [Finding.Evidence(line.source)], remedy: "modprobe --show-depends vfio-pci")
      }
    }
    return found
  }

  private func claim(_ line: ModprobeLine, _ functions: [Function]) -> Finding? {
    guard !functions.isEmpty else { return nil }
    let names = functions.map { "\($0.address)" }.joined(separator: ", ")
    return Finding(
      .moduleOptions, .warning, on: functions.map(\.address),
      message:
        "A line of modprobe.d gives every device with these ids to vfio-pci, \(names) too. After the next boot \(functions.count == 1 ? "it" : "they") may be on another driver than now.",
      evidence: [Finding.Evidence(line.source)],
      remedy:
        "To let only hostdev decide: \(ShellCommand.commentOut(line.source)); then rebuild the initramfs, which has a copy"
    )
  }
}

/// What modprobe.d and the lists of modules say besides hostdev.
extension ModuleOptions: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let lines = (examination.surroundings.modprobeLines + examination.settings.moduleLines)
      .filter { $0.file != "/proc/cmdline" }
    let found =
      lines.compactMap { judge($0, examination) }
      + examination.modprobeSlips.map { slip in
        slip.finding(
          .moduleOptions, on: examination.functions(slip.ids),
          withdrawal: slip.sources.first.map { drop($0, examination) } ?? "")
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
    case .options where !line.claimed.isEmpty:
      // One that does not count is a slip.
      if examination.replacement(of: line) != nil || examination.isWithoutModule(line) { return nil }
      let functions = examination.functions(line.claimed)
      // No pin is made of what the host uses.
      let isUsed = examination.claims.contains { $0.sources == [line.source] && !examination.losses(to: $0).isEmpty }
      return Finding(
        .moduleOptions, .warning, on: functions,
        message:
          "When \(line.module) is loaded, it takes every device with these ids\(functions.isEmpty ? "; this host has none" : ": " + functions.map(\.description).joined(separator: ", ")). A pin takes only the one that you mean.",
        evidence: [Finding.Evidence(line.source)],
        remedy: functions.isEmpty || isUsed ? drop : "hostdev import --write; then: \(drop)")
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
      return Finding(
        .moduleOptions, .info,
        message:
          "vfio-pci is loaded before or after \(line.module). Only ids= options need this; pins do not.",
        evidence: [Finding.Evidence(line.source)], remedy: drop)
    case .blacklist: return homeDriver(line, examination)
    default: return nil
    }
  }

  /// An initramfs has a copy of modprobe.d.
  private func drop(_ source: SourceLine, _ examination: Examination) -> String {
    examination.settings.boot.tools.after([ShellCommand.commentOut(source)])
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
