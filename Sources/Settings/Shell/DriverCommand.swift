import Host
import PCI
import Sysfs

/// What commands do to drivers, as far as their command lines say it.
struct DriverCommand {
  /// Nil where no file is read: what a program of the administrator's does is not known then.
  var files: SettingFiles?
  /// An administrator's own, whose programs may do anything. Those of packages say what they do by their names.
  let isOwn: Bool
  /// It runs for an event of udev's: `$DEVPATH` and its like mean that device.
  let isEvent: Bool

  /// An effect, and the line of the text that has it.
  typealias Found = (effect: FunctionEffect, line: Int)

  /// The text speaks of what moves a function between drivers.
  static func mentionsDrivers(_ text: String) -> Bool {
    [
      "driver_override", "sriov_numvfs", "vfio", "pci-stub", "pciback", "set-override", "new_id", "unbind",
      "nodedev-detach", "dpdk-devbind", "/remove",
    ].contains(where: text.contains)
  }

  /// What udev puts in for the device of the event becomes one mark.
  static func marked(_ text: String) -> String {
    [
      "$env{PCI_SLOT_NAME}", "%E{PCI_SLOT_NAME}", "$env{DEVPATH}", "%E{DEVPATH}", "$kernel", "$devpath", "$id", "%k",
      "%p", "%b",
    ].reduce(text) { $0.replacing($1, with: String(ShellTokens.Mark.device)) }
  }

  private static let eventVariables = Dictionary(
    uniqueKeysWithValues: ["DEVPATH", "PCI_SLOT_NAME", "KERNEL", "INTERFACE"].map {
      ($0, String(ShellTokens.Mark.device))
    })

  /// Of a script, or of a command line.
  mutating func effects(
    _ text: String, firstLine: Int = 1, arguments: [String] = [], variables: [String: String] = [:], depth: Int = 0
  ) -> [Found] {
    let known = isEvent ? Self.eventVariables.merging(variables) { $1 } : variables
    let script = ShellScript(text, firstLine: firstLine, arguments: arguments, variables: known)
    var found: [Found] = []
    var directory: String?
    for var command in script.commands {
      if command.words.first == "cd", command.words.count == 2 {
        directory = command.words[1].hasPrefix("/") ? command.words[1] : nil
      }
      // A file of the folder that the script is in.
      command.outputs = command.outputs.compactMap { path in
        path.contains("/") || path.contains(ShellTokens.Mark.unknown)
          ? path : directory.map { "\($0)/\(path)" }
      }
      for effect in effects(command, depth: depth) where !found.contains(where: { $0.effect == effect }) {
        found.append((effect, command.line))
      }
    }
    return found
  }

  private mutating func effects(_ command: ShellScript.Command, depth: Int) -> [FunctionEffect] {
    let words = command.words
    let isPrint = words.first.map { ["echo", "printf"].contains(lastName($0)) } ?? false
    if isPrint {
      let value = words.dropFirst().filter { !["-n", "-e", "%s", "%s\\n"].contains($0) }.joined(separator: " ")
      return command.outputs.compactMap { written(value, to: $0) }
    }
    // What another program prints is not known.
    let writes = command.outputs.filter { !$0.hasPrefix("/dev/") }.compactMap {
      written(String(ShellTokens.Mark.unknown), to: $0)
    }
    return writes + (words.isEmpty ? [] : one(words, depth: depth))
  }

  private func written(_ value: String, to path: String) -> FunctionEffect? {
    if let effect = FunctionEffect.written(value, to: path) {
      if case .driver(let name) = effect.kind, name.contains(ShellTokens.Mark.unknown) {
        return FunctionEffect(.unclear(names: true), on: effect.target)
      }
      return effect
    }
    // A path that is put together as the script runs.
    return path.contains(ShellTokens.Mark.unknown) && Self.mentionsDrivers(value) ? .unclear : nil
  }

  /// A program and its arguments.
  private mutating func one(_ words: [String], depth: Int) -> [FunctionEffect] {
    guard let first = words.first else { return [] }
    let rest = Array(words.dropFirst())
    switch lastName(first) {
    case "sh", "bash", "dash", "ash", "busybox", "env", "nohup", "setsid", "timeout", "nice":
      return shell(rest, depth: depth)
    case "[", "test", "true", ":", "sleep", "logger", "grep", "lspci", "cat", "ls", "hostdev", "printf", "echo", "exit",
      "cd", "mkdir", "chmod", "chown", "udevadm":
      return []
    case "modprobe", "insmod": return Self.loaded(rest)
    case "driverctl": return Self.override(rest)
    case "virsh": return Self.detached(rest)
    case let name where name.hasPrefix("dpdk-devbind"): return Self.dpdk(rest)
    case "vfio-pci-bind", "vfio-pci-bind.sh":
      let functions = rest.map(FunctionEffect.named).filter { $0 != .unknown }
      return functions.isEmpty
        ? [.unclear] : functions.map { FunctionEffect(.driver(VFIODriver.generic), on: $0) }
    default: return program(first, rest, depth: depth)
    }
  }

  /// `sh -c 'TEXT'`, `sh FILE ARGUMENT…`.
  private mutating func shell(_ words: [String], depth: Int) -> [FunctionEffect] {
    if let place = words.firstIndex(where: { $0.hasPrefix("-") && $0.hasSuffix("c") && !$0.hasPrefix("--") }),
      place + 1 < words.count
    {
      return effects(words[place + 1], arguments: Array(words.dropFirst(place + 3)), depth: depth + 1).map(\.effect)
    }
    let rest = words.drop { $0.hasPrefix("-") || ShellScript.assignment($0) != nil || Int($0) != nil }
    return rest.isEmpty ? [] : one(Array(rest), depth: depth + 1)
  }

  /// A script is read; of another program of the administrator's nothing is known.
  private mutating func program(_ path: String, _ arguments: [String], depth: Int) -> [FunctionEffect] {
    let line = ([path] + arguments).joined(separator: " ")
    if path.hasPrefix("/"), depth < 5, files != nil, let text = script(path) {
      if let text {
        return effects(text, arguments: arguments, depth: depth + 1).map(\.effect)
      }
      // A binary.
      return Self.mentionsDrivers(line) ? [.unclear] : []
    }
    let target: FunctionEffect.Target = isEvent ? .device : .unknown
    if Self.mentionsDrivers(line) { return [FunctionEffect(.unclear(names: true), on: target)] }
    let isScript = ["/usr/local/", "/opt/", "/etc/", "/root/", "/home/", "/srv/"].contains(where: path.hasPrefix)
    return isOwn && isEvent && (isScript || path.hasSuffix(".sh"))
      ? [FunctionEffect(.unclear(names: false), on: target)] : []
  }

  /// The outer value is nil if there is no such file to read, the inner one if it is not a shell's.
  private mutating func script(_ path: String) -> String?? {
    guard let bytes = files?.beginning(path, count: 262_144), !bytes.isEmpty else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let first = text.prefix { $0 != "\n" }
    if first.hasPrefix("#!") {
      if first.hasSuffix("sh") || first.contains("sh ") { return .some(text) }
      // Another language: what it does is not known, but for what it never speaks of.
      return Self.mentionsDrivers(text) ? nil : .some(nil)
    }
    return bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) ? .some(nil) : .some(text)
  }
}

extension DriverCommand {
  /// `modprobe vfio-pci ids=10de:1e87`. A module that is loaded takes nothing by itself, and the kernel refuses to unload
  /// one that is used.
  private static func loaded(_ words: [String]) -> [FunctionEffect] {
    guard let list = words.first(where: { $0.hasPrefix("ids=") }) else { return [] }
    let ids = list.dropFirst(4).split(separator: ",").compactMap { ClaimedID($0) }
    let names = words.prefix { $0 != list }.map { lastName($0).replacing(".ko", with: "").replacing("_", with: "-") }
    let driver = names.last { VFIODriver.leavesGroupViable($0) } ?? VFIODriver.generic
    return [FunctionEffect(.driver(driver), on: ids.isEmpty ? .unknown : .ids(ids))]
  }

  /// `driverctl [--nosave] set-override ADDRESS DRIVER`.
  private static func override(_ words: [String]) -> [FunctionEffect] {
    guard let place = words.firstIndex(of: "set-override") else { return [] }
    let rest = words[(place + 1)...].filter { !$0.hasPrefix("-") }
    guard rest.count == 2, !rest[1].contains(ShellTokens.Mark.unknown) else { return [.unclear] }
    return [FunctionEffect(.driver(rest[1]), on: FunctionEffect.named(rest[0]))]
  }

  /// `virsh nodedev-detach pci_0000_01_00_0`, `nodedev-dettach` of old.
  private static func detached(_ words: [String]) -> [FunctionEffect] {
    guard let place = words.firstIndex(where: { ["nodedev-detach", "nodedev-dettach"].contains($0) }) else { return [] }
    let names = words[(place + 1)...].filter { !$0.hasPrefix("-") && $0 != "vfio" && $0 != "xen" }
    return names.map { FunctionEffect(.driver(VFIODriver.generic), on: FunctionEffect.named($0)) }
  }

  /// `dpdk-devbind.py --bind=vfio-pci 0000:01:00.0 eth1`, `-u ADDRESS`.
  private static func dpdk(_ words: [String]) -> [FunctionEffect] {
    var driver: String?
    var names: [String] = []
    var isNext = false
    for word in words {
      if isNext {
        driver = word
        isNext = false
      } else if word == "-b" || word == "--bind" {
        isNext = true
      } else if word.hasPrefix("--bind=") {
        driver = String(word.dropFirst(7))
      } else if word == "-u" || word == "--unbind" {
        driver = ""
      } else if !word.hasPrefix("-") {
        names.append(word)
      }
    }
    guard let driver else { return [] }
    return names.map { name in
      let known = FunctionEffect.named(name)
      let target = known == .unknown && !name.contains(ShellTokens.Mark.unknown) ? .interface(name) : known
      return FunctionEffect(driver.isEmpty ? .unbound : .driver(driver), on: target)
    }
  }
}
