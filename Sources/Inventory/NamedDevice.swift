import Host
import PCI

/// A device of a class, `/sys/class/drm/card0`, and the function that it belongs to.
public struct NamedDevice: Sendable, Equatable {
  /// The class.
  public let kind: String
  public let name: String
  public let function: Address

  public var selector: Selector {
    switch kind {
    case "net": .network(name)
    case "block": .block(name)
    default: .classDevice(kind, name: name)
    }
  }
}

extension Resolver {
  /// Classes whose devices people call by their names alone.
  public static let namedClasses = ["net", "block", "nvme", "drm", "graphics", "sound", "infiniband"]

  /// Devices of these classes that have this name and belong to a function.
  public func devices(called name: String) -> [NamedDevice] { devices(called: name, of: Self.namedClasses) }

  /// Devices with a node of this name below `/dev`; `folder`: the one that it is in.
  func nodes(called name: String, below folder: String?) -> [NamedDevice] {
    let classes = ["dri": ["drm"], "snd": ["sound"], "input": ["input"]]
    let others = (try? sysfs.entries("/sys/class")) ?? []
    return devices(
      called: name, of: folder.flatMap { classes[$0] } ?? others.filter { $0 != "net" && $0 != "pci_bus" }.sorted())
  }

  private func devices(called name: String, of classes: [String]) -> [NamedDevice] {
    if name.isEmpty || name.hasPrefix(".") || name.contains("/") { return [] }
    return classes.flatMap { kind in
      let owners =
        kind == "block" ? under(name, depth: 0).sorted() : [owner("/sys/class/\(kind)/\(name)")].compactMap { $0 }
      return owners.map { NamedDevice(kind: kind, name: name, function: $0) }
    }
  }
}
