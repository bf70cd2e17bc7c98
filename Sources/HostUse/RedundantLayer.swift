import Host
import Sysfs

/// Whether a block device that is stacked on a function's disks lives on without them.
struct RedundantLayer {
  let sysfs: any Sysfs
  /// The kernel's names of all block devices that the set carries.
  let leaving: Set<String>

  /// What is known of this layer itself; nil if it ends with its disks, or if that is not known.
  func remainder(of layer: BlockLayer, below lost: String) -> Use.Remainder? {
    guard layer.kind == .stacked else { return nil }
    let folder = "/sys/class/block/\(layer.name)"
    let slaves = sysfs.names(in: "\(folder)/slaves")
    let staying = slaves.filter { !leaving.contains($0) }
    // `mpath-` is what multipathd begins the ids of its maps with.
    if sysfs.fact("\(folder)/dm/uuid").value?.hasPrefix("mpath-") == true {
      let alive = staying.filter { isRunning($0) }
      return alive.isEmpty ? nil : Use.Remainder(.path, of: layer.label ?? layer.name, by: alive, lost: lost)
    }
    guard let level = sysfs.fact("\(folder)/md/level").value, sysfs.fact("\(folder)/md/degraded").value == "0" else {
      return nil
    }
    let alive = staying.filter { sysfs.fact("\(folder)/md/dev-\($0)/state").value?.contains("in_sync") == true }
    let gone = slaves.count - staying.count
    let isEnough =
      switch level {
      case "raid1": !alive.isEmpty
      // Two lost ones may be the two halves of one mirror.
      case "raid10", "raid4", "raid5": gone == 1 && alive.count == staying.count && !alive.isEmpty
      case "raid6": gone <= 2 && alive.count == staying.count && !alive.isEmpty
      default: false
      }
    return isEnough ? Use.Remainder(.member, of: layer.name, by: alive, lost: lost) : nil
  }

  /// A SCSI disk that is not offline, or the controller of an NVMe disk.
  private func isRunning(_ name: String) -> Bool {
    ["running", "live"].contains(sysfs.fact("/sys/class/block/\(name)/device/state").value)
  }

  /// NVMe's own multipath: another controller of the subsystem has a path to the same namespace, and is not of the set.
  func remainder(ofShared disk: BlockLayer, without controllers: Set<String>) -> Use.Remainder? {
    let parts = disk.path.split(separator: "/")
    guard disk.kind == .disk,
      let place = parts.lastIndex(where: { $0.hasPrefix("nvme-subsys") && $0.dropFirst(11).allSatisfy(\.isNumber) }),
      let space = disk.name.split(separator: "n").last
    else { return nil }
    let folder = "/" + parts[...place].joined(separator: "/")
    let all = sysfs.names(in: folder).filter { $0.hasPrefix("nvme") && $0.dropFirst(4).allSatisfy(\.isNumber) }
    let others = all.filter { name in
      guard !controllers.contains(name), sysfs.fact("\(folder)/\(name)/state").value == "live" else { return false }
      // A hidden path: `nvme0c1n1`. One that is inaccessible carries nothing.
      return sysfs.names(in: "\(folder)/\(name)").contains { path in
        path.hasPrefix("nvme") && path.contains("c") && path.hasSuffix("n\(space)")
          && ["optimized", "non-optimized", nil].contains(sysfs.fact("\(folder)/\(name)/\(path)/ana_state").value)
      }
    }
    let own = all.filter(controllers.contains)
    return others.isEmpty || own.isEmpty
      ? nil : Use.Remainder(.path, of: disk.name, by: others, lost: own.joined(separator: ", "))
  }
}
