import Host

/// Disks of the host: the kernel lets the driver under a mounted file system be unbound.
struct HostStorage: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.flatMap { function in
      let all = Self.uses(of: function, in: situation)
      let uses = all.filter { $0.remainder == nil }
      return [Self.ending(function, uses)].compactMap { $0 } + SharedStorage.findings(function, all)
    }
  }

  /// Uses that end with the function.
  private static func ending(_ function: Function, _ uses: [Use]) -> Finding? {
    guard !uses.isEmpty else { return nil }
    let isVital = uses.contains(where: \.isVital)
    let worst =
      uses.first(where: \.isRoot) ?? uses.first(where: \.isVital) ?? uses.first { $0.kind == .mount }
      ?? uses.last ?? uses[0]
    return Finding(
      .rootStorage, .error, on: [function.address],
      message:
        "The host uses \(worst.subject) (\(worst.kind.rawValue) \(worst.detail)), which is on \(function.address). It disappears as soon as the driver is unbound.",
      evidence: uses.map(\.evidence),
      remedy: isVital
        ? "The host runs from it. Give the guest another disk."
        : Self.remedy(uses),
      forceIf: isVital ? nil : "its data may be lost", isForceable: !isVital)
  }

  /// What the host uses of a function's disks. An unused disk, and the data on it, do not count: `HasData` reports
  /// them.
  static func uses(of function: Function, in situation: Situation) -> [Use] {
    situation.usage.uses(of: function.address).filter { $0.kind.isHostStorage && !$0.isIdle }
  }

  /// Ends each use, the uppermost first.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    func add(_ command: String) { if !commands.contains(command) { commands.append(command) } }
    // A holder's chain ends with the device that is stopped (`dm-0`). That comes after everything that uses it.
    func rank(_ use: Use) -> (Int, Int) { (-use.chain.count, use.kind == .holder ? 1 : 0) }
    for use in uses.sorted(by: { rank($0) < rank($1) }) {
      switch use.what {
      case .mount(_, let point), .pool(_, .mounted(let point)): add(umount(point))
      case .pool(_, .imported(let name)): add("zpool export \(ShellWord.quoted(name))")
      case .pool(let device, .helper(let name, _)):
        add("zpool remove \(ShellWord.quoted(name)) \(ShellWord.quoted(device))")
      case .swap(let device, let file): add("swapoff \(ShellWord.quoted(file ?? device))")
      case .holder(_, .device(let name, let label)): stop(name, label).map(add)
      case .fstab, .configuredStorage: use.edit.map(add)
      default: continue
      }
    }
    return commands.isEmpty ? "Stop using it" : commands.joined(separator: " && ")
  }

  /// In the namespace of the process that sees it, where it is not the host's own.
  private static func umount(_ point: Use.MountPoint) -> String {
    let command = "umount \(ShellWord.quoted(point.path))"
    return point.seenBy.map { "nsenter -t \($0.pid) -m \(command)" } ?? command
  }

  /// Takes a block device down, by the kernel's name for it.
  private static func stop(_ name: String, _ label: String?) -> String? {
    if name.hasPrefix("dm-") { return label.map { "dmsetup remove \(ShellWord.quoted($0))" } }
    if name.hasPrefix("md") { return "mdadm --stop \(ShellWord.quoted("/dev/\(name)"))" }
    if name.hasPrefix("loop") { return "losetup -d \(ShellWord.quoted("/dev/\(name)"))" }
    if name.hasPrefix("bcache") { return "echo 1 > \(ShellWord.quoted("/sys/block/\(name)/bcache/stop"))" }
    return nil
  }
}

extension Use {
  /// The host's own root file system.
  fileprivate var isRoot: Bool {
    switch what {
    case .mount(_, let point), .pool(_, .mounted(let point)): point == MountPoint("/")
    case .fstab(_, _, let point): point == "/"
    default: false
    }
  }

  /// Opens the file that it is configured in, at its line.
  var edit: String? {
    guard let source, source.file.hasPrefix("/etc/"), let line = source.line else { return nil }
    return "\"${EDITOR:-vi}\" +\(line) \(ShellWord.quoted(source.file))"
  }

  var evidence: Finding.Evidence { Finding.Evidence(value: line) }

  /// `0000:02:00.0 → nvme0 → nvme0n1 → nvme0n1p2: mount /`.
  var line: String {
    "\(chain.joined(separator: " → ")): \(kind.rawValue)\(detail.isEmpty ? "" : " \(detail)")\(place.map { " (\($0))" } ?? "")"
  }
}
