import Host

/// Memory of a function that the kernel has added to its own: CXL memory and dax devices as System RAM.
struct HostMemory: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .memory }
      guard !uses.isEmpty else { return nil }
      return Finding(
        .hostMemory, .error, on: [function.address],
        message:
          "The host runs on memory of \(function.address). It crashes as soon as the function stops answering.",
        evidence: uses.map(\.evidence), remedy: Self.remedy(uses))
    }
  }

  /// By the grammar of daxctl(1) and cxl(1): takes the memory offline, and then the device or region away.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      guard case .memory(let device, let region) = use.what, device.hasPrefix("dax") else { continue }
      commands += [
        "daxctl offline-memory \(ShellWord.quoted(device))", "daxctl disable-device \(ShellWord.quoted(device))",
      ]
      if let region { commands.append("cxl disable-region \(ShellWord.quoted(region))") }
    }
    return commands.isEmpty
      ? "Keep it on the host. What gives the memory back is its driver: see its documentation."
      : commands.joined(separator: " && ")
  }
}

extension FindingExplanation {
  static let hostMemory = Self(
    meaning: "Memory of the function (CXL, dax) is System RAM of the host.",
    harm: "The host crashes as soon as the function stops answering.",
    remedyIdea: "Take the memory offline and its region away, or keep the function on the host.",
    source: "System RAM in /proc/iomem; /sys/bus/dax/devices/*/driver (kmem); /sys/bus/cxl/devices/region*/target*",
    subject: .both)

  static let unknownMemory = Self(
    meaning: "Whether memory of the set is the host's System RAM could not be determined.",
    harm: "The host may crash as soon as the function stops answering.",
    remedyIdea: "Run hostdev as root on the host itself, or check it yourself.",
    source: "/proc/iomem, /sys/bus/cxl, /sys/bus/dax", force: .always)
}
