import Host
import Settings
import Sysfs

/// Storage of a set: its disks, what uses them, and whether all of them were found.
struct StorageArea {
  let sysfs: any Sysfs
  let mounts: MountTable

  /// Adds to each function the disks that do not stand below it, and its block layers.
  func gather(_ functions: inout [FunctionWithDevices], into usage: inout Usage) {
    for place in functions.indices {
      let function = functions[place]
      for controller in function.devices where controller.subsystem == "nvme" && controller.number != nil {
        switch NamespaceSharing(sysfs: sysfs).devices(of: controller, below: function.devices) {
        case .devices(let shared): functions[place].devices += shared
        case .unknown(let reason):
          usage.unknown.append(UnknownUse(function: function.address, area: .storage, reason: reason))
        }
      }
    }
    var pools: Set<String> = []
    if functions.contains(where: \.hasDisks) {
      let storage = StorageUse(sysfs: sysfs, mounts: mounts, tables: StorageTables(sysfs, mounts))
      pools = storage.tables.pools
      let empty = BlockLayers(
        sysfs, mounts: mounts, aliases: DeviceAliases(sysfs), loops: LoopDevice.all(sysfs, mounts))
      var stacks: [Int: BlockLayers] = [:]
      for place in functions.indices where functions[place].hasDisks {
        var layers = empty
        layers.add(functions[place].devices)
        functions[place].layers = layers.layers
        stacks[place] = layers
      }
      let leaving = Set(stacks.values.flatMap { $0.layers.map(\.name) })
      let controllers = Set(functions.flatMap(\.devices).filter { $0.subsystem == "nvme" }.map(\.name))
      for place in functions.indices {
        guard let layers = stacks[place] else { continue }
        let address = functions[place].address
        let uses = storage.uses(of: address, layers, leaving: leaving, controllers: controllers)
        usage.uses += uses
        usage.unknown += storage.unknown(of: address, layers, uses: uses)
        let unresolved = UnresolvedStorage(sysfs: sysfs, mounts: mounts, entries: storage.tables.entries)
        let used = Set(uses.filter { !$0.isIdle }.map(\.subject))
        let doubts = unresolved.doubts(layers) { used.contains($0.subject) } + storage.tables.unread
        usage.unknown += doubts.map { UnknownUse(function: address, area: .storage, reason: $0) }
        usage.unknown += layers.unread.map { UnknownUse(function: address, area: .storage, reason: $0) }
      }
    }
    if functions.contains(where: { $0.function.driver.isAbsent && $0.function.classCode.value?.isStorage == true }) {
      let named = StorageByPath(entries: StorageSettings(reading: sysfs).entries)
      usage.uses += functions.flatMap(named.uses)
    }
    for function in functions {
      usage.unknown += StorageDoubt(sysfs: sysfs, mounts: mounts, pools: pools).doubts(function)
    }
  }
}
