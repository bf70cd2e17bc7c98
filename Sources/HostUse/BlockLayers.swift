import PCI
import Sysfs

/// Everything that stands on the disks of one function, through any depth: partitions, LVM, crypt, multipath, md,
/// bcache, and loop devices on files of mounted file systems.
struct BlockLayers {
  let sysfs: any Sysfs
  let mounts: MountTable
  let aliases: DeviceAliases
  let loops: [LoopDevice]
  private(set) var layers: [BlockLayer] = []
  private var known: Set<String> = []

  init(_ sysfs: any Sysfs, mounts: MountTable, aliases: DeviceAliases, loops: [LoopDevice]) {
    self.sysfs = sysfs
    self.mounts = mounts
    self.aliases = aliases
    self.loops = loops
  }

  /// Adds the disks and partitions among a function's devices, and what is stacked on them.
  mutating func add(_ devices: [Device]) {
    var next = layers.count
    for device in devices where device.isBlock { append(device, stackedOn: nil) }
    while next < layers.count {
      let layer = layers[next]
      for holder in sysfs.names(in: "\(layer.path)/holders") { stack(holder, on: next) }
      for loop in loops where isBehind(loop, layer) { stack(loop.name, on: next, detail: loop.file) }
      next += 1
    }
  }

  /// `holders/X` and `/sys/class/block/X` are the same device.
  private mutating func stack(_ name: String, on place: Int, detail: String? = nil) {
    guard !known.contains(name) else { return }
    let base = layers[place]
    let path = "/sys/class/block/\(name)"
    let number = sysfs.fact("\(path)/dev").value.flatMap { DeviceNumber($0, isBlock: true) }
    let mapped = sysfs.fact("\(path)/dm/name").value
    let label = (mapped ?? detail).map { "\(name) (\($0))" } ?? name
    let device = Device(
      path: path, name: name, subsystem: "block", number: number ?? DeviceNumber(major: 0, minor: 0, isBlock: true),
      node: "/dev/\(name)", event: [:], chain: base.chain + [label])
    append(device, stackedOn: place, mapped: mapped)
    let own = layers.count - 1
    for part in DeviceTree(sysfs: sysfs).devices(below: path, chain: device.chain) where part.isBlock {
      append(part, stackedOn: own)
    }
  }

  private mutating func append(_ device: Device, stackedOn place: Int?, mapped: String? = nil) {
    guard let number = device.number, known.insert(device.name).inserted else { return }
    let record = UdevRecord(sysfs, number)
    let node = device.node ?? "/dev/\(device.name)"
    var names: Set = [node, "/dev/\(device.name)"]
    names.formUnion(record?.links ?? [])
    names.formUnion(record?.tags ?? [])
    if record == nil { names.formUnion(aliases.names(of: device.name)) }
    if let mapped {
      names.insert("/dev/mapper/\(mapped)")
      if let volume = Self.logicalVolume(mapped) { names.insert(volume) }
    }
    let isPart = device.isPartition || device.event["PARTN"] != nil
    // A partition of a disk stands on the disk that its folder is in.
    let above = place ?? (isPart ? layers.lastIndex { device.path.hasPrefix($0.path + "/") } : nil)
    layers.append(
      BlockLayer(
        kind: isPart ? .partition : place != nil ? .stacked : .disk, name: device.name, number: number,
        path: device.path, subject: mapped.map { "/dev/mapper/\($0)" } ?? node, chain: device.chain, parent: above,
        names: names, record: record))
  }

  private func isBehind(_ loop: LoopDevice, _ layer: BlockLayer) -> Bool {
    if layer.names.contains(loop.file) { return true }
    guard let mount = mounts.mount(holding: loop.file) else { return false }
    return layer.carries(mount)
  }

  /// `/dev/vg0/root` of `vg0-root`: device mapper joins the two by one hyphen and doubles those inside.
  private static func logicalVolume(_ name: String) -> String? {
    let marked = name.replacing("--", with: "\u{0}")
    let parts = marked.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return "/dev/" + parts.map { $0.replacing("\u{0}", with: "-") }.joined(separator: "/")
  }
}

extension BlockLayer {
  /// A mount whose file system stands on this device: by its number, or by its source where the number is an
  /// anonymous one (btrfs). bcachefs names all its members, joined by colons.
  func carries(_ mount: Mount) -> Bool {
    if mount.number == number.text, number.major != 0 { return true }
    if names.contains(mount.source) { return true }
    return mount.type == "bcachefs" && mount.source.split(separator: ":").contains { names.contains(String($0)) }
  }
}
