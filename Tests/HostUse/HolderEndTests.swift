import Host
import Testing

@Suite("What ends a use through VFIO, by the program that started the process")
struct HolderEndTests {
  struct Holder: Sendable, CustomTestStringConvertible {
    let command: String
    let arguments: [String]
    let group: String
    let says: String
    let remedy: String
    var isGuest = true
    var folder: String?
    var testDescription: String { remedy }
  }

  private static let id = String(repeating: "4f", count: 32)
  private static let user = "user.slice/user-1000.slice/user@1000.service"

  private static func qemu(
    _ arguments: [String], in group: String = "", says: String, ends remedy: String
  ) -> Holder {
    Holder(
      command: "qemu-system-x86", arguments: ["/usr/bin/qemu-system-x86_64"] + arguments, group: group, says: says,
      remedy: remedy)
  }

  private static func other(
    _ command: String, in group: String, says: String, ends remedy: String, folder: String? = nil
  ) -> Holder {
    Holder(
      command: command, arguments: [command], group: group, says: says, remedy: remedy, isGuest: false, folder: folder)
  }

  private static let guests = [
    qemu(
      ["-name", "guest=Windows 11; $(reboot),debug-threads=on"],
      in: "machine.slice/machine-qemu\\x2d1\\x2dWindows11.scope", says: "guest Windows 11; $(reboot)",
      ends: "virsh shutdown 'Windows 11; $(reboot)'"),
    qemu(
      ["-name", "it's,,fine", "-object", "/var/lib/libvirt/qemu/domain-1-x/master-key.aes"], says: "guest it's,fine",
      ends: "virsh shutdown 'it'\\''s,fine'"),
    qemu(
      ["-name", "guest=box", "-chardev", "path=/var/lib/vms/.config/libvirt/qemu/lib/domain-1-box/monitor.sock"],
      in: "\(user)/app.slice/box.scope", says: "guest box",
      ends: "As user 1000: virsh -c qemu:///session shutdown box"),
    qemu(
      ["-id", "104", "-name", "win10,debug-threads=on"], in: "qemu.slice/104.scope", says: "guest win10 (VM 104)",
      ends: "qm shutdown 104"),
    qemu(["-id", "105", "-name", "a"], says: "guest a (VM 105)", ends: "qm shutdown 105"),
    qemu(
      ["-S", "-name", "v1", "-readconfig", "/run/incus/v1/qemu.conf"], says: "guest v1", ends: "incus stop v1"),
    qemu(
      ["-name", "v1", "-pidfile", "/var/snap/lxd/common/lxd/logs/lab_v1/qemu.pid"], says: "guest v1",
      ends: "lxc stop v1 --project lab"),
    qemu(
      ["-name", "guest=default_vm1"], in: "kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope",
      says: "guest vm1 (namespace default)", ends: "virtctl stop vm1 -n default"),
    qemu(
      ["-name", "web1", "-pidfile", "/var/run/ganeti/kvm-hypervisor/pid/web1"], says: "guest web1",
      ends: "gnt-instance shutdown web1"),
    qemu(
      ["-name", "win10"], in: "system.slice/system-qemu.slice/qemu@win10.service",
      says: "guest win10, in qemu@win10.service", ends: "systemctl stop qemu@win10.service"),
    qemu(
      ["-name", "guest=a b"], in: "\(user)/app.slice/vm.service", says: "guest a b, in vm.service of user 1000",
      ends: "systemctl --user --machine=1000@ stop vm.service"),
    qemu(
      ["-name", "hand made"], in: "user.slice/user-0.slice/session-3.scope", says: "guest hand made",
      ends: "Shut it down from inside the guest; or, as a power cut: kill 900"),
    qemu(["-enable-kvm"], says: "qemu-system-x86", ends: "kill 900"),
  ]

  private static let others = [
    other(
      "ovs-vswitchd", in: "system.slice/ovs-vswitchd.service", says: "in ovs-vswitchd.service",
      ends:
        "ovs-vsctl del-port \"$(ovs-vsctl --bare --columns=name find Interface 'options:dpdk-devargs=\"0000:02:00.0\"')\"; or, with all its bridges: systemctl stop ovs-vswitchd.service"
    ),
    other("spdk_tgt", in: "system.slice/spdk.service", says: "in spdk.service", ends: "systemctl stop spdk.service"),
    other(
      "dpdk-testpmd", in: "system.slice/my unit; x.service", says: "in my unit; x.service",
      ends: "systemctl stop 'my unit; x.service'"),
    other(
      "dpdk-testpmd", in: "\(user)/app.slice/pmd.service", says: "of user 1000",
      ends: "systemctl --user --machine=1000@ stop pmd.service"),
    other(
      "app", in: "system.slice/docker-\(id).scope", says: "in container 4f4f4f4f4f4f", ends: "docker stop 4f4f4f4f4f4f"),
    other("app", in: "docker/\(id)", says: "in container 4f4f", ends: "docker stop 4f4f4f4f4f4f"),
    other("app", in: "machine.slice/libpod-\(id).scope", says: "4f4f", ends: "podman stop 4f4f4f4f4f4f"),
    other(
      "app", in: "\(user)/user.slice/libpod-\(id).scope/container", says: "4f4f",
      ends: "As user 1000: podman stop 4f4f4f4f4f4f"),
    other("app", in: "kubepods/burstable/pod7/\(id)", says: "4f4f", ends: "crictl stop 4f4f4f4f4f4f"),
    other("app", in: "lxc.payload.web/system.slice/a.service", says: "container web", ends: "lxc-stop -n web"),
    other(
      "app", in: "lxc.payload.web/init.scope", says: "container web", ends: "incus stop web",
      folder: "/var/lib/incus/x"),
    other("app", in: "lxc/105/ns/a.service", says: "container 105", ends: "pct shutdown 105", folder: "/etc/pve/x"),
    other(
      "app", in: "machine.slice/systemd-nspawn@deb.service/payload", says: "container deb",
      ends: "machinectl poweroff deb"),
    // What nothing starts again is only ended; what other processes belong to is left alone.
    other("vfio-tool", in: "user.slice/user-0.slice/session-3.scope", says: "in session-3.scope", ends: "kill 900"),
    other("vfio-tool", in: "system.slice/ssh.service", says: "in ssh.service", ends: "kill 900"),
    other("vfio-tool", in: user, says: "in user@1000.service", ends: "kill 900"),
  ]

  private static func host(_ holder: Holder) throws -> CapturedHost {
    let host = try CapturedHost()
    try host.link("/proc/900/fd/5", to: "/dev/vfio/14")
    try host.file("/proc/900/comm", holder.command + "\n")
    try host.file("/proc/900/cmdline", holder.arguments.joined(separator: "\0") + "\0")
    try host.file("/proc/900/cgroup", "0::/\(holder.group)\n")
    if let folder = holder.folder { try host.folder(folder) }
    return host
  }

  @Test(arguments: guests + others)
  func ends(_ holder: Holder) throws {
    let usage = try Self.host(holder).evidence(classCode: 0x120000, driver: .known("vfio-pci"))
    let finding = try #require(FindingTests.findings(.guestRunning, usage).first)
    #expect(finding.remedy == holder.remedy)
    #expect(finding.message.contains(holder.says))
    // No guest is named if none is known; it is refused all the same.
    #expect(finding.message.hasPrefix(holder.isGuest ? "A guest has" : "A process has"))
    #expect(finding.severity == .error && !finding.isForceable)
  }
}
