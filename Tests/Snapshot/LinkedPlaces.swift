import Foundation
import System
import TestSupport

@testable import Snapshot

/// The place of a disk, a NIC and a sleeping card.
enum Place {
  static let disk = "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0"
  static let port = "sys/devices/pci0000:00/0000:00:1c.0"
  static let nic = "sys/devices/pci0000:00/0000:00:19.0"
  static let card = "sys/devices/pci0000:00/0000:00:02.0"
}

/// A host with an NVMe disk behind a port under LVM, a NIC in a bridge, and a sleeping card that a guest has open.
func makeHost() throws -> Scratch {
  let tree = try Scratch()
  for folder in [Place.port, Place.disk, Place.nic, Place.card] {
    let address = String(folder.suffix(12))
    try tree.file("\(folder)/uevent", "PCI_ID=8086:1234\nPCI_SLOT_NAME=\(address)\n")
    try tree.file("\(folder)/vendor", "0x8086\n")
    try tree.file("\(folder)/config", configuration)
    try tree.file("\(folder)/power_state", folder == Place.card ? "D3cold\n" : "D0\n")
    try tree.file("\(folder)/driver_override", "(null)\n")
    try tree.file("\(folder)/rom", "not to be read")
    try tree.file("\(folder)/vpd", "not to be read")
    try tree.file("\(folder)/resource0", "not to be read")
    try tree.file("\(folder)/reset", "write only")
    try tree.file("\(folder)/msi_irqs/128", "msi\n")
    try tree.file("\(folder)/power/control", "auto\n")
    try tree.file("\(folder)/power/autosuspend_delay_ms", "0\n")
    try tree.link("\(folder)/firmware_node", to: "../../LNXSYSTM:00/device:00")
    try tree.link("sys/bus/pci/devices/\(address)", to: "../../../" + folder.dropFirst(4))
  }
  try tree.link("\(Place.disk)/driver", to: "../../../../bus/pci/drivers/nvme")
  try tree.link("\(Place.disk)/iommu_group", to: "../../../../kernel/iommu_groups/7")
  try tree.link(
    "sys/kernel/iommu_groups/7/devices/0000:02:00.0", to: "../../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0")
  try tree.file("sys/kernel/iommu_groups/7/type", "DMA\n")
  try tree.file("sys/kernel/iommu_groups/7/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n")
  try tree.link("sys/bus/pci/drivers/nvme/0000:02:00.0", to: "../../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0")
  try tree.file("sys/bus/pci/drivers/nvme/unbind", "write only")
  try tree.file("sys/bus/pci/drivers_autoprobe", "1\n")
  try tree.link("sys/module/nvme/drivers/pci:nvme", to: "../../../bus/pci/drivers/nvme")
  try tree.file("sys/module/nvme/parameters/io_queue_depth", "1024\n")
  try tree.file("sys/module/vfio_pci/parameters/disable_idle_d3", "N\n")
  try tree.file("sys/module/ext4/refcnt", "3\n")

  let block = "\(Place.disk)/nvme/nvme0/nvme0n1"
  try tree.file("\(Place.disk)/nvme/nvme0/serial", "S4EWNX0R123456 \n")
  try tree.file("\(Place.disk)/nvme/nvme0/address", "0000:02:00.0\n")
  try tree.file("\(block)/uevent", "MAJOR=259\nMINOR=0\nDEVNAME=nvme0n1\n")
  try tree.file("\(block)/wwid", "eui.0025385b71b0a1c2\n")
  try tree.folder("\(block)/holders")
  try tree.link("\(block)/nvme0n1p1/holders/dm-0", to: "../../../../../../../../virtual/block/dm-0")
  try tree.file("\(block)/nvme0n1p1/partition", "1\n")
  try tree.link("sys/class/block/nvme0n1", to: "../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0/nvme/nvme0/nvme0n1")
  try tree.link("sys/class/block/dm-0", to: "../../devices/virtual/block/dm-0")
  try tree.file("sys/devices/virtual/block/dm-0/dm/name", "vg-root\n")
  try tree.file("sys/devices/virtual/block/dm-0/dm/uuid", "LVM-abcdef\n")
  try tree.file("dev/nvme0n1")
  try tree.link("dev/disk/by-id/nvme-Samsung_S4EWNX0R123456", to: "../../nvme0n1")

  try tree.file("\(Place.nic)/net/enx525400ab12cd/address", "52:54:00:ab:12:cd\n")
  try tree.file("\(Place.nic)/net/enx525400ab12cd/uevent", "INTERFACE=enx525400ab12cd\nIFINDEX=2\n")
  try tree.link("\(Place.nic)/net/enx525400ab12cd/master", to: "../../../../virtual/net/br0")
  try tree.link("sys/class/net/enx525400ab12cd", to: "../../devices/pci0000:00/0000:00:19.0/net/enx525400ab12cd")
  try tree.link("sys/class/net/br0", to: "../../devices/virtual/net/br0")
  try tree.file("sys/devices/virtual/net/br0/operstate", "up\n")
  try tree.folder("sys/class/drm")

  try tree.file("proc/cmdline", "root=/dev/disk/by-id/nvme-Samsung_S4EWNX0R123456 intel_iommu=on\n")
  try tree.file("proc/net/if_inet6", "fe80000000000000505400fffeab12cd 02 40 20 80 enx525400ab12cd\n")
  try tree.file("proc/sys/kernel/osrelease", "6.12.1\n")
  try tree.file("lib/modules/6.12.1/modules.alias", "alias pci:v00008086d* nvme\n")
  try tree.file("proc/812/comm", "qemu\n")
  try tree.file("proc/812/cmdline", "qemu\0-device\0nvme,serial=S4EWNX0R123456,mac=52:54:00:ab:12:cd\0")
  try tree.file("proc/812/environ", "SECRET=1")
  try tree.link("proc/812/fd/3", to: "/dev/vfio/7")
  try tree.link("proc/812/fd/4", to: "socket:[99]")
  try tree.link("proc/813/fd/0", to: "/dev/null")
  try tree.file("proc/813/comm", "sh\n")
  try tree.file(
    "run/udev/data/b259:0",
    "S:disk/by-id/nvme-Samsung_S4EWNX0R123456\nE:ID_SERIAL=Samsung S4EWNX0R123456\nE:ID_FS_UUID=5eed-01\n")
  try tree.file("etc/fstab", "UUID=5eed-01 / ext4\n")
  try tree.file("etc/shadow", "root:x\n")
  return tree
}

/// A PCI Express function with a device serial number at 0x100.
let configuration: [UInt8] = {
  var bytes = [UInt8](repeating: 0, count: 4096)
  bytes[0x06] = 0x10
  bytes[0x34] = 0x40
  bytes[0x40] = 0x10
  bytes[0x100] = 0x03
  bytes[0x102] = 0x01
  for index in 0x104..<0x10c { bytes[index] = 0xa5 }
  return bytes
}()

/// A snapshot of the host, taken.
func snapshot(of host: Scratch, redact: Bool = false) throws -> Scratch {
  let target = try Scratch()
  _ = try Snapshot(source: Root(host.path)).write(to: target.path, redact: redact)
  return target
}
