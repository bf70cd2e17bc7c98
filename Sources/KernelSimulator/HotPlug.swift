import PCI
import System

extension Kernel {
  /// `remove`: the function and all below it are unbound and gone. A held one makes the write wait.
  func remove(_ device: SimulatedDevice, begun: inout Set<Address>) throws(Refusal) {
    for address in virtualFunctions(device) {
      if let function = self.device(address) { try unbind(function, begun: &begun) }
    }
    if virtualFunctionCount(device) > 0 {
      try change(device) { () throws(Refusal) in try tree.put(device.path("sriov_numvfs"), "0\n") }
    }
    for function in below(device.folder) { try unbind(function, begun: &begun) }
    try unbind(device, begun: &begun)
    let place = removedFolder(device.address)
    try hidden.remember(device)
    try hidden.setUnfinished(device.address, true)
    try tree.removeAll(place)
    try tree.makeFolder(place)
    try tree.put("\(place)/from", device.folder)
    try tree.move(device.folder, to: "\(place)/folder")
    try settle(device.address)
    try hidden.setUnfinished(device.address, false)
  }

  /// Entries of the bus and of groups that lead to a folder that was moved away.
  func settleRemoval(_ address: Address) throws(Refusal) {
    if tree.exists("\(removedFolder(address))/folder") { try forgetMoved() }
  }

  /// Takes off the bus and out of their groups the functions whose folder was moved away.
  func forgetMoved() throws(Refusal) {
    for other in addresses {
      guard let device = device(other), !tree.exists(device.folder) else { continue }
      try forget(device)
    }
    for group in tree.names(BusPath.groups) {
      let folder = "\(BusPath.groups)/\(group)"
      for name in tree.names("\(folder)/devices") where !tree.exists("\(folder)/devices/\(name)") {
        try tree.remove("\(folder)/devices/\(name)")
      }
      if tree.exists("\(folder)/devices"), tree.names("\(folder)/devices").isEmpty { try tree.removeAll(folder) }
    }
  }

  /// Takes a function off the bus and out of its group.
  func forget(_ device: SimulatedDevice) throws(Refusal) {
    let entry = "\(BusPath.devices)/\(device.address)"
    if let group = device.group {
      let folder = "\(BusPath.groups)/\(group)"
      try tree.remove("\(folder)/devices/\(device.address)")
      // A group goes with its last member, which need not be a PCI function.
      if tree.exists("\(folder)/devices"), tree.names("\(folder)/devices").isEmpty { try tree.removeAll(folder) }
    }
    if tree.isLink(entry) { try tree.remove(entry) }
  }

  /// `rescan`: what was removed is found again, without override and offered to the drivers.
  func rescan() throws(Refusal) {
    for address in tree.names("\(Hidden.folder)/removed").compactMap({ Address($0) }).sorted() {
      let place = removedFolder(address)
      guard let from = tree.text("\(place)/from"), tree.exists("\(place)/folder") else { continue }
      let parent = "/" + from.split(separator: "/").dropLast().joined(separator: "/")
      guard tree.exists(parent) else { continue }
      try tree.move("\(place)/folder", to: from)
      try tree.removeAll(place)
      try restore(from, address)
      for device in ([device(address)].compactMap { $0 } + below(from)) { try autoprobe(device) }
    }
  }

  /// Bus entry, group and fresh attributes of a folder and of those in it.
  func restore(_ folder: String, _ address: Address) throws(Refusal) {
    let entry = "\(BusPath.devices)/\(address)"
    if entry != folder {
      try tree.link(entry, to: upToSys(from: BusPath.devices) + folder.dropFirst("/sys/".utf8.count))
    }
    try tree.update("\(folder)/driver_override", "(null)\n")
    if let group = tree.linkName("\(folder)/iommu_group"), tree.exists(BusPath.groups) {
      let members = "\(BusPath.groups)/\(group)/devices"
      if !tree.exists(members) {
        try tree.makeFolder(members)
        try tree.put("\(BusPath.groups)/\(group)/type", "DMA\n")
      }
      try tree.link("\(members)/\(address)", to: upToSys(from: members) + folder.dropFirst("/sys/".utf8.count))
    }
    for name in tree.names(folder) {
      guard let child = Address(name), !tree.isLink("\(folder)/\(name)") else { continue }
      try restore("\(folder)/\(name)", child)
    }
  }

  func below(_ folder: String) -> [SimulatedDevice] {
    addresses.compactMap { device($0) }.filter { $0.folder.hasPrefix(folder + "/") }
  }

  private func removedFolder(_ address: Address) -> String { "\(Hidden.folder)/removed/\(address)" }
}
