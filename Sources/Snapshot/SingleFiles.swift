import System

/// What the commands read outside the device tree.
func copySingleFiles(_ copier: Copier) throws(SystemError) {
  let files = [
    "/proc/cmdline", "/proc/modules", "/proc/swaps", "/proc/mounts", "/proc/iomem", "/proc/mdstat", "/proc/version",
    "/proc/consoles", "/proc/fb", "/proc/self/mountinfo", "/proc/self/mounts", "/proc/1/mountinfo",
    "/proc/bus/input/devices", "/proc/net/route", "/proc/net/ipv6_route", "/proc/net/if_inet6", "/proc/net/fib_trie",
    "/proc/net/dev", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/modules_disabled", "/proc/sys/kernel/tainted",
    "/proc/interrupts", "/sys/kernel/security/lockdown", "/sys/kernel/security/apparmor/profiles",
    "/sys/fs/selinux/enforce",
    "/etc/apparmor.d/abstractions/libvirt-qemu", "/etc/apparmor.d/local/abstractions/libvirt-qemu",
    "/etc/apparmor.d/libvirt/TEMPLATE.qemu",
  ]
  for path in files { try copier.file(path) }
  for folder in ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"] {
    try copier.files(in: "\(folder)/modprobe.d")
  }
  try copyModuleTables(copier)
  try copier.file("/usr/share/misc/pci.ids", limit: 8 << 20)
  try copyUdev(copier)
  try copyNodes(copier)
  // A DMAR or IVRS table says that the firmware knows of an IOMMU. hostdev does not read its content.
  for name in copier.entries("/sys/firmware/acpi/tables")
  where (try? copier.source.kind("/sys/firmware/acpi/tables/\(name)")) == .file {
    try copier.mark("/sys/firmware/acpi/tables/\(name)")
  }
  try copyBootRecord(copier)
  try copyExports(copier)
  for name in copier.entries("/proc/fs/jbd2") { try copier.folder("/proc/fs/jbd2/\(name)") }
  for address in copier.entries("/proc/driver/nvidia/gpus") {
    try copier.file("/proc/driver/nvidia/gpus/\(address)/information")
  }
  // Open vSwitch's sockets say which bridges it has.
  for name in copier.entries("/run/openvswitch") where name.hasSuffix(".mgmt") {
    try copier.mark("/run/openvswitch/\(name)")
  }
  // A pool's folder says that it is imported.
  for pool in copier.entries("/proc/spl/kstat/zfs") { try copier.file("/proc/spl/kstat/zfs/\(pool)/state") }
  for volume in copier.entries("/sys/fs/btrfs") {
    for device in copier.entries("/sys/fs/btrfs/\(volume)/devices") {
      let path = "/sys/fs/btrfs/\(volume)/devices/\(device)"
      if let text = copier.linkTarget(path) { try copier.link(path, to: text) }
    }
  }
}

/// What the kernel serves to others: the devices of nvmet's namespaces and of SCSI targets, and nothing else of
/// configfs, which has their passwords too.
private func copyExports(_ copier: Copier) throws(SystemError) {
  let subsystems = "/sys/kernel/config/nvmet/subsystems"
  for subsystem in copier.entries(subsystems) {
    for namespace in copier.entries("\(subsystems)/\(subsystem)/namespaces") {
      let folder = "\(subsystems)/\(subsystem)/namespaces/\(namespace)"
      for name in ["enable", "device_path"] { try copier.file("\(folder)/\(name)") }
    }
  }
  let core = "/sys/kernel/config/target/core"
  for store in copier.entries(core) where store != "alua" {
    for name in copier.entries("\(core)/\(store)") { try copier.file("\(core)/\(store)/\(name)/udev_path") }
  }
}

/// Of the firmware's variables those that say which partition and entry the machine was started from, and Secure Boot's.
private func copyBootRecord(_ copier: Copier) throws(SystemError) {
  try copier.file("/sys/firmware/efi/fw_platform_size")
  let folder = "/sys/firmware/efi/efivars"
  for name in copier.entries(folder) {
    let isOption = name.hasPrefix("Boot") && name.dropFirst(4).prefix { $0.isHexDigit }.count == 4
    let isLoader = [
      "LoaderInfo-", "LoaderEntryOneShot-", "LoaderEntryDefault-", "LoaderEntryLastBooted-", "LoaderEntrySelected-",
    ]
    if isOption
      || (["BootCurrent-", "LoaderDevicePartUUID-", "SecureBoot-"] + isLoader).contains(where: { name.hasPrefix($0) })
    {
      try copier.file("\(folder)/\(name)")
    }
  }
}

/// Which module knows which function; some megabytes.
private func copyModuleTables(_ copier: Copier) throws(SystemError) {
  guard let release = copier.text("/proc/sys/kernel/osrelease"), !release.contains("/") else { return }
  let folder = "/lib/modules/\(release)"
  for name in ["modules.alias", "modules.builtin", "modules.builtin.modinfo", "modules.dep", "modules.softdep"] {
    try copier.file("\(folder)/\(name)", limit: 64 << 20)
  }
  try copier.file("/boot/config-\(release)")
}

/// What udev knows of block devices, character devices and interfaces.
private func copyUdev(_ copier: Copier) throws(SystemError) {
  for name in copier.entries("/run/udev/data") where ["b", "c", "n"].contains(name.first) {
    try copier.file("/run/udev/data/\(name)")
  }
}

/// VFIO's nodes as empty files, and the names that disks go by.
private func copyNodes(_ copier: Copier) throws(SystemError) {
  for folder in ["/dev/vfio", "/dev/vfio/devices"] where copier.exists(folder) {
    try copier.folder(folder)
    for name in copier.entries(folder) where (try? copier.source.kind("\(folder)/\(name)")) != .directory {
      try copier.mark("\(folder)/\(name)")
    }
  }
  if copier.exists("/dev/iommu") { try copier.mark("/dev/iommu") }
  for kind in copier.entries("/dev/disk") { try copyLinks("/dev/disk/\(kind)", copier) }
  try copyLinks("/dev/mapper", copier)
}

private func copyLinks(_ folder: String, _ copier: Copier) throws(SystemError) {
  for name in copier.entries(folder) {
    if let text = copier.linkTarget("\(folder)/\(name)") { try copier.link("\(folder)/\(name)", to: text) }
  }
}
