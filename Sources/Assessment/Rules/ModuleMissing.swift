import Host
import PCI

/// vfio-pci is not in the kernel, and cannot be loaded.
struct ModuleMissing: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard let function = situation.movesToUnloaded.first else { return [] }
    let around = situation.surroundings
    func finding(_ why: String, _ evidence: Finding.Evidence, remedy: String) -> [Finding] {
      [
        Finding(
          .moduleMissing, .error, on: situation.set,
          message:
            "vfio-pci is not loaded and cannot be: \(why). Without it no guest can be given \(function.address).",
          evidence: [evidence], remedy: remedy)
      ]
    }
    let release = around.kernelRelease.value ?? "$(uname -r)"
    if around.vfioPCI == .missing {
      return finding(
        "this kernel was built or installed without it",
        Finding.Evidence(path: "/lib/modules/\(release)/modules.dep", value: "no vfio-pci.ko"),
        remedy: "find /lib/modules/\(release) -name 'vfio-pci.ko*', and install the kernel package that has it")
    }
    if around.areModulesDisabled.value == true {
      return finding(
        "loading modules is switched off until the next boot",
        Finding.Evidence(path: "/proc/sys/kernel/modules_disabled", value: "1"),
        remedy: "echo vfio-pci > /etc/modules-load.d/vfio-pci.conf && systemctl reboot")
    }
    let words = around.commandLine.value ?? []
    if let word = words.first(where: Self.bars) {
      return finding(
        "the kernel was told to refuse it", Finding.Evidence(path: "/proc/cmdline", value: word),
        remedy: "Boot without \(word) on the kernel's command line")
    }
    if let line = around.modprobeLines.first(where: { $0.command == .install && $0.isFor("vfio_pci") && $0.isVoid }) {
      return finding(
        "modprobe is told to run something else instead", line.evidence,
        remedy: "sed -i '\(line.line)s/^/#/' \(line.file)")
    }
    return []
  }

  /// `module_blacklist=` is the kernel's own, for whatever way a module is loaded; `blacklist` of modprobe.d and
  /// `modprobe.blacklist=` stop aliases alone.
  private static func bars(_ word: String) -> Bool {
    guard word.hasPrefix("module_blacklist=") else { return false }
    return word.dropFirst("module_blacklist=".utf8.count).split(separator: ",")
      .contains { ["vfio", "vfio_pci", "vfio_pci_core"].contains($0.replacing("-", with: "_")) }
  }
}
