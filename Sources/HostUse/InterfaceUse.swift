import Host
import PCI
import Sysfs

/// What the host does with the network interfaces of a function.
struct InterfaceUse {
  let sysfs: any Sysfs
  let tables: NetworkTables
  let ssh: SSHOrigin?
  let storage: [RemoteStorage]
  let ports: RedundantPort
  /// Uses of the disks that a server provides, with the chain that leads to the disks.
  let stack: @Sendable (_ folders: [String], _ chain: [String], _ function: Address) -> [Use]

  func uses(of function: FunctionWithDevices) -> [Use] {
    var uses: [Use] = []
    for device in function.devices {
      if device.subsystem == "infiniband" {
        uses.append(rdma(device, of: function.address))
      }
      guard device.subsystem == "net" else { continue }
      let found = self.uses(of: device.name, chain: device.chain, function: function.address)
      if found.isEmpty {
        uses.append(bare(device, of: function.address))
      }
      uses += found
    }
    return uses
  }

  /// An interface without address, route or master. It is idle if it is known to be down, and has no carrier.
  private func bare(_ device: ChildDevice, of function: Address) -> Use {
    let state = sysfs.fact("\(device.path)/operstate").value
    // IFF_UP of the flags; `unknown`, `dormant` and `testing` are states with a carrier.
    let flags = sysfs.fact("\(device.path)/flags").value.flatMap { parseHex($0, as: UInt32.self) }
    let hasNoCarrier = ["down", "notpresent", "lowerlayerdown"].contains(state)
    return Use(
      .interface(device.name, state: state), of: function, chain: device.chain,
      isIdle: hasNoCarrier && flags.map { $0 & 1 == 0 } ?? false)
  }

  /// A port that is down carries nothing: Ethernet cards have the RDMA device whether it is used or not.
  private func rdma(_ device: ChildDevice, of function: Address) -> Use {
    // `4: ACTIVE`.
    let states = sysfs.names(in: "\(device.path)/ports").map { port in
      sysfs.fact("\(device.path)/ports/\(port)/state").value.map { String($0.drop { $0 != " " }.dropFirst()) }
        ?? "unknown"
    }
    return Use(
      .rdma(device: device.name, ports: states), of: function, chain: device.chain,
      isIdle: !states.isEmpty && states.allSatisfy { $0 == "DOWN" })
  }

  /// The interface itself and every interface on top of it: bond, bridge, team, VLAN, macvlan, VXLAN, Open vSwitch.
  private func uses(of first: String, chain: [String], function: Address) -> [Use] {
    var uses: [Use] = []
    var queue: [(name: String, chain: [String], remainder: Use.Remainder?)] = [(first, chain, nil)]
    var seen: Set = [first]
    while let (name, chain, remainder) = queue.first {
      queue.removeFirst()
      func add(_ what: Use.What) { uses.append(Use(what, of: function, chain: chain, remainder: remainder)) }
      for address in tables.addresses where address.interface == name {
        add(.networkAddress(interface: name, address: address.text))
      }
      for route in tables.routes where route.interface == name {
        add(
          route.isDefault
            ? .defaultRoute(interface: name, route: route.text) : .route(interface: name, route: route.text))
      }
      if let ssh, carries(name, ssh) {
        add(.ssh(interface: name, client: "\(ssh.client)"))
      }
      for remote in storage where tables.route(to: remote.server)?.interface == name {
        uses.append(
          Use(remote.what, of: function, chain: chain, isVital: remote.isVital, remainder: remainder))
        uses += stack(remote.disks, chain + [remote.what.subject], function).map {
          var use = $0
          use.remainder = remainder ?? use.remainder
          return use
        }
      }
      let folder = "/sys/class/net/\(name)"
      var above = sysfs.names(in: folder).filter { $0.hasPrefix("upper_") }.map { String($0.dropFirst(6)) }
      let master = try? sysfs.linkName("\(folder)/master")
      if let master, !above.contains(master) { above.append(master) }
      for upper in above where seen.insert(upper).inserted {
        let kept = remainder ?? ports.remainder(of: upper, port: name)
        let what: Use.What =
          upper == master || takesPorts(upper)
          ? .master(interface: name, master: upper) : .upper(interface: name, upper: upper)
        uses.append(Use(what, of: function, chain: chain, remainder: kept))
        queue.append((upper, chain + [upper], kept))
        guard upper == "ovs-system" else { continue }
        // The bridge's own interface, which has the addresses, is not linked to its ports.
        for bridge in switchBridges where seen.insert(bridge).inserted {
          queue.append((bridge, chain + [upper, bridge], remainder))
        }
      }
    }
    return uses
  }

  /// A bridge or bond, of a capture that may lack the port's link `master`. What else is above an interface (VLAN,
  /// macvlan, VXLAN) is a device of its own on it.
  private func takesPorts(_ interface: String) -> Bool {
    ["bridge", "bonding"].contains { sysfs.exists("/sys/class/net/\(interface)/\($0)") }
  }

  /// Bridges of Open vSwitch: ovs-vswitchd makes a socket `BRIDGE.mgmt` for each.
  private var switchBridges: [String] {
    sysfs.names(in: "/run/openvswitch").filter { $0.hasSuffix(".mgmt") }.map { String($0.dropLast(".mgmt".utf8.count)) }
  }

  /// By the link that it is local to, the host's address, else the way back to the one who typed.
  private func carries(_ interface: String, _ ssh: SSHOrigin) -> Bool {
    if let zone = ssh.zone { return zone == interface }
    let owner = tables.addresses.first { $0.address == ssh.server }?.interface
    return (owner ?? tables.route(to: ssh.client)?.interface) == interface
  }
}
