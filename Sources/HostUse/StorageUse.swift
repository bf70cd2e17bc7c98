import Host
import PCI
import Settings
import Sysfs

/// What of the host stands on the disks of a function.
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
      _ place: Int, _ kind: Use.Kind, _ detail: String, at line: String? = nil, isVital: Bool = false,
      isIdle: Bool = false
    ) {
      let layer = layers[place]
      uses.append(
        Use(
          function: function, kind: kind, subject: layer.subject, detail: detail, place: line, chain: layer.chain,
          isVital: isVital, isIdle: isIdle))
      if kind != .signature { mark(place) }
    }
    func mark(_ place: Int) {
      var above: Int? = place
      while let next = above, used.insert(next).inserted { above = layers[next].parent }
    }
    for (place, layer) in layers.enumerated() {
      for held in stack.holdings where held.base == place {
        let holder = layers[held.holder]
        let label = holder.chain.last ?? holder.name
        uses.append(
          Use(
            function: function, kind: .holder, subject: layer.subject, detail: label, chain: layer.chain + [label]))
        mark(place)
        mark(held.holder)
      }
      var carried = mounts.places(number: layer.number.text, names: layer.names)
      carried.formUnion(mounts.compound.filter { tables.isMember(layer, of: mounts.mounts[$0]) })
      for number in carried.sorted() {
        let mount = mounts.mounts[number]
        add(place, mount.type == "zfs" ? .pool : .mount, mount.place, isVital: vital.contains(number))
      }
      // What is imported or mounted where no table shows it is in use all the same.
      if !carried.contains(where: { mounts.mounts[$0].type == "zfs" }), let pool = tables.pool(of: layer) {
        add(place, .pool, "\(pool), imported")
      }
      if !carried.contains(where: { mounts.mounts[$0].type == "btrfs" }), let volume = tables.volume(of: layer) {
        add(place, .holder, "btrfs \(volume), mounted where it cannot be seen")
      }
      if tables.journals.contains(layer.name) { add(place, .holder, "the journal of a file system that is mounted") }
      if layer.isCacheMember(sysfs), !stack.holdings.contains(where: { $0.base == place }) {
        add(place, .holder, "bcache")
      }
      if let boot = tables.boot.use(of: layer.record) { add(place, .boot, boot.detail, isVital: boot.isCertain) }
      for swap in tables.swaps {
        if layer.names.contains(swap.path) { add(place, .swap, "swap", isVital: true) }
        if swap.mount.map(carried.contains) == true { add(place, .swap, swap.path, isVital: true) }
      }
      for (export, mount) in tables.exports {
        let isOn = layer.names.contains(export.path) || mount.map(carried.contains) == true
        if isOn { add(place, .holder, export.detail) }
      }
      for entry in tables.entries where layer.names.contains(entry.device) {
        add(place, entry.kind, entry.what, at: entry.place, isVital: entry.isVital)
      }
      if let pool = layer.poolLabel, tables.pool(of: layer) == nil, tables.cache.has(pool) {
        add(place, .configuredStorage, "pool \(pool)", at: PoolCache.path)
      }
    }
    for (place, layer) in layers.enumerated() where !used.contains(place) {
      if let signature = layer.signature { add(place, .signature, signature, isIdle: true) }
      if layer.kind == .partition { add(place, .partition, "partition", isIdle: true) }
    }
    for (place, layer) in layers.enumerated() where layer.kind == .disk && !used.contains(place) {
      add(place, .block, "disk", isIdle: true)
    }
    return uses
  }

  /// Disks and partitions of which neither a use nor what is written on them is known: only udev's database has that
  /// without opening them.
  func unknown(of function: Address, _ stack: BlockLayers, _ uses: [Use]) -> [UnknownUse] {
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
