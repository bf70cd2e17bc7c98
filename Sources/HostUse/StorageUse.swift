import Host
import PCI
import Settings
import Sysfs

/// What the host uses of the disks of a function.
struct StorageUse {
  let sysfs: any Sysfs
  let mounts: MountTable
  let tables: StorageTables

  /// Without `/`, `/usr`, swap and what it boots from the host does not live.
  static let vital: Set<String> = ["/", "/boot", "/boot/efi", "/efi", "/usr"]

  func uses(of function: Address, _ stack: BlockLayers) -> [Use] {
    let layers = stack.layers
    let vital = mounts.vital(Self.vital)
    var uses: [Use] = []
    // Places of layers that something is known of, at or above them.
    var used: Set<Int> = []
    func add(
      _ place: Int, _ what: Use.What, chain: [String] = [], source: SourceLine? = nil, isVital: Bool = false,
      isIdle: Bool = false
    ) {
      uses.append(
        Use(
          what, of: function, chain: layers[place].chain + chain, source: source, isVital: isVital, isIdle: isIdle))
      if what.kind != .signature { mark(place) }
    }
    func mark(_ place: Int) {
      var above: Int? = place
      while let next = above, used.insert(next).inserted { above = layers[next].parent }
    }
    for (place, layer) in layers.enumerated() {
      let device = layer.subject
      for held in stack.holdings where held.base == place {
        let holder = layers[held.holder]
        let by = Use.Holder.device(name: holder.name, label: holder.label)
        add(place, .holder(device: device, by: by), chain: [by.description])
        mark(held.holder)
      }
      var carried = mounts.places(number: layer.number.text, names: layer.names)
      carried.formUnion(mounts.compound.filter { tables.isMember(layer, of: mounts.mounts[$0]) })
      for number in carried.sorted() {
        let mount = mounts.mounts[number]
        let what: Use.What =
          mount.type == "zfs"
          ? .pool(device: device, .mounted(mount.place)) : .mount(device: device, on: mount.place)
        add(place, what, isVital: vital.contains(number))
      }
      // What is imported or mounted where no table shows it is in use all the same.
      if !carried.contains(where: { mounts.mounts[$0].type == "zfs" }), let pool = tables.pool(of: layer) {
        add(place, .pool(device: device, .imported(pool)))
      }
      if !carried.contains(where: { mounts.mounts[$0].type == "btrfs" }), let volume = tables.volume(of: layer) {
        add(place, .holder(device: device, by: .btrfs(volume: volume)))
      }
      if tables.journals.contains(layer.name) { add(place, .holder(device: device, by: .journal)) }
      if layer.isCacheMember(sysfs), !stack.holdings.contains(where: { $0.base == place }) {
        add(place, .holder(device: device, by: .cache))
      }
      if let boot = tables.boot.use(of: layer.record) {
        add(place, .boot(device: device, role: boot.role), isVital: boot.isCertain)
      }
      for swap in tables.swaps {
        if layer.names.contains(swap.path) { add(place, .swap(device: device, file: nil), isVital: true) }
        if swap.mount.map(carried.contains) == true {
          add(place, .swap(device: device, file: swap.path), isVital: true)
        }
      }
      for (export, mount) in tables.exports {
        let isOn = layer.names.contains(export.path) || mount.map(carried.contains) == true
        if isOn { add(place, .holder(device: device, by: .export(export.detail))) }
      }
      for entry in tables.entries where layer.names.contains(entry.device) {
        add(place, entry.use(of: device), source: entry.source, isVital: entry.isVital)
      }
      if let pool = layer.poolLabel, tables.pool(of: layer) == nil, tables.cache.has(pool) {
        add(
          place, .configuredStorage(device: device, entry: "pool \(pool)"),
          source: SourceLine(PoolCache.path, nil, text: pool))
      }
    }
    for (place, layer) in layers.enumerated() where !used.contains(place) {
      if let signature = layer.signature {
        add(place, .signature(device: layer.subject, content: signature), isIdle: true)
      }
      if layer.kind == .partition { add(place, .partition(device: layer.subject), isIdle: true) }
    }
    for (place, layer) in layers.enumerated() where layer.kind == .disk && !used.contains(place) {
      add(place, .block(device: layer.subject), isIdle: true)
    }
    return uses
  }

  /// Disks and partitions of which neither a use nor what is written on them is known: only udev's database has that
  /// without opening them.
  func unknown(of function: Address, _ stack: BlockLayers, uses: [Use]) -> [UnknownUse] {
    let layers = stack.layers
    return layers.indices.filter { place in
      let layer = layers[place]
      return layer.record == nil && layer.signature == nil && !layers.contains { $0.parent == place }
        && !uses.contains { !$0.isIdle && $0.subject == layer.subject }
    }.map { place in
      UnknownUse(
        function: function, area: .data,
        reason:
          "udev has no record of what is on \(layers[place].subject): /run/udev/data/b\(layers[place].number.text) is not there"
      )
    }
  }
}
