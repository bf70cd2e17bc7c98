/// vfio-pci takes header type 0 only; a host bridge is the host's own.
struct NotEndpoint: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.filter { !$0.isEndpoint }.map { function in
      let below = situation.host.functions(below: function.address).filter(\.isEndpoint).map(\.address)
      return Finding(
        .notEndpoint, .error, on: [function.address],
        message: function.isBusBridge
          ? "\(function.address) is a bridge. A guest cannot have a bridge."
          : "\(function.address) is a host bridge. A guest cannot have a host bridge.",
        evidence: [
          function.headerType.value.map { "config offset 0x0e: header type \($0)" },
          function.classCode.value.map { "class \($0)" },
        ].compactMap { $0 },
        remedy: below.isEmpty
          ? "Name an endpoint instead: hostdev list"
          : "Name the endpoints below it: hostdev check \(below.map(\.description).joined(separator: " "))")
    }
  }
}
