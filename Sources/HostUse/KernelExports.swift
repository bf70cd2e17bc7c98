import Sysfs

/// A device or file that the kernel itself serves to others, NVMe or SCSI target: no process, mount or holder
/// shows that it is held.
struct KernelExport: Sendable {
  /// What is behind it.
  let path: String
  /// `nvmet nqn.2024-01.org.example:disk`, `SCSI target iblock_0/disk`.
  let detail: String

  /// From configfs: nvmet's `device_path`, LIO's `udev_path`.
  static func all(_ sysfs: any Sysfs) -> [KernelExport] {
    var found: [KernelExport] = []
    let subsystems = "/sys/kernel/config/nvmet/subsystems"
    for subsystem in sysfs.names(in: subsystems) {
      for namespace in sysfs.names(in: "\(subsystems)/\(subsystem)/namespaces") {
        let folder = "\(subsystems)/\(subsystem)/namespaces/\(namespace)"
        guard sysfs.fact("\(folder)/enable").value != "0" else { continue }
        add(sysfs.fact("\(folder)/device_path").value, "nvmet \(subsystem)", to: &found)
      }
    }
    let core = "/sys/kernel/config/target/core"
    for store in sysfs.names(in: core) where store != "alua" {
      for name in sysfs.names(in: "\(core)/\(store)") {
        add(sysfs.fact("\(core)/\(store)/\(name)/udev_path").value, "SCSI target \(store)/\(name)", to: &found)
      }
    }
    return found
  }

  private static func add(_ path: String?, _ detail: String, to found: inout [KernelExport]) {
    guard let path, path.hasPrefix("/") else { return }
    found.append(KernelExport(path: path, detail: detail))
  }
}
