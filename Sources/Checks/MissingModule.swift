import Host
import PCI
import Settings

/// Functions are to go to vfio-pci, which is not in the kernel and cannot be loaded.
public struct MissingModule: Sendable, Equatable {
  /// What keeps it out.
  enum Obstacle: Sendable, Equatable {
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
      case .diverted(let line): ShellCommand.commentOut(line.source)
      }
    }
  }

  let obstacle: Obstacle
  /// The first of those that need it.
  let function: Address

  /// Nil if it is there, or can be loaded, or nothing needs it.
  init?(in situation: Situation) {
    guard let function = situation.movesToUnloaded.first, let obstacle = Obstacle(situation.surroundings) else {
      return nil
    }
    self.obstacle = obstacle
    self.function = function.address
  }

  /// In words, without the full stop.
  public var statement: String {
    "vfio-pci is not loaded, and cannot be: \(obstacle.reason). Without it no guest can have \(function)"
  }

  public var evidence: Finding.Evidence { obstacle.evidence }
  public var remedy: String { obstacle.remedy }
}
