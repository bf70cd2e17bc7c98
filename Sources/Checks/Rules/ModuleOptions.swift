import Host
import PCI
import Settings

/// Lines of modprobe.d that decide over this set besides hostdev.
struct ModuleOptions: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    if situation.intent == .reset { return [] }
    let lines = situation.surroundings.modprobeLines.filter { $0.isFor("vfio_pci") }
    var found = lines.filter { $0.command == .options && lines.replacement(of: $0) == nil }.compactMap { line in
      claim(line, situation.functions.filter(line.claims))
    }
    if !situation.movesToUnloaded.isEmpty {
      found += lines.filter { $0.command == .install && !$0.isVoid }.map { line in
        Finding(
          .moduleOptions, .warning, on: situation.set,
          message:
            "A line of modprobe.d runs its own command to load vfio-pci. hostdev does not know whether that loads the module.",
          evidence: [Finding.Evidence(line.source)], remedy: "modprobe --show-depends vfio-pci")
      }
    }
    return found
  }

  private func claim(_ line: ModprobeLine, _ functions: [Function]) -> Finding? {
    guard !functions.isEmpty else { return nil }
    let names = functions.map { "\($0.address)" }.joined(separator: ", ")
    return Finding(
      .moduleOptions, .warning, on: functions.map(\.address),
      message:
        "A line of modprobe.d gives every device with these ids to vfio-pci, \(names) too. After the next boot \(functions.count == 1 ? "it" : "they") may be on another driver than now.",
      evidence: [Finding.Evidence(line.source)],
      remedy:
        "To let only hostdev decide: \(ShellCommand.commentOut(line.source)); then rebuild the initramfs, which has a copy"
    )
  }
}
