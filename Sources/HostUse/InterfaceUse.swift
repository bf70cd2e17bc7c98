import Host
import PCI
import Sysfs

/// What the host does with the network interfaces of a function.
struct InterfaceUse {
  let sysfs: any Sysfs
  let tables: NetworkTables
  /// The local address of the SSH connection that the command was typed through.
  let sshAddress: NetworkAddress?
  let sshPeer: NetworkAddress?

  func uses(of function: Surveyed) -> [Use] {
    var uses: [Use] = []
    for device in function.devices {
      if device.subsystem == "infiniband" {
        uses.append(
          Use(
            function: function.address, kind: .rdma, subject: device.name, detail: "RDMA device", chain: device.chain))
      }
      guard device.subsystem == "net" else { continue }
      let found = self.uses(of: device.name, chain: device.chain, function: function.address)
      if found.isEmpty {
        let state = sysfs.fact("\(device.path)/operstate").value ?? "no address, route or master"
        uses.append(
          Use(function: function.address, kind: .interface, subject: device.name, detail: state, chain: device.chain))
      }
      uses += found
    }
    return uses
  }

  /// The interface itself and everything that stands on it: bond, bridge, team, VLAN, macvlan, Open vSwitch.
  private func uses(of first: String, chain: [String], function: Address) -> [Use] {
    var uses: [Use] = []
    var queue = [(name: first, chain: chain)]
    var seen: Set = [first]
    while let (name, chain) = queue.first {
      queue.removeFirst()
      func add(_ kind: Use.Kind, _ detail: String) {
        uses.append(Use(function: function, kind: kind, subject: name, detail: detail, chain: chain))
      }
      for address in tables.addresses where address.interface == name { add(.networkAddress, address.text) }
      for route in tables.routes where route.interface == name {
        add(route.isDefault ? .defaultRoute : .route, route.text)
      }
      if let sshAddress, carries(name, sshAddress) { add(.ssh, "your own SSH connection, \(sshAddress)") }
      let folder = "/sys/class/net/\(name)"
      var above = sysfs.names(in: folder).filter { $0.hasPrefix("upper_") }.map { String($0.dropFirst(6)) }
      if let master = try? sysfs.linkName("\(folder)/master"), !above.contains(master) { above.append(master) }
      for upper in above where seen.insert(upper).inserted {
        add(.master, upper)
        queue.append((upper, chain + [upper]))
      }
    }
    return uses
  }

  /// By the address itself, else by the way back to the one who typed.
  private func carries(_ interface: String, _ address: NetworkAddress) -> Bool {
    if let owner = tables.addresses.first(where: { $0.address == address }) { return owner.interface == interface }
    return sshPeer.flatMap { tables.route(to: $0) }?.interface == interface
  }
}
