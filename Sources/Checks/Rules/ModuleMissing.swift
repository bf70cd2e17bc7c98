import Host
import PCI
import Settings

/// vfio-pci is not in the kernel, and cannot be loaded.
struct ModuleMissing: SetRule {
  /// What keeps it out.
  private enum Obstacle {
    case notInstalled(release: String)
    /// `kernel.modules_disabled`.
    case loadingDisabled
    /// `module_blacklist=`: the kernel's own, for whatever way a module is loaded; `blacklist` of modprobe.d and
    /// `modprobe.blacklist=` stop aliases alone.
    case refused(word: String)
    /// `install vfio-pci /bin/false`.
    case diverted(ModprobeLine)

    init?(_ around: Surroundings) {
      if around.vfioPCI == .missing {
        self = .notInstalled(release: around.kernelRelease.value ?? "$(uname -r)")
      } else if around.areModulesDisabled.value == true {
        self = .loadingDisabled
      } else if let word = (around.commandLine.value ?? []).first(where: Self.bars) {
        self = .refused(word: word)
      } else if let line = around.modprobeLines.first(where: {
        $0.command == .install && $0.isFor("vfio_pci") && $0.isVoid
      }) {
        self = .diverted(line)
      } else {
        return nil
      }
    }

    private static func bars(_ word: String) -> Bool {
      guard word.hasPrefix("module_blacklist=") else { return false }
      return word.dropFirst("module_blacklist=".utf8.count).split(separator: ",")
        .contains { ["vfio", "vfio_pci", "vfio_pci_core"].contains($0.replacing("-", with: "_")) }
    }

    var reason: String {
      switch self {
      case .notInstalled: "this kernel does not have the module"
      case .loadingDisabled: "loading of modules is disabled until the next boot"
      case .refused: "the kernel command line forbids it"
      case .diverted: "a line of modprobe.d runs another command instead"
      }
    }

    var evidence: Finding.Evidence {
      switch self {
      case .notInstalled(let release):
        Finding.Evidence(path: "/lib/modules/\(release)/modules.dep", value: "no vfio-pci.ko")
      case .loadingDisabled: Finding.Evidence(path: "/proc/sys/kernel/modules_disabled", value: "1")
      case .refused(let word): Finding.Evidence(path: "/proc/cmdline", value: word)
      case .diverted(let line): Finding.Evidence(line.source)
      }
    }

    var remedy: String {
      switch self {
      case .notInstalled(let release):
        "Install the kernel package that has it, then check: find /lib/modules/\(release) -name 'vfio-pci.ko*'"
      case .loadingDisabled: "echo vfio-pci > /etc/modules-load.d/vfio-pci.conf && systemctl reboot"
      case .refused(let word): "Boot without \(word) on the kernel command line"
      case .diverted(let line): "sed -i '\(line.line)s/^/#/' \(line.file)"
      }
    }
  }

  func findings(in situation: Situation) -> [Finding] {
    guard let function = situation.movesToUnloaded.first, let obstacle = Obstacle(situation.surroundings) else {
      return []
    }
    return [
      Finding(
        .moduleMissing, .error, on: situation.set,
        message:
          "vfio-pci is not loaded, and cannot be: \(obstacle.reason). Without it no guest can have \(function.address).",
        evidence: [obstacle.evidence], remedy: obstacle.remedy)
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
    guard case .refused(let word) = Obstacle(examination.surroundings) else { return nil }
    let removal = examination.settings.boot.removal(of: word)
    return removal.isEmpty ? nil : ShellCommand.chain([removal, "systemctl reboot"])
  }
}
