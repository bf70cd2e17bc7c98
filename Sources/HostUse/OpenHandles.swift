import Host
import PCI
import Sysfs
import System

/// Who has device nodes of the set open: one pass over all processes.
struct OpenHandles {
  let sysfs: any Sysfs

  /// A node that means a function when somebody has it open.
  struct Target: Sendable {
    let function: Address
    let kind: Use.Kind
    let chain: [String]
  }

  private(set) var names: [String: [Target]] = [:]
  private(set) var numbers: [DeviceNumber: [Target]] = [:]

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  mutating func add(name: String?, number: DeviceNumber?, _ target: Target) {
    if let name { names[name, default: []].append(target) }
    if let number { numbers[number, default: []].append(target) }
  }

  /// Uses by the processes, and how many descriptors and processes were and were not seen.
  func gather(_ processes: [String]) -> Usage {
    var usage = Usage()
    for process in processes {
      let open: OpenDevices
      do { open = try sysfs.openDevices("/proc/\(process)/fd") } catch {
        // Gone meanwhile; in a capture, a process of which the files were not taken.
        if error.errno != .noEntry && error.errno != .noProcess { usage.processesUnseen += 1 }
        continue
      }
      usage.descriptorsSeen += open.seen
      var told: Set<String> = []
      for device in open.devices {
        for target in targets(device) where told.insert("\(target.function) \(target.chain)").inserted {
          usage.uses.append(
            Use(
              function: target.function, kind: target.kind, subject: "pid \(process)",
              detail: ProcessName(sysfs, process).text + (target.kind == .open ? ", \(device.name)" : ""),
              chain: target.chain))
        }
      }
    }
    return usage
  }

  /// By its numbers where they could be read: a name may mean another device in a container.
  private func targets(_ device: OpenDevice) -> [Target] {
    switch device.number {
    case .blockDevice(let major, let minor): numbers[DeviceNumber(major: major, minor: minor, isBlock: true)] ?? []
    case .characterDevice(let major, let minor):
      numbers[DeviceNumber(major: major, minor: minor, isBlock: false)] ?? names[device.name] ?? []
    default: names[device.name] ?? []
    }
  }
}

/// How people call a process.
struct ProcessName {
  /// `Xorg`; `qemu-system-x86, guest win10`; `redis, in docker-4f….scope`.
  let text: String

  init(_ sysfs: any Sysfs, _ process: String) {
    let folder = "/proc/\(process)"
    var text = sysfs.fact("\(folder)/comm").value ?? ""
    let arguments = ((try? sysfs.read("\(folder)/cmdline")) ?? []).split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
    if text.isEmpty { text = arguments.first.map(lastComponent) ?? "unknown command" }
    if let guest = Self.guest(arguments) {
      text += ", guest \(guest)"
    } else if let unit = Self.unit(sysfs.lines("\(folder)/cgroup")) {
      text += ", in \(unit)"
    }
    self.text = text
  }

  /// QEMU's `-name guest=win10,debug-threads=on`, or `-name win10`.
  private static func guest(_ arguments: [String]) -> String? {
    guard let place = arguments.firstIndex(where: { $0 == "-name" || $0 == "--name" }), place + 1 < arguments.count,
      arguments.first?.contains("qemu") == true || arguments.first?.contains("kvm") == true
    else { return nil }
    let options = arguments[place + 1].split(separator: ",")
    let named = options.first { $0.hasPrefix("guest=") }.map { $0.dropFirst(6) }
    return (named ?? options.first).map(String.init)
  }

  /// The unit or container scope: last part of the cgroup that says so.
  private static func unit(_ lines: [Substring]) -> String? {
    guard let line = lines.first(where: { $0.hasPrefix("0::") }) ?? lines.first else { return nil }
    return line.split(separator: "/").last { $0.hasSuffix(".service") || $0.hasSuffix(".scope") }.map(String.init)
  }
}
