import Host
import PCI
import Settings

/// vfio-pci is not in the kernel, and cannot be loaded.
struct ModuleMissing: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard let missing = MissingModule(in: situation) else { return [] }
    return [
      Finding(
        .moduleMissing, .error, on: situation.set, message: missing.statement + ".", evidence: [missing.evidence],
        remedy: missing.remedy)
    ]
  }
}

/// Is vfio-pci there, or can it be loaded?
extension ModuleMissing: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let around = examination.surroundings
    if let found = findings(in: examination.situation(examination.endpoints)).first {
      return [found.ofHost(remedy: removal(examination) ?? found.remedy)]
    }
    let release = around.kernelRelease.value ?? "?"
    switch around.vfioPCI {
    case .loaded:
      return [Finding(.moduleMissing, .ok, message: "vfio-pci is loaded.", evidence: ["/sys/module/vfio_pci"])]
    case .builtIn:
      return [
        Finding(
          .moduleMissing, .ok, message: "vfio-pci is built into this kernel.",
          evidence: ["/lib/modules/\(release)/modules.builtin"])
      ]
    case .loadable, .missing:
      return [
        Finding(
          .moduleMissing, .ok, message: "vfio-pci is not loaded; bind loads it.",
          evidence: ["/lib/modules/\(release)"])
      ]
    case .unknown:
      return [
        Finding(
          .moduleMissing, .unknown, message: "Whether this kernel has vfio-pci could not be read.",
          evidence: ["/lib/modules/\(release)/modules.dep"], remedy: "modprobe --show-depends vfio-pci")
      ]
    }
  }

  /// Where the kernel's command line bars it: out of the boot loader's file. Nil where it has no part in it.
  private func removal(_ examination: Examination) -> String? {
    guard case .refused(let word) = MissingModule.Obstacle(examination.surroundings) else { return nil }
    let removal = examination.boot.removal(of: word)
    return removal.isEmpty ? nil : ShellCommand.chain([removal, "systemctl reboot"])
  }
}
