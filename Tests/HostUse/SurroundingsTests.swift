import Inventory
import Host
import HostUse
import PCI
import Sysfs
import Testing

@Suite("Boot arguments, IOMMU, modules")
struct SurroundingsTests {
  private func surroundings(_ host: CapturedHost, isRehearsal: Bool = false) -> Surroundings {
    SurroundingsReader(TreeSysfs(host.root, isWritable: false), isCapture: isRehearsal).read()
  }

  @Test("a bare tree knows nothing, and a capture can load what it does not mention")
  func bare() throws {
    let here = try surroundings(CapturedHost(), isRehearsal: true)
    var expected = Surroundings()
    expected.vfioPCI = .loadable
    #expect(here == expected)
  }

  @Test("command line, IOMMU, parameters")
  func facts() throws {
    let host = try CapturedHost()
    try host.file("/proc/cmdline", "quiet pcie_acs_override=downstream modprobe.blacklist=nouveau,vfio-pci\n")
    try host.file("/sys/class/iommu/dmar0/intel-iommu/ecap", "f020de\n")
    try host.file("/sys/firmware/acpi/tables/DMAR")
    try host.file("/sys/firmware/acpi/tables/FACP")
    try host.file("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n")
    try host.file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
    let here = surroundings(host)
    #expect(here.overridesACS == .known(true))
    #expect(here.iommus == .known(["dmar0"]) && here.firmwareTables == .known(["DMAR"]))
    #expect(here.interruptRemapping == .known(true) && here.allowsUnsafeInterrupts == .known(true))
    #expect(here.isDenylistDisabled == .absent && here.lockdown == .known("integrity"))
    #expect(here.modprobeLines.map(\.module) == ["nouveau", "vfio_pci"])
  }

  @Test(
    "interrupts say whether they are remapped", arguments: [(" IR-PCI-MSI-0000:00", true), (" PCI-MSI-0000:00", false)])
  func interrupts(_ chip: String, _ isOn: Bool) throws {
    let host = try CapturedHost()
    try host.file("/proc/interrupts", "  CPU0\n 24: 7 \(chip) 0-edge nvme0q0\n")
    #expect(surroundings(host).interruptRemapping == .known(isOn))
  }

  @Test("where the vfio-pci module is")
  func module() throws {
    let host = try CapturedHost()
    try host.file("/proc/sys/kernel/osrelease", "6.1\n")
    #expect(surroundings(host).vfioPCI == .missing)
    try host.file("/lib/modules/6.1/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/a.ko\n")
    #expect(surroundings(host).vfioPCI == .loadable)
    try host.file("/lib/modules/6.1/modules.builtin", "kernel/drivers/vfio/pci/vfio-pci.ko\n")
    #expect(surroundings(host).vfioPCI == .builtIn)
    try host.folder("/sys/module/vfio_pci")
    #expect(surroundings(host).vfioPCI == .loaded)
  }
}
