import Host
import PCI

/// Why an argument that this boot was given did nothing.
struct IneffectiveArgument {
  let functions: [Address]
  /// Continues *is given, without effect:*.
  let reason: String
  let evidence: [Finding.Evidence]
  let remedy: String
}

extension Examination {
  /// Nil if the word had its effect, or nothing shows whether it had.
  func ineffective(_ word: String) -> IneffectiveArgument? {
    guard let running = surroundings.commandLine.value, running.contains(word) else { return nil }
    let parameter = KernelParameter(word)
    guard let value = parameter.value else { return option(parameter, "1", among: running) }
    switch parameter.name {
    case "video": return video(value, running)
    case "initcall_blacklist" where value.split(separator: ",").contains("sysfb_init"): return framebuffer("", running)
    case "modprobe.blacklist", "module_blacklist", "rd.driver.blacklist":
      return blacklist(parameter.name, Set(value.split(separator: ",").map { ModuleNames.spelled($0) }))
    default: return option(parameter, value, among: running)
    }
  }

  // MARK: Frame buffers

  /// `video=efifb:off`: each `video=` is of one driver (`fb_get_options`), whatever follows a comma.
  private func video(_ value: String, _ running: [String]) -> IneffectiveArgument? {
    let parts = value.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[1].hasPrefix("off"), ["efifb", "vesafb", "simplefb", "simpledrm"].contains(parts[0])
    else { return nil }
    let other = parts[1].split(separator: ",").dropFirst().first { surrounds($0) }
    return framebuffer(other.map { "the kernel reads '\($0)' as an option of \(parts[0]). " } ?? "", running)
  }

  /// Of `vesafb:off`: that driver has the frame buffer.
  private func surrounds(_ option: Substring) -> Bool {
    let name = String(option.prefix { $0 != ":" })
    return option.contains(":") && surroundings.bootFramebuffers.value?.contains(name) == true
  }

  private func framebuffer(_ why: String, _ running: [String]) -> IneffectiveArgument? {
    guard let names = surroundings.bootFramebuffers.value, let holder = names.last else { return nil }
    let word =
      switch holder {
      case "simpledrm": "initcall_blacklist=simpledrm_platform_driver_init"
      case "efifb", "vesafb", "simplefb": "video=\(holder):off"
      default: "initcall_blacklist=sysfb_init"
      }
    let reach = holder == "simpledrm" || holder == "BOOTFB" ? ", which this argument does not reach" : ""
    return IneffectiveArgument(
      functions: [], reason: "\(why)\(holder) has the firmware's frame buffer\(reach)",
      evidence: [Finding.Evidence(path: "/proc/iomem", value: names.joined(separator: ", "))],
      remedy: running.contains(word) ? "" : "Boot with \(word)")
  }

  // MARK: Modules

  /// A line of modprobe.d that keeps a module from being loaded, and a function that is on it all the same.
  func ineffective(_ line: ModprobeLine) -> IneffectiveArgument? {
    let isBar = ["/bin/true", "/bin/false"].contains {
      line.arguments.split(separator: " ").first?.hasSuffix($0) == true
    }
    guard line.command == .blacklist || line.command == .install && isBar else { return nil }
    let modules = Set(host.functions.compactMap(\.driver.value).map(Self.module).filter(line.isFor))
    return blacklist(line.command.rawValue, modules)
  }

  private func blacklist(_ name: String, _ listed: Set<String>) -> IneffectiveArgument? {
    let there = host.functions.filter { function in
      !pending.contains(function.address) && function.driver.value.map { listed.contains(Self.module($0)) } ?? false
    }
    if there.isEmpty { return nil }
    let modules = Set(there.compactMap(\.driver.value).map(Self.module)).sorted()
    let builtIn = modules.filter { surroundings.builtInModules.value?.contains($0) == true }
    let list = settings.earlyModules.first { modules.contains($0.module) }
    let isFile = name == "blacklist" || name == "install"
    let why =
      if !builtIn.isEmpty {
        "\(builtIn.joined(separator: ", ")): built into this kernel, so not loaded as a module"
      } else if name == "module_blacklist" {
        "hostdev cannot tell why"
      } else if name == "rd.driver.blacklist" {
        "it counts in the initramfs alone"
      } else if isFile, let list {
        "\(list.source.place) loads it by its name"
      } else {
        (isFile ? "the initramfs may be older than the line. " : "")
          + (name == "install"
            ? "Before that, anything may have loaded it"
            : "\(isFile ? "It" : "it") keeps a device from loading the module, but not a list, another module or a person")
      }
    let image =
      boot.tools.imageUpdate.map { "If the initramfs is older: \($0)" } ?? "Rebuild the initramfs if it is older."
    let search =
      "To see what loads it: grep -rnE \(ShellWord.quoted(modules.joined(separator: "|"))) /etc/modules /etc/modules-load.d /etc/modprobe.d /etc/initramfs-tools"
    return IneffectiveArgument(
      functions: there.map(\.address),
      reason: there.map { "\($0.address) is on \($0.driver.value ?? "?")" }.joined(separator: ", ") + "; \(why)",
      evidence: there.map {
        Finding.Evidence(path: "/sys/bus/pci/devices/\($0.address)/driver", value: $0.driver.value ?? "")
      },
      remedy: !builtIn.isEmpty ? "" : isFile && list == nil ? image : search)
  }

  /// `kvm.ignore_msrs=1` against what the module has now.
  private func option(_ parameter: KernelParameter, _ value: String, among words: [String]) -> IneffectiveArgument? {
    guard let now = surroundings.parameters[parameter.name], Self.differs(value, from: now),
      words.last(where: { KernelParameter($0).name == parameter.name }) == parameter.text
    else { return nil }
    let path = "/sys/module/\(parameter.name.replacing(".", with: "/parameters/"))"
    return IneffectiveArgument(
      functions: [], reason: "the kernel has \(now). It was changed since, or the module was loaded with another value",
      evidence: [Finding.Evidence(path: path, value: now)], remedy: "")
  }

  /// Values that cannot be compared do not differ.
  static func differs(_ given: String, from now: String) -> Bool {
    if ["Y", "N"].contains(now) {
      return KernelParameter.boolean(given).map { $0 != (now == "Y") } ?? false
    }
    guard let given = Int(given), let now = Int(now) else { return false }
    return given != now
  }
}
