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

  func uses(
    of function: Address, _ stack: BlockLayers, leaving: Set<String> = [], controllers: Set<String> = []
  ) -> [Use] {
    let remainders = remainders(stack, RedundantLayer(sysfs: sysfs, leaving: leaving), without: controllers)
    var found = LayerUses(function, stack, keeping: remainders)
    let vital = mounts.vital(Self.vital)
    for (place, layer) in stack.layers.enumerated() {
      addHolders(of: place, in: stack, to: &found)
      let carried = mountNumbers(on: layer)
      addMounts(carried, vital: vital, at: place, to: &found)
      addWhatNoTableShows(carried, at: place, in: stack, to: &found)
      addSwapsAndExports(carried, at: place, to: &found)
      addConfigured(at: place, to: &found)
    }
    found.addIdle()
    return found.uses
  }

  /// Of each layer that goes on without the set, or is made of one that does.
  private func remainders(
    _ stack: BlockLayers, _ redundant: RedundantLayer, without controllers: Set<String>
  ) -> [Int: Use.Remainder] {
    var found: [Int: Use.Remainder] = [:]
    for (place, layer) in stack.layers.enumerated() {
      let bases = stack.holdings.filter { $0.holder == place }.map(\.base) + [layer.parent].compactMap { $0 }
      let lost = Set(bases.map { stack.layers[$0].name }).sorted().joined(separator: ", ")
      found[place] =
        redundant.remainder(of: layer, below: lost)
        ?? redundant.remainder(ofShared: layer, without: controllers)
        // All that it is made of goes on.
        ?? (bases.allSatisfy { found[$0] != nil } ? bases.first.flatMap { found[$0] } : nil)
    }
    return found
  }

  private func addHolders(of place: Int, in stack: BlockLayers, to found: inout LayerUses) {
    for held in stack.holdings where held.base == place {
      let holder = stack.layers[held.holder]
      let by = Use.Holder.device(name: holder.name, label: holder.label)
      found.add(
        place, .holder(device: stack.layers[place].subject, by: by), chain: [by.description], heldBy: held.holder)
      found.mark(held.holder)
    }
  }

  /// Places in the mount table of what is mounted from this layer, alone or as a member.
  private func mountNumbers(on layer: BlockLayer) -> Set<Int> {
    mounts.places(number: layer.number.text, names: layer.names)
      .union(mounts.compound.filter { tables.isMember(layer, of: mounts.mounts[$0]) })
  }

  private func addMounts(_ carried: Set<Int>, vital: Set<Int>, at place: Int, to found: inout LayerUses) {
    let device = found.layers[place].subject
    for number in carried.sorted() {
      let mount = mounts.mounts[number]
      let what: Use.What =
        mount.type == "zfs" ? .pool(device: device, .mounted(mount.place)) : .mount(device: device, on: mount.place)
      found.add(place, what, isVital: vital.contains(number))
    }
  }

  /// What is imported or mounted, or holds a journal, a cache or the boot files, and is in use all the same.
  private func addWhatNoTableShows(
    _ carried: Set<Int>, at place: Int, in stack: BlockLayers, to found: inout LayerUses
  ) {
    let layer = stack.layers[place]
    let device = layer.subject
    if !carried.contains(where: { mounts.mounts[$0].type == "zfs" }), let pool = tables.pool(of: layer) {
      found.add(place, .pool(device: device, .imported(pool)))
    }
    if let member = tables.member(layer), tables.pools.contains(member.pool) {
      found.add(
        place, .pool(device: member.path, member.role.map { .helper(member.pool, role: $0) } ?? .imported(member.pool)),
        isVital: member.role == nil && isVital(pool: member.pool))
    } else if layer.isUnnamedPoolMember, !tables.pools.isEmpty {
      // Whose it is nothing tells: `unknown` says so.
      found.mark(place)
    }
    if !carried.contains(where: { mounts.mounts[$0].type == "btrfs" }), let volume = tables.volume(of: layer) {
      found.add(place, .holder(device: device, by: .btrfs(volume: volume)))
    }
    if tables.journals.contains(layer.name) { found.add(place, .holder(device: device, by: .journal)) }
    for name in layer.names.sorted() {
      guard let memory = tables.backings[name] else { continue }
      let isSwap = tables.swaps.contains { $0.path == "/dev/\(memory)" }
      found.add(place, .holder(device: device, by: .device(name: memory, label: nil)), isVital: isSwap)
    }
    if layer.isCacheMember(sysfs), !stack.holdings.contains(where: { $0.base == place }) {
      found.add(place, .holder(device: device, by: .cache))
    }
    if let boot = tables.boot.use(of: layer.record) {
      found.add(place, .boot(device: device, role: boot.role), isVital: boot.isCertain)
    }
  }

  /// The host has `/` or the like on it.
  private func isVital(pool: String) -> Bool {
    mounts.vital(Self.vital).contains { number in
      let mount = mounts.mounts[number]
      return mount.type == "zfs" && mount.source.split(separator: "/").first.map(String.init) == pool
    }
  }

  private func addSwapsAndExports(_ carried: Set<Int>, at place: Int, to found: inout LayerUses) {
    let layer = found.layers[place]
    let device = layer.subject
    for swap in tables.swaps {
      if layer.names.contains(swap.path) { found.add(place, .swap(device: device, file: nil), isVital: true) }
      if swap.mount.map(carried.contains) == true {
        found.add(place, .swap(device: device, file: swap.path), isVital: true)
      }
    }
    for (export, mount) in tables.exports {
      let isOn = layer.names.contains(export.path) || mount.map(carried.contains) == true
      if isOn { found.add(place, .holder(device: device, by: .export(export.detail))) }
    }
  }

  private func addConfigured(at place: Int, to found: inout LayerUses) {
    let layer = found.layers[place]
    for entry in tables.entries where layer.names.contains(entry.device) {
      found.add(place, entry.use(of: layer.subject), source: entry.source, isVital: entry.isVital)
    }
    if let pool = layer.poolLabel, tables.pool(of: layer) == nil, tables.cache.has(pool) {
      found.add(
        place, .configuredStorage(device: layer.subject, entry: "pool \(pool)"),
        source: SourceLine(PoolCache.path, nil, text: pool))
    } else if let member = tables.member(layer), !tables.pools.contains(member.pool) {
      found.add(
        place, .configuredStorage(device: layer.subject, entry: "\(member.role ?? "member") of pool \(member.pool)"),
        source: SourceLine(PoolCache.path, nil, text: member.pool))
    }
  }

  /// Disks and partitions of which neither a use nor what is written on them is known: only udev's database has that
  /// without opening them.
  func unknown(of function: Address, _ stack: BlockLayers, uses: [Use]) -> [UnknownUse] {
    let layers = stack.layers
    let pools = tables.pools.sorted().joined(separator: ", ")
    let unnamed = layers.filter { layer in
      layer.isUnnamedPoolMember && !tables.pools.isEmpty && tables.member(layer) == nil
        && !uses.contains { !$0.isIdle && $0.subject == layer.subject }
    }.map { layer in
      UnknownUse(
        function: function, area: .storage,
        reason:
          "\(layer.subject) is a cache or spare of a ZFS pool whose name its label does not have; imported: \(pools)")
    }
    return unnamed
      + layers.indices.filter { place in
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
