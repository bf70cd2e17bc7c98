import PCI
import Sysfs

/// Whether interrupts are remapped, by what the kernel shows of it.
struct InterruptRemapping {
  let sysfs: any Sysfs
  let commandLine: [String]

  var isOn: Fact<Bool> {
    let off: Set = ["intremap=off", "nointremap"]
    if commandLine.contains(where: off.contains) { return .known(false) }
    return byInterrupts.or(byCapability)
  }

  /// x86 names the chip of a remapped interrupt `IR-PCI-MSI`, `IR-IO-APIC`; of another one `PCI-MSI`, `IO-APIC`.
  private var byInterrupts: Fact<Bool> {
    guard let text = sysfs.fact("/proc/interrupts").value else { return .unknown }
    if text.contains(" IR-") { return .known(true) }
    return text.contains(" PCI-MSI") || text.contains(" IO-APIC") ? .known(false) : .unknown
  }

  /// VT-d: Extended Capability Register bit 3 of every unit. It says that the unit can, and the kernel then does.
  private var byCapability: Fact<Bool> {
    let registers = sysfs.names(in: "/sys/class/iommu").compactMap { unit in
      sysfs.fact("/sys/class/iommu/\(unit)/intel-iommu/ecap").value
    }
    let values = registers.compactMap { parseHex($0, as: UInt64.self) }
    guard !values.isEmpty, values.count == registers.count else { return .unknown }
    return .known(values.allSatisfy { $0 & 1 << 3 != 0 })
  }
}
