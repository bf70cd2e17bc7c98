import PCI
import Sysfs
import System

/// A host of one function, made of one sequence of bytes: pieces `0x01, number of a path, content`, what comes first goes
/// to the first path.
struct MemorySysfs: Sysfs {
  static let name = "0000:01:00.0"
  static let function = Address(domain: 0, routingID: 0x100)
  private static let folder = "/sys/bus/pci/devices/\(name)"

  /// Everything that an inventory reads of a function.
  static let attributes =
    [
      "uevent", "reset_method", "boot_vga", "config", "driver_override", "power_state", "numa_node", "revision",
      "vendor", "device", "class", "subsystem_vendor", "subsystem_device", "sriov_numvfs", "sriov_totalvfs",
      "secondary_bus_number", "subordinate_bus_number",
    ].map { "\(folder)/\($0)" } + [
      "/sys/kernel/iommu_groups/12/reserved_regions", "/proc/sys/kernel/osrelease", "/lib/modules/6.12.0/modules.alias",
      "/lib/modules/6.12.0/modules.dep", "/lib/modules/6.12.0/modules.builtin",
    ]

  /// Everything that is read to tell what the host does with it.
  static let surroundings =
    ["uevent", "reset_method", "boot_vga", "config"].map { "\(folder)/\($0)" } + [
      "/proc/self/mountinfo", "/proc/1/mountinfo", "/proc/mounts", "/proc/swaps", "/proc/mdstat", "/etc/fstab",
      "/etc/crypttab", "/proc/net/route", "/proc/net/ipv6_route", "/proc/net/fib_trie", "/proc/net/if_inet6",
      "/proc/net/tcp", "/proc/bus/input/devices", "/proc/iomem", "/proc/cmdline", "/proc/modules", "/proc/1/stat",
      "/proc/1/comm", "/proc/1/cmdline", "/proc/consoles", "/proc/fb", "/proc/vmcore",
      "\(folder)/block/sda/dev", "\(folder)/block/sda/sda1/dev", "\(folder)/net/eth0/address",
      "\(folder)/net/eth0/ifindex", "\(folder)/drm/card0/dev", "\(folder)/drm/card0/card0-DP-1/status",
      "/proc/sys/kernel/osrelease", "/etc/modprobe.d/a.conf", "/run/udev/data/b8:0",
      "/etc/netplan/a.yaml", "/etc/systemd/network/a.network", "/etc/network/interfaces",
      "/etc/NetworkManager/system-connections/a.nmconnection",
    ]

  /// What other tools were told about it.
  static let settings = [
    "/etc/default/grub", "/etc/default/grub.d/a.cfg", "/boot/grub/grub.cfg", "/etc/kernel/cmdline",
    "/boot/loader/entries/a.conf", "/proc/cmdline", "/etc/driverctl.d/pci-0000:01:00.0", "/etc/modprobe.d/a.conf",
    "/etc/modules", "/etc/libvirt/qemu/a.xml", "/etc/pve/qemu-server/1.conf", "/etc/pve/mapping/pci.cfg",
    "/etc/udev/rules.d/a.rules", "/boot/grub/grubenv", "/boot/loader/loader.conf", "/boot/efi/EFI/Linux/a.efi",
    "/etc/kdump.conf", "/etc/sysconfig/kdump", "/etc/os-release",
  ]

  private static let links = [
    folder: "../../../devices/pci0000:00/0000:00:01.0/\(name)",
    "\(folder)/iommu_group": "../../../../kernel/iommu_groups/12",
    "\(folder)/driver": "../../../../bus/pci/drivers/xclmgmt",
    "/sys/kernel/iommu_groups/12/devices/\(name)": "../../../../devices/pci0000:00/0000:00:01.0/\(name)",
  ]

  /// A host of one card that a pin may name, as pieces for `attributes`.
  static let card = [
    ("uevent", "PCI_CLASS=120000\nPCI_ID=10EE:5000\nPCI_SUBSYS_ID=10EE:000E\n"), ("driver_override", "(null)\n"),
  ].reduce(into: [UInt8]()) { pieces, file in
    let number = attributes.firstIndex(of: "\(folder)/\(file.0)") ?? 0
    // Number 1 would begin the next piece; numbers go round.
    pieces += [1, UInt8(number == 1 ? attributes.count + 1 : number)] + Array(file.1.utf8)
  }

  private var files: [String: [UInt8]] = [:]
  private var folders: [String: Set<String>] = [:]

  init(_ bytes: [UInt8], _ paths: [String]) {
    var place = 0
    var content: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == 1, let number = rest.popFirst() {
        files[paths[place]] = content
        place = Int(number) % paths.count
        content = []
      } else {
        content.append(byte)
      }
    }
    files[paths[place]] = content
    for path in [String](files.keys) + Self.links.keys {
      var parent = ""
      for part in path.split(separator: "/") {
        folders[parent.isEmpty ? "/" : parent, default: []].insert(String(part))
        parent += "/" + part
      }
    }
  }

  /// The function's own folder under each of its two names.
  private func real(_ path: String) -> String {
    let place = "/sys/devices/pci0000:00/0000:00:01.0/\(Self.name)"
    return path.hasPrefix(place) ? Self.folder + path.dropFirst(place.count) : path
  }

  func entries(_ path: String) throws(SysfsError) -> [String] {
    guard let names = folders[real(path)] else { throw SysfsError(.entries, at: path, errno: .noEntry) }
    return names.sorted()
  }

  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    guard let bytes = files[real(path)] else { throw SysfsError(.read, at: path, errno: .noEntry) }
    return bytes
  }

  func linkTarget(_ path: String) throws(SysfsError) -> String {
    if let target = Self.links[path] { return target }
    let path = real(path)
    if let target = Self.links[path], path != Self.folder { return target }
    throw SysfsError(.linkTarget, at: path, errno: folders[path] == nil && files[path] == nil ? .noEntry : .invalid)
  }

  func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    throw SysfsError(.write, at: path, errno: .readOnly)
  }
}
