import Host
import PCI

/// vfio-pci is not in the kernel, and cannot be loaded.
struct ModuleMissing: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard let function = situation.movesToUnloaded.first else { return [] }
    let around = situation.surroundings
    func finding(_ why: String, _ evidence: String, _ remedy: String) -> [Finding] {
      [
        Finding(
          "module-missing", .error, situation.set,
          message:
            "vfio-pci is not loaded and cannot be: \(why). Without it no guest can be given \(function.address).",
          evidence: [evidence], remedy: remedy, isForceable: false)
      ]
    }
    let release = around.kernelRelease.value ?? "$(uname -r)"
    if around.vfioPCI == .missing {
      return finding(
        "this kernel was built or installed without it", "/lib/modules/\(release)/modules.dep: no vfio-pci.ko",
        "find /lib/modules/\(release) -name 'vfio-pci.ko*', and install the kernel package that has it")
    }
    if around.areModulesDisabled.value == true {
      return finding(
        "loading modules is switched off until the next boot", "/proc/sys/kernel/modules_disabled: 1",
        "echo vfio-pci > /etc/modules-load.d/vfio-pci.conf && systemctl reboot")
    }
    let words = around.commandLine.value ?? []
    if let word = words.first(where: Self.bars) {
      return finding(
        "the kernel was told to refuse it", "/proc/cmdline: \(word)",
        "Boot without \(word) on the kernel's command line")
    }
    if let line = around.modprobeLines.first(where: { $0.module == "vfio_pci" && $0.command == .install && $0.isVoid })
    {
      return finding(
        "modprobe is told to run something else instead", line.text,
        "sed -i '\(line.line)s/^/#/' \(line.file)")
    }
    return []
  }

  /// `module_blacklist=` is the kernel's own, for whatever way a module is loaded; `blacklist` of modprobe.d and
  /// `modprobe.blacklist=` stop aliases alone.
  private static func bars(_ word: String) -> Bool {
    guard word.hasPrefix("module_blacklist=") else { return false }
    return word.dropFirst("module_blacklist=".utf8.count).split(separator: ",")
      .contains { ["vfio", "vfio_pci", "vfio_pci_core"].contains($0.replacing("-", with: "_")) }
  }
}

/// Lines of modprobe.d that decide over this set besides hostdev.
struct ModuleOptions: Rule {
  func findings(in situation: Situation) -> [Finding] {
    if situation.intent == .reset { return [] }
    let lines = situation.surroundings.modprobeLines.filter { $0.module == "vfio_pci" }
    var found = lines.filter { $0.command == .options }.compactMap { line in
      claim(line, situation.functions.filter { function in function.id.map(line.claims) ?? false })
    }
    if !situation.movesToUnloaded.isEmpty {
      found += lines.filter { $0.command == .install && !$0.isVoid }.map { line in
        Finding(
          "module-options", .warning, situation.set,
          message: "Loading vfio-pci runs a command of the administrator's; whether it loads the module is its affair.",
          evidence: [line.text], remedy: "modprobe --show-depends vfio-pci", isForceable: false)
      }
    }
    return found
  }

  private func claim(_ line: ModprobeLine, _ functions: [Function]) -> Finding? {
    guard !functions.isEmpty else { return nil }
    let names = functions.map { "\($0.address)" }.joined(separator: ", ")
    return Finding(
      "module-options", .warning, functions.map(\.address),
      message:
        "A line of modprobe.d gives \(names), and every other device with these ids, to vfio-pci whenever that is loaded: after the next boot it may not be where it is now.",
      evidence: [line.text], remedy: "To let hostdev alone decide: sed -i '\(line.line)s/^/#/' \(line.file)",
      isForceable: false)
  }
}

/// A kernel that is locked down loads signed modules alone.
struct Lockdown: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard !situation.movesToUnloaded.isEmpty, let mode = situation.surroundings.lockdown.value, mode != "none" else {
      return []
    }
    return [
      Finding(
        "lockdown", .info, situation.set,
        message: "This kernel is locked down: it will load vfio-pci only where its maker signed that.",
        evidence: ["/sys/kernel/security/lockdown: \(mode)"]
          + (situation.surroundings.secureBoot.value == true ? ["Secure Boot is on (EFI variable SecureBoot: 1)"] : []),
        remedy: "modinfo -F signer vfio-pci", isForceable: false)
    ]
  }
}

extension Situation {
  /// What is to be moved to a vfio-pci that is not in the kernel yet.
  fileprivate var movesToUnloaded: [Function] {
    guard case .assign("vfio-pci") = intent, surroundings.vfioPCI != .loaded, surroundings.vfioPCI != .builtIn else {
      return []
    }
    return functions.filter { $0.driver.value != "vfio-pci" }
  }
}

extension ModprobeLine {
  fileprivate var text: String { "\(file):\(line): \(command.rawValue) \(module) \(arguments)" }

  /// `install MODULE /bin/false`: nothing gets loaded.
  fileprivate var isVoid: Bool {
    let command = arguments.split(separator: " ").first ?? ""
    return ["true", "false", ":"].contains(command.split(separator: "/").last ?? "")
  }

  /// `ids=10ee:5000,8086:1521:ffffffff:…` names this id.
  fileprivate func claims(_ id: DeviceID) -> Bool {
    arguments.split(separator: " ").filter { $0.hasPrefix("ids=") }.contains { option in
      option.dropFirst(4).split(separator: ",").contains { entry in
        let parts = entry.split(separator: ":").prefix(2).map { parseHex($0, as: UInt16.self) }
        return parts == [id.vendor, id.device]
      }
    }
  }
}
