import Host
import PCI
import Settings

extension Examination {
  /// What udev's rules do to the functions of this host as they appear.
  var udevReadings: [UdevReading] {
    if settings.udev.files.isEmpty { return [] }
    var found: [UdevReading] = []
    var seen: Set<UdevReading> = []
    for function in host.functions {
      let device = UdevDevice(function, parents: parents(of: function))
      let own = settings.classDevices.filter { $0.function == function.address }
      for one in [device] + own.map({ UdevDevice($0, of: device) }) {
        for reading in settings.udev.readings(one, others: { functions(of: $0) })
        where seen.insert(reading).inserted {
          found.append(reading)
        }
      }
    }
    return found
  }

  /// Ports above it, from the next one up, and the root.
  private func parents(of function: Function) -> [UdevDevice] {
    let names = function.devicePath.value?.split(separator: "/") ?? []
    let ports = names.dropLast().reversed().compactMap { Address($0) }.compactMap { host[$0] }
    return ports.map { UdevDevice($0) }
  }

  var udevClaims: [Claim] {
    var found: [(rule: UdevRule, manner: Claim.Manner, functions: [Address])] = []
    for reading in udevReadings where reading.isCertain {
      guard let manner = Claim.Manner(reading.kind), let function = reading.function,
        host[function]?.isEndpoint ?? true
      else { continue }
      if let place = found.firstIndex(where: { $0.rule == reading.rule && $0.manner == manner }) {
        if !found[place].functions.contains(function) { found[place].functions.append(function) }
      } else {
        found.append((reading.rule, manner, [function]))
      }
    }
    return found.map { rule, manner, functions in
      Claim(.udev, functions.sorted(), manner: manner, sources: [rule.source], withdrawal: rule.withdrawal)
    }
  }

  /// Rules of which it cannot be told whether they move this function between drivers. `named`: only those that speak of
  /// drivers.
  func udevDoubts(of function: Address, named: Bool = false) -> [UdevReading] {
    udevReadings.filter { reading in
      guard reading.function == function else { return false }
      switch reading.kind {
      case .driver: return !reading.isCertain
      case .unclear(let names): return names || !named
      case .virtuals, .removal, .unbound: return false
      }
    }
  }
}

extension UdevRule {
  var withdrawal: String { ShellCommand.withdrawRule(source, through: lastLine) }
}

extension ShellCommand {
  /// Takes a rule of udev's back; one of a package is masked with its file.
  static func withdrawRule(_ source: SourceLine, through last: Int) -> String {
    let isOwn = source.file.hasPrefix("/etc/") || source.file.hasPrefix("/run/")
    let name = source.file.split(separator: "/").last.map(String.init) ?? source.file
    return chain([
      isOwn
        ? commentOut(source, through: last)
        : "ln -s /dev/null \(ShellWord.quoted("/etc/udev/rules.d/\(name)"))",
      "udevadm control --reload",
    ])
  }
}
