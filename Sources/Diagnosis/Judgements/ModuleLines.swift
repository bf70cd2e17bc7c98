import Host
import PCI

/// What modprobe.d and the lists of modules say besides hostdev.
struct ModuleLines: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let lines = (examination.surroundings.modprobeLines + examination.settings.moduleLines)
      .filter { $0.file != "/proc/cmdline" }
    let found = lines.compactMap { judge($0, examination) }
    if !found.isEmpty { return found }
    if examination.isCapture, examination.settings.missing.contains("/etc/modprobe.d") {
      return [
        ReadinessCheck(
          .moduleOptions, .unknown, "What modprobe.d says is not in this capture.", evidence: ["/etc/modprobe.d"])
      ]
    }
    return [
      ReadinessCheck(
        .moduleOptions, .ok, "No line of modprobe.d gives devices to vfio-pci, bars it, or orders it before another.",
        evidence: ["/etc/modprobe.d, /run/modprobe.d, /usr/lib/modprobe.d, /etc/modules, /etc/initramfs-tools/modules"])
    ]
  }

  private func judge(_ line: ModprobeLine, _ examination: Examination) -> ReadinessCheck? {
    let isVFIO = ["vfio_pci", "pci_stub"].contains(line.module)
    let drop = ShellCommand.chain([ShellCommand.commentOut(line.source), examination.settings.initramfs.update])
    switch line.command {
    case .options where isVFIO && !line.claimed.isEmpty:
      let functions = examination.functions(line.claimed)
      return ReadinessCheck(
        .moduleOptions, .warning, on: functions,
        "Whenever the module is loaded it takes every device with these ids, equal ones too: a pin names the one that is meant.",
        evidence: [line.source.description],
        remedy: functions.isEmpty ? drop : "hostdev import; then: \(drop)")
    case .blacklist where line.module == "vfio_pci":
      return ReadinessCheck(
        .moduleOptions, .info,
        "vfio-pci is not loaded by itself for what needs it; hostdev loads it by name, which this line does not bar.",
        evidence: [line.source.description])
    case .install where line.isFor("vfio_pci"):
      return ReadinessCheck(
        .moduleOptions, .warning,
        "Loading vfio-pci runs this command instead; whether it loads the module is its affair.",
        evidence: [line.source.description], remedy: drop)
    case .softdep where words(line.arguments, name: "vfio_pci"):
      return ReadinessCheck(
        .moduleOptions, .info,
        "vfio-pci is loaded before or after \(line.module); that is of use only with ids= options, and no pin needs it.",
        evidence: [line.source.description], remedy: drop)
    case .blacklist: return homeDriver(line, examination)
    default: return nil
    }
  }

  private func words(_ text: String, name: String) -> Bool {
    text.split(separator: " ").contains { ModuleNames.spelled($0) == name }
  }

  /// A function that is held and whose home driver may not be loaded for it: `release` leaves it without one.
  private func homeDriver(_ line: ModprobeLine, _ examination: Examination) -> ReadinessCheck? {
    let functions = examination.held.filter { hold in
      hold.home.driver.map { ModuleNames.spelled($0) == line.module } ?? false
    }.map(\.function)
    if functions.isEmpty { return nil }
    return ReadinessCheck(
      .moduleOptions, .info, on: functions,
      "\(line.module) is kept from being loaded by itself; release needs it loaded, or named: --driver \(line.module)",
      evidence: [line.source.description])
  }
}
