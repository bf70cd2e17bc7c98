import PCI
import System

/// The bus's drivers, with the functions that each has.
func copyBus(_ copier: Copier) throws(SystemError) {
  try copier.file("/sys/bus/pci/drivers_autoprobe")
  for name in ["drivers_probe", "rescan"] where copier.exists("/sys/bus/pci/\(name)") {
    try copier.mark("/sys/bus/pci/\(name)")
  }
  for driver in copier.entries(Places.drivers) {
    let folder = "\(Places.drivers)/\(driver)"
    try copier.folder(folder)
    for name in copier.entries(folder) {
      let path = "\(folder)/\(name)"
      if let text = copier.linkTarget(path) {
        try copier.link(path, to: text)
      } else if Attributes.writeOnly.contains(name) || name == "uevent" {
        try copier.mark(path)
      }
    }
  }
}

/// IOMMU groups. A folder without any says that the IOMMU is off.
func copyGroups(_ copier: Copier) throws(SystemError) {
  if copier.exists(Places.groups) { try copier.folder(Places.groups) }
  for group in copier.entries(Places.groups) where UInt32(group) != nil {
    let folder = "\(Places.groups)/\(group)"
    for name in ["type", "reserved_regions", "name"] { try copier.file("\(folder)/\(name)") }
    try copier.folder("\(folder)/devices")
    for member in copier.entries("\(folder)/devices") {
      let path = "\(folder)/devices/\(member)"
      if let text = copier.linkTarget(path) { try copier.link(path, to: text) }
    }
  }
}

/// Modules that have a PCI driver, and VFIO's and KVM's own with their parameters.
func copyModules(_ copier: Copier) throws(SystemError) {
  for module in copier.entries(Places.modules) {
    let folder = "\(Places.modules)/\(module)"
    let drivers = copier.entries("\(folder)/drivers").filter { $0.hasPrefix("pci:") }
    let isOurs = module.hasPrefix("vfio") || module.hasPrefix("iommufd") || module.hasPrefix("kvm")
    if drivers.isEmpty, !isOurs { continue }
    try copier.folder(folder)
    for name in ["refcnt", "initstate", "taint"] { try copier.file("\(folder)/\(name)") }
    for holder in copier.entries("\(folder)/holders") {
      if let text = copier.linkTarget("\(folder)/holders/\(holder)") {
        try copier.link("\(folder)/holders/\(holder)", to: text)
      }
    }
    for driver in drivers {
      let path = "\(folder)/drivers/\(driver)"
      if let text = copier.linkTarget(path) { try copier.link(path, to: text) }
    }
    if isOurs { try copier.files(in: "\(folder)/parameters") }
  }
}
