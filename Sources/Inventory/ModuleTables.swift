import Host
import PCI
import Sysfs

/// Looks a module up: in the kernel, and among the files that `depmod(8)` made for it.
struct ModuleTables {
  let sysfs: any Sysfs
  let release: String?
  let isCapture: Bool

  /// A capture that does not mention the module can load it.
  func vfioPCI() -> ModuleState {
    if sysfs.exists("/sys/module/vfio_pci") || sysfs.exists("/sys/bus/pci/drivers/vfio-pci") { return .loaded }
    guard let release else { return isCapture ? .loadable : .unknown }
    let folder = "/lib/modules/\(release)"
    if mentions("\(folder)/modules.builtin") { return .builtIn }
    if sysfs.names(in: "\(folder)/kernel/drivers/vfio/pci").contains(where: { $0.hasPrefix("vfio-pci.ko") }) {
      return .loadable
    }
    if mentions("\(folder)/modules.dep") || isCapture { return .loadable }
    switch sysfs.fact("\(folder)/modules.dep") {
    case .known, .absent: return .missing
    case .unknown: return .unknown
    }
  }

  /// `kernel/drivers/nvme/host/nvme.ko` for each that is part of the kernel.
  func builtIn() -> Fact<Set<String>> {
    guard let release, let text = sysfs.fact("/lib/modules/\(release)/modules.builtin").value else { return .unknown }
    return .known(
      Set(textLines(text).map { ModuleNames.spelled(lastName(String($0)).prefix { $0 != "." }) }))
  }

  private func mentions(_ path: String) -> Bool { sysfs.fact(path).value?.contains("/vfio-pci.ko") ?? false }
}
