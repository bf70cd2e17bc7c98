import Host
import Sysfs

/// Network of a set: its interfaces, and whether all of them were shown.
struct NetworkArea {
  let sysfs: any Sysfs
  let mounts: MountTable
  let ssh: SSHOrigin?

  func survey(_ functions: [Surveyed], into usage: inout Usage) {
    let concerned = functions.filter { $0.has("net") || $0.has("infiniband") }
    if !concerned.isEmpty {
      let tables = NetworkTables(sysfs)
      let interfaces = InterfaceUse(
        sysfs: sysfs, tables: tables, ssh: ssh, storage: RemoteStorage.all(sysfs, mounts))
      for function in concerned {
        usage.uses += interfaces.uses(of: function)
        if tables.isUnknown {
          usage.unknown.append(
            UnknownUse(function: function.address, area: .network, reason: "/proc/net/route could not be read"))
        }
      }
    }
    for function in functions where function.isHostDriven && function.function.classCode.value?.isNetwork == true {
      guard !function.has("net") else { continue }
      // An interface that was moved to a container stays below its function, but is not shown to us.
      let reason =
        sysfs.exists("/sys/class/net")
        ? "no interface of it is shown: it may be in another network namespace" : "/sys/class/net is not there"
      usage.unknown.append(UnknownUse(function: function.address, area: .network, reason: reason))
    }
  }
}
