import System
import Testing

@testable import KernelSimulator

@Suite struct ModuleTests {
  @Test func loadingMakesTheDriver() throws {
    let capture = try SimulatedCapture()
    try capture.sysfs.loadModule("vfio-pci")
    #expect(
      capture.tree.names("/sys/bus/pci/drivers/vfio-pci") == [
        "bind", "module", "new_id", "remove_id", "uevent", "unbind",
      ])
    #expect(capture.tree.exists("/sys/module/vfio_pci"))
    #expect(capture.tree.exists("/dev/vfio/vfio"))
  }

  @Test func idsOfModprobeClaimUnboundFunctionsUnlessTheyAreOverruled() throws {
    for (arguments, driver) in [([], "vfio-pci"), (["ids="], nil)] {
      let capture = try SimulatedCapture()
      let folder = try capture.function("0000:01:00.0", group: 1)
      try capture.function("0000:02:00.0", driver: "e1000e")
      try capture.file("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:10d3\n")
      try capture.sysfs.loadModule("vfio-pci", arguments: arguments)
      #expect(capture.tree.linkName("\(folder)/driver") == driver)
      #expect(capture.tree.linkName("/sys/bus/pci/devices/0000:02:00.0/driver") == "e1000e")
    }
  }

  @Test func anInstallLineAndDisabledModulesFail() throws {
    let capture = try SimulatedCapture()
    try capture.file("/etc/modprobe.d/no.conf", "install vfio-pci /bin/false\nblacklist e1000e\n")
    #expect(throws: ModuleError.self) { try capture.sysfs.loadModule("vfio_pci") }
    try capture.sysfs.loadModule("e1000e")
    try capture.file("/proc/sys/kernel/modules_disabled", "1\n")
    #expect(throws: ModuleError.self) { try capture.sysfs.loadModule("nvme") }
    // What is loaded stays loaded.
    try capture.sysfs.loadModule("e1000e")
  }

  @Test func aliasesSayWhichFunctionsALoadedDriverTakes() throws {
    let capture = try SimulatedCapture()
    try capture.file("/lib/modules/6.12.0/modules.alias", "alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n")
    try capture.file("/lib/modules/6.12.0/modules.dep", "kernel/e1000e.ko:\nkernel/lib/crc8.ko:\n")
    let folder = try capture.function("0000:01:00.0")
    let other = try capture.function("0000:02:00.0", ids: "0x1af4 0x1041")
    try capture.sysfs.loadModule("e1000e")
    #expect(capture.tree.linkName("\(folder)/driver") == "e1000e")
    #expect(capture.tree.linkName("\(other)/driver") == nil)
    // A library is not a driver.
    try capture.sysfs.loadModule("crc8")
    #expect(!capture.tree.exists("/sys/bus/pci/drivers/crc8"))
  }
}
