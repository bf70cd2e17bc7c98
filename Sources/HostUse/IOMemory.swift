import PCI
import Sysfs

/// `/proc/iomem`: which resource is inside which. The tree is by indentation, and is shown without privilege too, with the
/// numbers zeroed.
struct IOMemory: Sendable {
  struct Resource: Sendable {
    let name: String
    /// Names of what it is inside of, the outermost first.
    let around: [String]
  }

  let resources: [Resource]

  /// Nil if it could not be read.
  init?(_ sysfs: any Sysfs) {
    guard let bytes = try? sysfs.read("/proc/iomem"), !bytes.isEmpty else { return nil }
    var open: [(depth: Int, name: String)] = []
    var resources: [Resource] = []
    for line in textLines(String(decoding: bytes, as: UTF8.self)) {
      guard let colon = line.firstRange(of: " : ") else { continue }
      let depth = line.prefix { $0 == " " }.count
      let name = String(line[colon.upperBound...])
      open.removeAll { $0.depth >= depth }
      resources.append(Resource(name: name, around: open.map(\.name)))
      open.append((depth, name))
    }
    self.resources = resources
  }

  /// The kernel runs on memory that is inside a resource of this name, or around it: a region that the firmware had
  /// given out as plain memory before.
  func isSystemRAM(_ name: String) -> Bool {
    resources.contains { resource in
      Self.isSystemRAM(resource.name) && resource.around.contains(name)
        || resource.name == name && resource.around.contains(where: Self.isSystemRAM)
    }
  }

  /// CXL windows with memory that the kernel runs on, and no region around it that would tell whose it is.
  var windowsInUse: [String] {
    let found = resources.filter { resource in
      Self.isSystemRAM(resource.name) && !resource.around.contains { $0.hasPrefix("region") }
    }.compactMap { $0.around.first { $0.hasPrefix("CXL Window") } }
    return Set(found).sorted()
  }

  /// `System RAM`, `System RAM (kmem)`, `System RAM (virtio_mem)`.
  private static func isSystemRAM(_ name: String) -> Bool { name == "System RAM" || name.hasPrefix("System RAM (") }
}
