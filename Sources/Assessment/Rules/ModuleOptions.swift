import Host
import PCI

/// Lines of modprobe.d that decide over this set besides hostdev.
struct ModuleOptions: Rule {
  func findings(in situation: Situation) -> [Finding] {
    if situation.intent == .reset { return [] }
    let lines = situation.surroundings.modprobeLines.filter { $0.isFor("vfio_pci") }
    var found = lines.filter { $0.command == .options }.compactMap { line in
      claim(line, situation.functions.filter(line.claims))
    }
    if !situation.movesToUnloaded.isEmpty {
      found += lines.filter { $0.command == .install && !$0.isVoid }.map { line in
        Finding(
          .moduleOptions, .warning, on: situation.set,
          message: "Loading vfio-pci runs a command of the administrator's; whether it loads the module is its affair.",
          evidence: [line.evidence], remedy: "modprobe --show-depends vfio-pci")
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
        "A line of modprobe.d gives \(names), and every other device with these ids, to vfio-pci whenever that is loaded: after the next boot it may not be where it is now.",
      evidence: [line.evidence], remedy: "To let hostdev alone decide: sed -i '\(line.line)s/^/#/' \(line.file)")
  }
}
