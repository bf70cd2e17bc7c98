import Host
import PCI

/// vfio-pci's own deny list (`vfio_pci_dev_in_denylist` of drivers/vfio/pci/vfio_pci.c): its probe is EINVAL for these.
struct Denylisted: SetRule {
  /// QuickAssist, and the data streaming and analytics accelerators of Sapphire Rapids: unsafe to share by their errata.
  private static let intel: Set<UInt16> = [0x19e2, 0x19e3, 0x37c8, 0x37c9, 0x0435, 0x0443, 0x0b25, 0x0cfe]

  func findings(in situation: Situation) -> [Finding] {
    let around = situation.surroundings
    guard case .assign("vfio-pci") = situation.intent, around.isDenylistDisabled.value != true else { return [] }
    // The next load takes it from there.
    if !Self.isThere(around), Self.isConfigured(around) { return [] }
    return situation.functions.compactMap { function in
      guard let id = function.id, id.vendor == 0x8086, Self.intel.contains(id.device) else { return nil }
      return Finding(
        .denylisted, .error, on: [function.address],
        message:
          "vfio-pci refuses \(id): the device is on the kernel's deny list, because a guest can use it to harm the host.",
        evidence: ["/sys/module/vfio_pci/parameters/disable_denylist: N or not loaded"],
        remedy: Self.remedy(function, in: situation))
    }
  }

  private static func isThere(_ around: Surroundings) -> Bool {
    around.vfioPCI == .loaded || around.vfioPCI == .builtIn
  }

  /// `disable_denylist=1` of modprobe.d or the kernel command line.
  private static func isConfigured(_ around: Surroundings) -> Bool {
    let words = (around.commandLine.value ?? []).compactMap { word in
      ["vfio-pci.", "vfio_pci."].first(where: word.hasPrefix).map { word.dropFirst($0.utf8.count) }
    }
    let lines = around.modprobeLines.filter { $0.command == .options && $0.isFor("vfio_pci") }
    return (words + lines.flatMap { $0.arguments.split(separator: " ") }).contains {
      ["disable_denylist", "disable_denylist=1", "disable_denylist=Y", "disable_denylist=y"].contains($0)
    }
  }

  /// Its VFs, if it has any, else the parameter: that can only be given while the module is loaded (mode 0444).
  private static func remedy(_ function: Function, in situation: Situation) -> String {
    let around = situation.surroundings
    let hasVFs = function.physicalFunction.value == nil && (function.virtualFunctionTotals.value?.total ?? 0) > 0
    let isBusy = situation.host.functions.contains { $0.driver.value == "vfio-pci" }
    let option = "echo 'options vfio-pci disable_denylist=1' > /etc/modprobe.d/vfio-pci-denylist.conf"
    let allow =
      switch around.vfioPCI {
      case .builtIn where isConfigured(around): "this kernel was told to, and did not: see dmesg"
      case .builtIn: "boot with vfio-pci.disable_denylist=1 on the kernel command line"
      case .loaded where isConfigured(around):
        isBusy ? "it is configured for the next boot: systemctl reboot" : "modprobe -r vfio-pci"
      case .loaded: option + (isBusy ? " && systemctl reboot" : " && modprobe -r vfio-pci")
      case .loadable, .missing, .unknown: option
      }
    return (hasVFs ? "Give guests its VFs; or, if" : "If") + " you trust the guest: \(allow)"
  }
}
