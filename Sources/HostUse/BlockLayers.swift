import Host
import PCI
import Sysfs

/// Every block device on top of the disks of one function, at any depth: partitions, LVM, crypt, multipath, md,
/// bcache, and loop devices on files of mounted file systems.
struct BlockLayers {
  let sysfs: any Sysfs
  let mounts: MountTable
  let aliases: DeviceAliases
  let loops: [LoopDevice]
  private(set) var layers: [BlockLayer] = []
  /// Which layer holds which: an md array or a volume may use several partitions of one disk.
  private(set) var holdings: [(base: Int, holder: Int)] = []
  /// Paths that could not be read, with the kernel's answers.
  private(set) var unread: [String] = []
  /// Places by the kernel's names.
  private var known: [String: Int] = [:]

  init(_ sysfs: any Sysfs, mounts: MountTable, aliases: DeviceAliases, loops: [LoopDevice]) {
    self.sysfs = sysfs
    self.mounts = mounts
    self.aliases = aliases
    self.loops = loops
  }

  /// Adds the disks and partitions among a function's devices, and what is stacked on them.
  mutating func add(_ devices: [ChildDevice]) {
    var next = layers.count
    for device in devices where device.isBlock { append(device, stackedOn: nil) }
    while next < layers.count {
      let layer = layers[next]
      for holder in holders(of: layer) { stack(holder, on: next) }
      let carried = mounts.places(number: layer.number.text, names: layer.names)
      for loop in loops where layer.names.contains(loop.file) || loop.mount.map(carried.contains) == true {
        stack(loop.name, on: next, detail: loop.file)
      }
      next += 1
    }
  }

  /// Every kernel shows the folder; a capture may have left an empty one out.
  private mutating func holders(of layer: BlockLayer) -> [String] {
    do { return try sysfs.entries("\(layer.path)/holders") } catch {
      if error.errno != .noEntry { unread.append("\(error.path): \(error.errno)") }
      return []
    }
  }

  /// `holders/X` and `/sys/class/block/X` are the same device.
  private mutating func stack(_ name: String, on place: Int, detail: String? = nil) {
    if let above = known[name] {
      if above != place { holdings.append((place, above)) }
      return
    }
    let base = layers[place]
    let path = "/sys/class/block/\(name)"
    let number = sysfs.fact("\(path)/dev").value.flatMap { DeviceNumber($0, isBlock: true) }
    let mapped = sysfs.fact("\(path)/dm/name").value
    let label = mapped ?? arrayName(number) ?? detail
    let device = ChildDevice(
      path: path, name: name, subsystem: "block", number: number ?? DeviceNumber(major: 0, minor: 0, isBlock: true),
      node: "/dev/\(name)", event: [:], chain: base.chain + [Use.Holder.device(name: name, label: label).description])
    append(device, stackedOn: place, mapped: mapped, label: label)
    let own = layers.count - 1
    holdings.append((place, own))
    for part in ChildDevices(sysfs: sysfs).devices(below: path, chain: device.chain) where part.isBlock {
      append(part, stackedOn: own)
    }
  }

  /// The name that an md array goes by: `root` of `/dev/md/root`.
  private func arrayName(_ number: DeviceNumber?) -> String? {
    guard let record = number.flatMap({ UdevRecord(sysfs, $0) }) else { return nil }
    return record["MD_DEVNAME"] ?? record.links.first { $0.hasPrefix("/dev/md/") }.map { String($0.dropFirst(8)) }
  }

  private mutating func append(
    _ device: ChildDevice, stackedOn place: Int?, mapped: String? = nil, label: String? = nil
  ) {
    guard let number = device.number, known[device.name] == nil else { return }
    known[device.name] = layers.count
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
    // The layer below a partition is the disk whose folder contains the partition's.
    let above = place ?? (isPart ? layers.lastIndex { device.path.hasPrefix($0.path + "/") } : nil)
    layers.append(
      BlockLayer(
        kind: isPart ? .partition : place != nil ? .stacked : .disk, name: device.name, number: number,
        path: device.path, subject: mapped.map { "/dev/mapper/\($0)" } ?? node, label: label, chain: device.chain,
        parent: above,
        names: names, record: record))
  }

  /// `/dev/vg0/root` of `vg0-root`: device mapper joins the two by one hyphen and doubles those inside.
  static func logicalVolume(_ name: String) -> String? {
    let marked = name.replacing("--", with: "\u{0}")
    let parts = marked.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return "/dev/" + parts.map { $0.replacing("\u{0}", with: "-") }.joined(separator: "/")
  }
}
