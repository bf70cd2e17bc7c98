import Host
import PCI
import Settings
import Sysfs
import System

/// Which physical functions other tools' numbers of virtual ones are for.
public struct ConfiguredVirtuals {
  private let sysfs: any Sysfs
  private let devices: [ClassDevice]

  /// `devices`: those of the host's functions, by which settings name them.
  public init(_ sysfs: any Sysfs, _ devices: [ClassDevice]) {
    self.sysfs = sysfs
    self.devices = devices
  }

  public func requests(_ counts: [VirtualCount], of functions: [Function]) -> [RequestedVirtuals] {
    if counts.isEmpty { return [] }
    return functions.flatMap { function in
      let identities = identities(of: function)
      let paths = paths(of: function)
      var hasFirst = false
      return counts.compactMap { count -> RequestedVirtuals? in
        let answer =
          switch count.target {
          case .path(let pattern): paths.contains(where: WildcardPattern(pattern).matches) ? Answer.yes : .no
          case .driver(let name): function.driver.value.map(ModuleNames.spelled) == name ? Answer.yes : .no
          case .interface(let match): identities.map { self.answer(match, $0, of: count.tool) }.max() ?? .no
          }
        guard answer != .no else { return nil }
        if count.isFirstAlone {
          if hasFirst { return nil }
          hasFirst = answer == .yes
        }
        // A link file that says nothing of it hides those behind it.
        if count.tool == .link, count.count == nil { return nil }
        return RequestedVirtuals(count, of: function.address, isCertain: answer == .yes)
      }
    }
  }

  private enum Answer: Int, Comparable {
    case no, unclear, yes
    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  private func answer(_ match: InterfaceMatch, _ one: InterfaceIdentity, of tool: VirtualCount.Tool) -> Answer {
    switch match.answer(for: one) {
    case .named: return .yes
    case .anyOf: return match.hasMore ? .unclear : .yes
    case .unclear: return .unclear
    case .no:
      // A link file means the kernel's first name, which is not known any more.
      var anyName = match
      anyName.names = []
      let mayBeFirst = match.names.contains { name in (0..<10).contains { WildcardPattern(name).matches("eth\($0)") } }
      return tool == .link && mayBeFirst && anyName.answer(for: one) != .no ? .unclear : .no
    }
  }

  private func identities(of function: Function) -> [InterfaceIdentity] {
    let driver = function.driver.value
    let path = function.devicePath.value ?? "/sys/bus/pci/devices/\(function.address)"
    let found = ChildDevices(sysfs: sysfs).devices(below: path, chain: ["\(function.address)"])
      .filter { $0.subsystem == "net" }
    if !found.isEmpty { return found.map { InterfaceIdentity($0, driver: driver, in: sysfs) } }
    return function.classCode.value?.isNetwork == true
      ? [InterfaceIdentity(unboundAt: function, slots: [], links: [])] : []
  }

  /// The paths by which its number can be written.
  private func paths(of function: Function) -> [String] {
    let own = ["/sys/bus/pci/devices/\(function.address)", function.devicePath.value].compactMap { $0 }
    let below = devices.filter { $0.function == function.address }.map {
      "/sys/class/\($0.subsystem)/\($0.name)/device"
    }
    return (own + below).map { "\($0)/sriov_numvfs" }
  }
}
