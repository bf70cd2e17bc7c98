import Host
import Links
import PCI
import System

/// A captured network card's side of its VFs. Sysfs does not show it, so it is kept in `run/` of the capture.
public struct SimulatedLinks: VirtualLinks {
  private let sysfs: SimulatedSysfs

  public init(_ sysfs: SimulatedSysfs) { self.sysfs = sysfs }

  public func settings(on interface: String) throws(LinkError) -> [Int: [VirtualSetting: String]] {
    do { return try sysfs.settings(on: interface) } catch { throw Self.error(error, interface) }
  }

  public func run(_ command: LinkCommand) throws(LinkError) {
    do { try sysfs.run(command) } catch { throw Self.error(error, command.interface) }
  }

  private static func error(_ refusal: Refusal, _ interface: String) -> LinkError {
    guard case .errno(let errno) = refusal else { return LinkError(interface: interface, errno: .io, words: "") }
    return LinkError(interface: interface, errno: errno, words: "RTNETLINK answers: \(errno.text)")
  }
}

extension Kernel {
  /// The PF that an interface belongs to.
  func physical(of interface: String) throws(Refusal) -> SimulatedDevice {
    guard
      let device = addresses.lazy.compactMap({ device($0) }).first(where: {
        tree.exists($0.path("net/\(interface)")) && tree.exists($0.path("sriov_numvfs"))
      })
    else { throw .errno(.noDevice) }
    return device
  }

  /// `do_setvfinfo` of net/core/rtnetlink.c and a driver that has all of `ndo_set_vf_…`, as igb does.
  func run(_ command: LinkCommand) throws(Refusal) {
    let device = try physical(of: command.interface)
    guard device.driver != nil else { throw .errno(.noDevice) }
    guard command.index < virtualFunctionCount(device), let sound = command.setting.value(command.value) else {
      throw .errno(.invalid)
    }
    // is_valid_ether_addr, or all zeros to take one away.
    if command.setting == .mac, let first = parseHex(sound.prefix(2), as: UInt8.self), first & 1 == 1 {
      throw .errno(.invalid)
    }
    try hidden.keep(command.setting, sound, of: device.address, index: command.index)
  }

  func settings(_ interface: String) throws(Refusal) -> [Int: [VirtualSetting: String]] {
    let device = try physical(of: interface)
    var found: [Int: [VirtualSetting: String]] = [:]
    for index in 0..<virtualFunctionCount(device) {
      for setting in VirtualSetting.allCases {
        found[index, default: [:]][setting] =
          hidden.kept(setting, of: device.address, index: index) ?? initial(setting, device, index: index)
      }
    }
    return found
  }

  /// As igb has it for a new VF; a captured VF's own interface tells the address that it was given.
  private func initial(_ setting: VirtualSetting, _ device: SimulatedDevice, index: Int) -> String {
    switch setting {
    case .mac:
      let folder = device.path("virtfn\(index)/net")
      return tree.names(folder).first.flatMap { tree.text("\(folder)/\($0)/address") } ?? "00:00:00:00:00:00"
    case .vlan: return "0"
    case .spoofCheck: return "on"
    case .trust: return "off"
    }
  }
}

extension Hidden {
  private func folder(_ physical: Address, _ index: Int) -> String { "\(Self.folder)/settings/\(physical)/\(index)" }

  func kept(_ setting: VirtualSetting, of physical: Address, index: Int) -> String? {
    tree.text("\(folder(physical, index))/\(setting.rawValue)")
  }

  func keep(_ setting: VirtualSetting, _ value: String, of physical: Address, index: Int) throws(Refusal) {
    try tree.makeFolder(folder(physical, index))
    try tree.put("\(folder(physical, index))/\(setting.rawValue)", value + "\n")
  }

  /// The PF keeps nothing of a VF that is gone.
  func forgetSettings(_ physical: Address, _ index: Int) throws(Refusal) {
    if tree.exists(folder(physical, index)) { try tree.removeAll(folder(physical, index)) }
  }
}
