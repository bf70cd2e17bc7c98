import Host
import PCI
import Settings
import Sysfs

/// Interfaces that the host is told to bring up, be they up or not: at the next boot they are missing.
struct ConfiguredInterfaces {
  let sysfs: any Sysfs
  private let configured: NetworkSettings

  init(_ sysfs: any Sysfs) {
    self.sysfs = sysfs
    configured = NetworkSettings(reading: sysfs)
  }

  /// Of functions that have interfaces, or that are of the network's class and have no driver yet.
  func gather(_ function: FunctionWithDevices, into usage: inout Usage) {
    let devices = function.devices.filter { $0.subsystem == "net" }
    let isUnbound = function.function.driver.isAbsent && function.function.classCode.value?.isNetwork == true
    guard !devices.isEmpty || isUnbound else { return }
    for unread in configured.unread {
      usage.unknown.append(UnknownUse(function: function.address, area: .network, reason: unread.description))
    }
    let driver = function.function.driver.value
    for device in devices {
      add(
        InterfaceIdentity(device, driver: driver, in: sysfs), device.name, chain: device.chain,
        of: function.address, to: &usage)
    }
    if devices.isEmpty {
      let one = InterfaceIdentity(
        unboundAt: function.function, slots: slots(function.address), links: configured.namesByPath)
      add(one, nil, chain: ["\(function.address)"], of: function.address, to: &usage)
    }
  }

  private func add(
    _ one: InterfaceIdentity, _ name: String?, chain: [String], of function: Address, to usage: inout Usage
  ) {
    let first = configured.exclusive.first { $0.match.answer(for: one) != .no }
    for setting in configured.settings + [first].compactMap({ $0 }) {
      let answer = setting.match.answer(for: one)
      switch answer {
      case .no: continue
      case .unclear:
        // An interface that is there has the address: then it is not this function's.
        guard !isElsewhere(setting.match.addresses) else { continue }
        usage.unknown.append(
          UnknownUse(
            function: function, area: .network,
            reason:
              "\(setting.place) is for the interface with the address \(setting.match.addresses.joined(separator: " ")), and that of this function is not known"
          ))
      case .named, .anyOf:
        // A distribution's default for any interface was not set by the administrator.
        if answer == .anyOf, setting.file.hasPrefix("/usr/") || setting.file.hasPrefix("/lib/") { continue }
        if setting.detail.isEmpty { continue }
        let subject = name ?? setting.match.names.first { one.has($0) } ?? one.names[0]
        usage.uses.append(
          Use(
            .configuredInterface(subject, setting: setting.detail), of: function,
            chain: chain + (name == nil ? [subject] : []) + [setting.upper].compactMap { $0 }, source: setting.source,
            isIdle: answer == .anyOf || !setting.isAutomatic))
      }
    }
  }

  private func isElsewhere(_ addresses: [String]) -> Bool {
    sysfs.names(in: "/sys/class/net").contains { name in
      sysfs.fact("/sys/class/net/\(name)/address").value.map { addresses.contains($0.lowercased()) } ?? false
    }
  }

  /// Numbers of the hot-plug slots that the function is in: `/sys/bus/pci/slots/3/address` has `0000:01:00`.
  private func slots(_ function: Address) -> [String] {
    sysfs.names(in: "/sys/bus/pci/slots").filter { slot in
      sysfs.fact("/sys/bus/pci/slots/\(slot)/address").value == "\(function.slot)"
    }
  }
}
