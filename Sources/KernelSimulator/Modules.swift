import Host
import PCI
import System

/// `modprobe` that failed: its exit status is 1, and this is what it says.
public struct ModuleError: Error, Equatable, Sendable {
  public let module: String
  /// As on its standard error: `modprobe: FATAL: …`.
  public let message: String
}

/// Modules that have no PCI driver of their own, and no alias for one.
private let driverless: Set = ["vfio", "vfio_pci_core", "vfio_iommu_type1", "vfio_virqfd", "iommufd"]

extension Kernel {
  /// `modprobe NAME ARGUMENT…`. A module that the capture does not mention can be loaded.
  func load(_ name: String, arguments: [String]) throws(ModuleError) {
    let module = ModuleNames.spelled(name)
    do {
      // Loaded or built in: modprobe has nothing to do.
      if tree.exists("/sys/module/\(module)"), isDriverThere(module) { return }
      for command in modules.configuration("install", module) {
        if command.hasSuffix("/true") || command == "true" { return }
        if command.hasSuffix("/false") || command == "false" {
          throw ModuleError(
            module: name,
            message: "modprobe: ERROR: Error running install command '\(command)' for module \(module): retcode 1")
        }
      }
      if tree.text("/proc/sys/kernel/modules_disabled") == "1" {
        throw ModuleError(
          module: name, message: "modprobe: ERROR: could not insert '\(module)': Operation not permitted")
      }
      for needed in modules.dependencies(of: module).reversed() { try register(needed, arguments: []) }
      try register(module, arguments: arguments)
    } catch let error as ModuleError { throw error } catch {
      throw ModuleError(module: name, message: "modprobe: ERROR: could not insert '\(module)': \(error)")
    }
  }

  /// `delete_module(2)`: `driver_unregister` unbinds what is bound. A device that a process has open keeps the module.
  func unload(_ name: String) throws(Refusal) {
    let module = ModuleNames.spelled(name)
    guard tree.exists("/sys/module/\(module)") else { throw .errno(.noEntry) }
    if let driver = driver(ofModule: module) {
      let bound = addresses.compactMap { device($0) }.filter { $0.driver == driver }
      if bound.contains(where: { hidden.isHeld($0.address) }) { throw .errno(.tryAgain) }
      var begun: Set<Address> = []
      for function in bound { try unbind(function, begun: &begun) }
      try hidden.setIDs(driver, [])
      try tree.removeAll(BusPath.driver(driver))
    }
    try tree.removeAll("/sys/module/\(module)")
  }

  /// The module's driver is registered, or it has none.
  private func isDriverThere(_ module: String) -> Bool {
    driver(ofModule: module).map { tree.exists(BusPath.driver($0)) } ?? true
  }

  private func register(_ module: String, arguments: [String]) throws(Refusal) {
    let folder = "/sys/module/\(module)"
    let driver = driver(ofModule: module)
    try tree.makeFolder(driver == nil ? folder : "\(folder)/drivers")
    if !tree.exists("\(folder)/initstate") { try tree.put("\(folder)/initstate", "live\n") }
    if module == "vfio_pci" {
      let isOn = arguments.last { $0.hasPrefix("enable_sriov=") }.map { ["1", "y", "Y"].contains($0.dropFirst(13)) }
      try tree.makeFolder("\(folder)/parameters")
      try tree.put("\(folder)/parameters/enable_sriov", isOn == true ? "Y\n" : "N\n")
    }
    if module == "vfio" || module == "vfio_pci" {
      try tree.makeFolder("/dev/vfio")
      if !tree.exists("/dev/vfio/vfio") { try tree.put("/dev/vfio/vfio", "") }
    }
    guard let driver, !tree.exists("\(BusPath.driver(driver))/bind") else { return }
    let path = BusPath.driver(driver)
    try tree.makeFolder(path)
    try tree.link("\(path)/module", to: upToSys(from: path) + "module/\(module)")
    try tree.link(
      "\(folder)/drivers/pci:\(driver)", to: upToSys(from: "\(folder)/drivers") + "bus/pci/drivers/\(driver)")
    for name in ["unbind", "new_id", "remove_id", "uevent", "bind"] where !tree.exists("\(path)/\(name)") {
      try tree.put("\(path)/\(name)", "")
    }
    let told = ids(module, arguments)
    if !told.isEmpty { try hidden.setIDs(driver, hidden.ids(driver) + told) }
    if tree.text("\(BusPath.bus)/drivers_autoprobe") != "0" { try offerAll(to: driver) }
  }

  /// The last `ids=` counts: the kernel's command line, then modprobe.d, then the arguments.
  private func ids(_ module: String, _ arguments: [String]) -> [DynamicID] {
    let boot = (tree.text("/proc/cmdline") ?? "").split(whereSeparator: \.isWhitespace).compactMap { word -> String? in
      guard let dot = word.firstIndex(of: "."), ModuleNames.spelled(word[..<dot]) == module else { return nil }
      return String(word[word.index(after: dot)...])
    }
    let options = modules.configuration("options", module).flatMap { $0.split(separator: " ").map(String.init) }
    guard let last = (boot + options + arguments).last(where: { $0.hasPrefix("ids=") }) else { return [] }
    return last.dropFirst("ids=".utf8.count).split(separator: ",").compactMap { DynamicID($0, separator: ":") }
  }

  /// The PCI driver that the module registers: as the capture says, as mainline calls it, else the module's own name.
  /// Nil if the capture knows the module and nothing says that it drives PCI functions.
  func driver(ofModule module: String) -> String? {
    if driverless.contains(module) { return nil }
    let listed = tree.names("/sys/module/\(module)/drivers").first { $0.hasPrefix("pci:") }
    if let listed { return String(listed.dropFirst("pci:".utf8.count)) }
    if let linked = tree.names(BusPath.drivers).first(where: { tree.linkName("\(BusPath.driver($0))/module") == module }
    ) {
      return linked
    }
    if let renamed = ModuleNames.renamedDriver(of: module) { return renamed }
    return modules.mentions(module) && !modules.isPCIDriver(module) ? nil : module
  }
}
