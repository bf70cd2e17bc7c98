import PCI
import System

extension Kernel {
  /// One write, as the kernel answers it.
  func answer(_ value: [UInt8], to path: String, begun: inout Set<Address>) throws(Refusal) {
    switch Target(path) {
    case .bus(let attribute): try answer(value, toBus: attribute, begun: &begun)
    case .driver(let driver, let attribute):
      guard isRegistered(driver) else { throw .errno(.noEntry) }
      // sysfs_kf_write: no bytes, no call of the attribute's store.
      if value.isEmpty { return }
      switch attribute {
      case "bind": try bind(driver, value)
      case "unbind": try unbind(driver, value, begun: &begun)
      case "new_id": try addID(driver, value)
      case "remove_id": try removeID(driver, value)
      default: throw .errno(tree.exists(path) ? .accessDenied : .noEntry)
      }
    case .function(let address, let attribute):
      guard let device = device(address), path.hasSuffix("/\(address)/\(attribute)") else { throw .errno(.noEntry) }
      // `virtfn0/…` and `physfn/…` are links to another function.
      if let slash = attribute.firstIndex(of: "/"), let other = tree.linkName(device.path(String(attribute[..<slash]))),
        Address(other) != nil
      {
        return try answer(value, to: "\(BusPath.devices)/\(other)\(attribute[slash...])", begun: &begun)
      }
      try answer(value, toFunction: device, attribute: attribute, begun: &begun)
    case .group(let group, let attribute):
      guard attribute == "type", tree.exists("\(BusPath.groups)/\(group)") else {
        throw .errno(tree.exists(path) ? .accessDenied : .noEntry)
      }
      if !value.isEmpty { try setGroupType(group, value) }
    case .other:
      guard tree.exists(path) else { throw .errno(.noEntry) }
      if !value.isEmpty { try tree.put(path, String(decoding: value, as: UTF8.self)) }
    }
  }

  private func answer(_ value: [UInt8], toBus attribute: String, begun: inout Set<Address>) throws(Refusal) {
    guard ["drivers_probe", "drivers_autoprobe", "rescan"].contains(attribute) else { throw .errno(.noEntry) }
    if value.isEmpty { return }
    switch attribute {
    case "drivers_probe": try probe(value)
    // store_drivers_autoprobe looks at the first character only.
    case "drivers_autoprobe":
      try tree.put("\(BusPath.bus)/drivers_autoprobe", value.first == UInt8(ascii: "0") ? "0\n" : "1\n")
    default:
      guard let number = kernelNumber(value) else { throw .errno(.invalid) }
      if number != 0 {
        try waitForBus()
        try rescan()
      }
    }
  }

  private func answer(
    _ value: [UInt8], toFunction device: SimulatedDevice, attribute: String, begun: inout Set<Address>
  ) throws(Refusal) {
    switch attribute {
    case "driver_override": try setOverride(device, value)
    case "driver/unbind":
      guard let driver = device.driver else { throw .errno(.noEntry) }
      if !value.isEmpty { try unbind(driver, value, begun: &begun) }
    case "reset": try reset(device, value)
    case "reset_method": try setResetMethods(device, value)
    case "sriov_numvfs":
      try leaving(device) { () throws(Refusal) in try setVirtualFunctions(device, value, begun: &begun) }
    case "remove", "rescan":
      if value.isEmpty { return }
      guard let number = kernelNumber(value) else { throw .errno(.invalid) }
      if number == 0 { return }
      try waitForBus(device.address)
      if attribute == "rescan" { return try rescan() }
      try leaving(device) { () throws(Refusal) in try remove(device, begun: &begun) }
    case "enable": try setEnable(device, value)
    case "iommu_group/type":
      guard let group = device.group else { throw .errno(.noEntry) }
      if !value.isEmpty { try setGroupType(group, value) }
    default: try setPlain(device, attribute, to: value)
    }
  }
}
