import Host
import PCI
import Settings
import Sysfs

/// Reads what holds for the whole host: boot arguments, IOMMU, modules.
public struct SurroundingsReader: Sendable {
  private let sysfs: any Sysfs
  private let isCapture: Bool

  /// A capture may lack any file: what is not there is unknown. On a host it is absent.
  public init(_ sysfs: any Sysfs, isCapture: Bool) {
    self.sysfs = sysfs
    self.isCapture = isCapture
  }

  public func read() -> Surroundings {
    var here = Surroundings()
    here.commandLine = KernelCommandLine.read(sysfs)
    here.kernelRelease = kernelRelease()
    here.iommus = listing("/sys/class/iommu")
    here.firmwareTables = listing("/sys/firmware/acpi/tables").map { names in
      names.filter { ["DMAR", "IVRS", "IORT"].contains($0) }
    }
    here.isARM = isARM(release: here.kernelRelease.value ?? "")
    here.interruptRemapping = InterruptRemapping(sysfs: sysfs, commandLine: here.commandLine.value ?? []).isOn
    here.allowsUnsafeInterrupts = flag("vfio_iommu_type1", "allow_unsafe_interrupts")
    here.isDenylistDisabled = flag("vfio_pci", "disable_denylist")
    here.areModulesDisabled = file("/proc/sys/kernel/modules_disabled").map { $0 == "1" }
    here.lockdown = lockdown
    here.secureBoot = secureBoot
    let tables = ModuleTables(sysfs: sysfs, release: here.kernelRelease.value, isCapture: isCapture)
    here.vfioPCI = tables.vfioPCI()
    here.builtInModules = tables.builtIn()
    here.modprobeLines = ModprobeFiles.read(sysfs, commandLine: here.commandLine.value ?? [])
    let effects = ArgumentEffects(sysfs: sysfs)
    here.bootFramebuffers = effects.bootFramebuffers()
    here.parameters = effects.parameters(here.commandLine.value ?? [], here.modprobeLines)
    here.confinements = ConfinementReader(sysfs: sysfs).read()
    return here
  }

  /// By the tables that only the firmware of such a machine has, the processor, or the name of the kernel.
  private func isARM(release: String) -> Fact<Bool> {
    let tables = sysfs.names(in: "/sys/firmware/acpi/tables")
    if tables.contains("IORT") || tables.contains("GTDT") { return .known(true) }
    if tables.contains("DMAR") || tables.contains("IVRS") { return .known(false) }
    let processor = sysfs.fact("/proc/cpuinfo").value ?? ""
    if processor.contains("CPU implementer") || release.contains("arm64") || release.contains("aarch64") {
      return .known(true)
    }
    return processor.contains("vendor_id") || release.contains("amd64") || release.contains("x86_64")
      ? .known(false) : .unknown
  }

  /// `[none] integrity confidentiality`: the one in brackets holds. Absent in a kernel without lockdown.
  private var lockdown: Fact<String> {
    let folder = "/sys/kernel/security"
    let text = sysfs.fact("\(folder)/lockdown")
    if text.isAbsent, !isCapture, !sysfs.names(in: folder).isEmpty { return .absent }
    guard let text = text.value, let word = words(text).first(where: { $0.hasPrefix("[") }) else { return .unknown }
    return .known(String(word.dropFirst().dropLast()))
  }

  /// The variable SecureBoot of the EFI specification: four bytes of attributes, then 0 or 1.
  private var secureBoot: Fact<Bool> {
    let path = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    if let bytes = try? sysfs.read(path), bytes.count == 5 { return .known(bytes[4] == 1) }
    return sysfs.exists("/sys/firmware") && !sysfs.exists("/sys/firmware/efi") ? .absent : .unknown
  }

  /// A file that every kernel has: if it is not there, it was not captured.
  private func file(_ path: String) -> Fact<String> { sysfs.fact(path).value.map { .known($0) } ?? .unknown }

  /// Names in a folder; absent if a kernel has none. A capture may have left it out.
  private func listing(_ path: String) -> Fact<[String]> {
    do { return .known(try sysfs.entries(path)) } catch {
      return error.errno == .noEntry && !isCapture ? .absent : .unknown
    }
  }

  /// A boolean module parameter; absent if the module is not there and other modules are.
  private func flag(_ module: String, _ parameter: String) -> Fact<Bool> {
    if let text = sysfs.fact("/sys/module/\(module)/parameters/\(parameter)").value {
      return .known(text == "Y" || text == "1")
    }
    return sysfs.exists("/sys/module") && !sysfs.exists("/sys/module/\(module)") ? .absent : .unknown
  }

  private func kernelRelease() -> Fact<String> {
    if let release = sysfs.fact("/proc/sys/kernel/osrelease").value { return .known(release) }
    // `Linux version 6.12.1 (…) …`
    let version = words(sysfs.fact("/proc/version").value ?? "")
    if version.count > 2 { return .known(version[2]) }
    let installed = sysfs.names(in: "/lib/modules")
    return installed.count == 1 ? installed.first.map { .known($0) } ?? .unknown : .unknown
  }
}
