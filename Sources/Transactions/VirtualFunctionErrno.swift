import Planning
import System

/// Why the kernel refuses a number of virtual functions (`sriov_numvfs_store` and `sriov_enable` of drivers/pci/iov.c).
enum VirtualFunctionErrno {
  /// What the errno means and what to do; nil for other steps and errnos.
  static func reason(_ step: Step, _ errno: String) -> String? {
    guard step.isRenumbering, let function = step.function else { return nil }
    let folder = "/sys/bus/pci/devices/\(function)"
    switch errno {
    case Errno.range.name: return "its driver allows fewer: cat \(folder)/sriov_totalvfs"
    case Errno.busy.name:
      return
        "its number of virtual functions has changed, or its driver is busy: cat \(folder)/sriov_numvfs; dmesg"
    case Errno.noEntry.name:
      return
        "its driver has no sriov_configure, so it cannot create virtual functions (vfio-pci: only with enable_sriov): readlink \(folder)/driver"
    case Errno.noMemory.name, Errno.noSpace.name:
      return "no bus numbers or memory ranges are left for them: dmesg; boot with pci=assign-busses or pci=realloc"
    case Errno.io.name, Errno.noDevice.name: return "its driver or the device failed: dmesg"
    default: return nil
    }
  }
}
