import Host
import PCI
import Sysfs

/// What of the host stands on the disks of a function.
struct StorageUse {
  let sysfs: any Sysfs
  let mounts: MountTable
  let tables: StorageTables

  /// Without `/`, `/usr`, swap and what it boots from the host does not live.
  private static let vital: Set<String> = ["/", "/boot", "/boot/efi", "/efi", "/usr"]

  func uses(of function: Address, _ layers: [BlockLayer]) -> [Use] {
    var uses: [Use] = []
    // Places of layers that something is known of, at or above them.
    var used: Set<Int> = []
    func add(_ place: Int, _ kind: Use.Kind, _ detail: String, isVital: Bool = false) {
      let layer = layers[place]
      uses.append(
        Use(
          function: function, kind: kind, subject: layer.subject, detail: detail, chain: layer.chain, isVital: isVital))
      if kind != .signature { mark(place) }
    }
    func mark(_ place: Int) {
      var above: Int? = place
      while let next = above, used.insert(next).inserted { above = layers[next].parent }
    }
    for (place, layer) in layers.enumerated() {
      if layer.kind == .stacked, let parent = layer.parent {
        uses.append(
          Use(
            function: function, kind: .holder, subject: layers[parent].subject, detail: layer.chain.last ?? layer.name,
            chain: layer.chain))
        mark(place)
      }
      for mount in mounts.mounts where layer.carries(mount) || tables.isMember(layer, of: mount) {
        let isOwn = mount.seenBy == nil
        add(
          place, mount.type == "zfs" ? .pool : .mount, mount.point + (mount.seenBy.map { ", seen by \($0)" } ?? ""),
          isVital: isOwn && Self.vital.contains(mount.point))
      }
      for swap in tables.swaps {
        if layer.names.contains(swap) {
          add(place, .swap, swap, isVital: true)
        } else if let mount = mounts.mount(holding: swap), layer.carries(mount) {
          add(place, .swap, swap, isVital: true)
        }
      }
      for entry in tables.entries where layer.names.contains(entry.device) {
        add(place, .fstab, entry.detail, isVital: Self.vital.contains(entry.point) || entry.point == "swap")
      }
    }
    for (place, layer) in layers.enumerated() where !used.contains(place) {
      if let signature = layer.record?.signature { add(place, .signature, signature) }
      if layer.kind == .partition { add(place, .partition, "partition") }
    }
    for (place, layer) in layers.enumerated() where layer.kind == .disk && !used.contains(place) {
      add(place, .block, "disk")
    }
    return uses
  }
}
