import Assessment
import Host
import PCI

/// Is vfio-pci there, or can it be loaded?
struct Modules: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let around = examination.surroundings
    let finding = Assessment.hostFindings(in: examination.situation(examination.endpoints))
      .first { $0.code == .moduleMissing }
    if let finding {
      return [
        ReadinessCheck(
          .moduleMissing, .error, finding.message, evidence: finding.evidence.map(\.description),
          remedy: remedy(finding, examination))
      ]
    }
    let release = around.kernelRelease.value ?? "?"
    switch around.vfioPCI {
    case .loaded:
      return [ReadinessCheck(.moduleMissing, .ok, "vfio-pci is loaded.", evidence: ["/sys/module/vfio_pci"])]
    case .builtIn:
      return [
        ReadinessCheck(
          .moduleMissing, .ok, "vfio-pci is built into this kernel.",
          evidence: ["/lib/modules/\(release)/modules.builtin"])
      ]
    case .loadable, .missing:
      return [
        ReadinessCheck(
          .moduleMissing, .ok, "vfio-pci is not loaded, and can be: bind loads it.",
          evidence: ["/lib/modules/\(release)"])
      ]
    case .unknown:
      return [
        ReadinessCheck(
          .moduleMissing, .unknown, "Whether this kernel has vfio-pci could not be read.",
          evidence: ["/lib/modules/\(release)/modules.dep"], remedy: "modprobe --show-depends vfio-pci")
      ]
    }
  }

  /// Where the kernel's command line bars it: the boot loader's file and line.
  private func remedy(_ finding: Finding, _ examination: Examination) -> String {
    let words = (examination.surroundings.commandLine.value ?? []).filter { word in
      finding.evidence.contains { $0.path == "/proc/cmdline" && $0.value == word }
    }
    let removals = words.map { examination.settings.boot.removal(of: $0) }.filter { !$0.isEmpty }
    return removals.isEmpty ? finding.remedy : ShellCommand.chain(removals + ["systemctl reboot"])
  }
}
