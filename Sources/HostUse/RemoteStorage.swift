import Host
import Sysfs

/// Storage that the host has over a network: it goes with the interface that carries it.
struct RemoteStorage: Sendable {
  let server: NetworkAddress
  /// A mount of `nas:/export`; `nvme1` or `session1`, and the transport.
  let what: Use.What
  let isVital: Bool
  /// Folders that its disks stand below.
  var disks: [String] = []

  /// NFS, SMB and Ceph mounts by their `addr=`, which is resolved already; NVMe over TCP and RDMA; iSCSI.
  static func all(_ sysfs: any Sysfs, _ mounts: MountTable) -> [RemoteStorage] {
    var found: [RemoteStorage] = []
    for mount in mounts.mounts {
      let option = mount.options.split(separator: ",").first { $0.hasPrefix("addr=") }
      guard let server = option.flatMap({ NetworkAddress($0.dropFirst(5)) }) else { continue }
      found.append(
        RemoteStorage(
          server: server, what: .mount(device: mount.source, on: mount.place),
          isVital: mount.seenBy == nil && StorageUse.vital.contains(mount.point)))
    }
    for controller in sysfs.names(in: "/sys/class/nvme") {
      // `traddr=192.0.2.9,trsvcid=4420`; of a PCI controller an address of that bus.
      let fields = (sysfs.fact("/sys/class/nvme/\(controller)/address").value ?? "").split(separator: ",")
      guard let server = fields.first(where: { $0.hasPrefix("traddr=") }).flatMap({ NetworkAddress($0.dropFirst(7)) })
      else { continue }
      let transport = sysfs.fact("/sys/class/nvme/\(controller)/transport").value ?? "fabrics"
      found.append(
        RemoteStorage(
          server: server, what: .remoteStorage(name: controller, transport: "NVMe over \(transport)"), isVital: false,
          disks: ["/sys/class/nvme/\(controller)"] + subsystems(of: controller, sysfs)))
    }
    for connection in sysfs.names(in: "/sys/class/iscsi_connection") {
      let folder = "/sys/class/iscsi_connection/\(connection)"
      // The address that it was told to reach, while a session is being set up again.
      let text = sysfs.fact("\(folder)/address").value ?? sysfs.fact("\(folder)/persistent_address").value
      guard let server = text.flatMap({ NetworkAddress($0) }) else { continue }
      // `connection1:0` belongs to `session1`.
      let session = "session" + connection.dropFirst("connection".utf8.count).prefix { $0 != ":" }
      let target = sysfs.fact("/sys/class/iscsi_session/\(session)/targetname").value
      found.append(
        RemoteStorage(
          server: server,
          what: .remoteStorage(name: session, transport: "iSCSI" + (target.map { " \($0)" } ?? "")), isVital: false,
          disks: ["/sys/class/iscsi_session/\(session)/device"]))
    }
    return found
  }

  /// With native multipath the disks stand below the subsystem.
  private static func subsystems(of controller: String, _ sysfs: any Sysfs) -> [String] {
    let folder = "/sys/class/nvme-subsystem"
    return sysfs.names(in: folder).filter { sysfs.exists("\(folder)/\($0)/\(controller)") }.map { "\(folder)/\($0)" }
  }
}
