import Sysfs

/// Regions of CXL memory and the memory devices that they are made of. A region's targets are endpoint decoders, a
/// decoder is of an endpoint, and the endpoint's `uport` is the memory device below the PCI function.
struct CXLRegions: Sendable {
  let sysfs: any Sysfs
  private static let bus = "/sys/bus/cxl/devices"
  /// Nil if the bus is not shown.
  private let names: [String]?

  init(_ sysfs: any Sysfs) {
    self.sysfs = sysfs
    names = try? sysfs.entries(Self.bus)
  }

  var isShown: Bool { names != nil }

  /// `region0`, …
  var all: [String] { numbered("region") }

  /// Whether the region has memory of this device; nil if that is not shown.
  func uses(_ region: String, _ memory: String) -> Bool? {
    let endpoints = numbered("endpoint")
    let own = endpoints.filter { (try? sysfs.linkName("\(Self.bus)/\($0)/uport")) == memory }
    let decoders = numbered("decoder").filter { decoder in
      own.contains { decoder.hasPrefix("decoder\($0.dropFirst("endpoint".utf8.count)).") }
    }
    if decoders.contains(where: { sysfs.fact("\(Self.bus)/\($0)/region").value == region }) { return true }
    let targets = sysfs.names(in: "\(Self.bus)/\(region)").filter { $0.hasPrefix("target") && $0 != "target_type" }
      .map { sysfs.fact("\(Self.bus)/\(region)/\($0)").value }
    if targets.contains(where: { target in target.map(decoders.contains) ?? false }) { return true }
    if !targets.isEmpty, targets.allSatisfy({ $0?.isEmpty == false }), !decoders.isEmpty { return false }
    // The only memory there is.
    return numbered("mem") == [memory] ? true : nil
  }

  /// Its folder below `/sys/devices`.
  func folder(of region: String) -> String {
    let link = "\(Self.bus)/\(region)"
    guard let target = try? sysfs.linkTarget(link) else { return link }
    return "/sys/" + target.split(separator: "/").drop { $0 != "devices" }.joined(separator: "/")
  }

  private func numbered(_ kind: String) -> [String] {
    (names ?? []).filter { name in
      name.hasPrefix(kind) && name.dropFirst(kind.utf8.count).first?.isNumber == true
    }
  }
}
