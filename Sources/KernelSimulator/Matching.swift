import Host
import PCI

extension Kernel {
  /// `pci_match_device`: with an override exactly the driver that it names, known id or not; without one by id.
  func matches(_ driver: String, _ device: SimulatedDevice) -> Bool {
    if let override = device.override { return override == driver }
    // pci_device_can_probe: no driver probes the VF then.
    if let physical = tree.linkName(device.path("physfn")).flatMap({ Address($0) }).flatMap({ self.device($0) }),
      physical.text("sriov_drivers_autoprobe") == "0"
    {
      return false
    }
    return knows(driver, device)
  }

  /// The driver has this function's id: it was bound to it when captured (and not by an override), it was told the id,
  /// or the aliases of its module say so.
  func knows(_ driver: String, _ device: SimulatedDevice) -> Bool {
    let captured = hidden.captured(device)
    if captured.driver == driver, captured.override != driver { return true }
    if hidden.ids(driver).contains(where: { $0.matches(device) }) { return true }
    guard let modalias = device.modalias, let module = module(ofDriver: driver) else { return false }
    return modules.module(module, takes: modalias)
  }

  /// Registered drivers that a probe tries: the one of the capture first, since it won then.
  func candidates(_ device: SimulatedDevice) -> [String] {
    let home = hidden.captured(device).driver
    var names = tree.names(BusPath.drivers)
    if let home, let place = names.firstIndex(of: home) { names.insert(names.remove(at: place), at: 0) }
    return names.filter { matches($0, device) }
  }

  /// `drivers/D/module`, else the module that claims the driver, else the name in a module's spelling.
  private func module(ofDriver driver: String) -> String? {
    if let name = tree.linkName("\(BusPath.driver(driver))/module") { return name }
    let spelled = ModuleNames.spelled(driver)
    if tree.exists("/sys/module/\(spelled)/drivers/pci:\(driver)") { return spelled }
    return tree.names("/sys/module").first {
      tree.exists("/sys/module/\($0)/drivers/pci:\(driver)") || tree.isLink("/sys/module/\($0)/drivers/pci:\(driver)")
    }
      ?? ModuleNames.module(ofRenamed: driver) ?? spelled
  }
}
