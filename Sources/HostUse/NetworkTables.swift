import PCI
import Sysfs
import System

/// Addresses and routes of the host's own network namespace.
struct NetworkTables: Sendable {
  struct Local: Sendable {
    let interface: String
    let address: NetworkAddress
    var text: String { address.description }
  }

  struct Route: Sendable {
    let interface: String
    let network: NetworkAddress
    let length: Int
    /// Nil if the network is on the link itself.
    let gateway: NetworkAddress?

    var isDefault: Bool { length == 0 }
    /// `default via 192.0.2.1`, `192.0.2.0/24`.
    var text: String {
      (isDefault ? "default" : "\(network)/\(length)") + (gateway.map { " via \($0)" } ?? "")
    }
  }

  private(set) var addresses: [Local] = []
  private(set) var routes: [Route] = []
  /// What could not be read: neither table of routes, or no list of addresses.
  let unread: String?

  /// `known`: the addresses, if the kernel itself has listed them with their interfaces.
  init(_ sysfs: any Sysfs, _ known: [Local]? = nil) {
    let four = sysfs.fact("/proc/net/route")
    let six = sysfs.fact("/proc/net/ipv6_route")
    let lists = ["/proc/net/fib_trie", "/proc/net/if_inet6"]
    unread =
      four.value == nil && six.value == nil
      ? "/proc/net/route"
      : known == nil && lists.allSatisfy({ sysfs.fact($0).value == nil }) ? lists[0] : nil
    routes = Self.routes4(four.value ?? "") + Self.routes6(six.value ?? "")
    addresses = known ?? addresses4(sysfs) + Self.addresses6(sysfs)
  }

  static func locals(_ addresses: [InterfaceAddress]) -> [Local] {
    addresses.map { Local(interface: $0.interface, address: NetworkAddress($0.bytes)) }
      .filter { !isLinkLocal($0.address) }
  }

  /// The most exact route.
  func route(to address: NetworkAddress) -> Route? {
    routes.filter { address.isWithin($0.network, length: $0.length) }.max { $0.length < $1.length }
  }

  /// `/proc/net/route`: interface, destination, gateway, flags, …, mask in eighth place, little endian words on the
  /// machines that we run on.
  private static func routes4(_ text: String) -> [Route] {
    textLines(text).dropFirst().compactMap { line in
      let fields = words(line)
      guard fields.count >= 8, let network = word(fields[1]), let gateway = word(fields[2]),
        let flags = UInt32(fields[3], radix: 16), flags & 1 != 0, let mask = UInt32(fields[7], radix: 16)
      else { return nil }
      return Route(
        interface: fields[0], network: network, length: mask.nonzeroBitCount,
        gateway: flags & 2 != 0 ? gateway : nil)
    }
  }

  private static func word(_ text: String) -> NetworkAddress? {
    UInt32(text, radix: 16).map { word in
      NetworkAddress((0..<4).map { UInt8(word >> (8 * $0) & 0xff) })
    }
  }

  /// `/proc/net/ipv6_route`: destination, length, source, length, next hop, metric, …, flags, interface. What the
  /// kernel makes for every interface (local, multicast, link-local) does not count as use of it.
  private static func routes6(_ text: String) -> [Route] {
    textLines(text).compactMap { line in
      let fields = words(line)
      guard fields.count >= 10, fields[9] != "lo", let network = bytes(fields[0]),
        let length = Int(fields[1], radix: 16),
        let hop = bytes(fields[4]), let flags = UInt32(fields[8], radix: 16)
      else { return nil }
      // RTF_UP set; RTF_REJECT, RTF_ANYCAST and RTF_LOCAL clear.
      let isOwn = flags & 0x8010_0200 != 0 || flags & 1 == 0
      if isOwn || network.bytes[0] == 0xff || isLinkLocal(network) { return nil }
      return Route(
        interface: fields[9], network: network, length: length,
        gateway: hop.bytes.contains { $0 != 0 } ? hop : nil)
    }
  }

  private static func isLinkLocal(_ address: NetworkAddress) -> Bool {
    address.bytes.count == 16 && address.bytes[0] == 0xfe && address.bytes[1] & 0xc0 == 0x80
  }

  /// 32 hex digits.
  private static func bytes(_ text: String) -> NetworkAddress? {
    let digits = text.utf8.compactMap { hexDigit($0) }
    guard digits.count == 32, text.utf8.count == 32 else { return nil }
    return NetworkAddress(stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  /// `/proc/net/if_inet6`: address, index, length, scope, flags, interface.
  private static func addresses6(_ sysfs: any Sysfs) -> [Local] {
    sysfs.lines("/proc/net/if_inet6").compactMap { line in
      let fields = words(line)
      guard fields.count >= 6, let address = bytes(fields[0]), !isLinkLocal(address) else { return nil }
      return Local(interface: fields[5], address: address)
    }
  }

  /// What a capture tells: `/proc/net/fib_trie` has the host's addresses (`/32 host LOCAL` below the address), not their interfaces: an
  /// address belongs to the interface that has the route to its network.
  private func addresses4(_ sysfs: any Sysfs) -> [Local] {
    var last: NetworkAddress?
    var found: [Local] = []
    for line in sysfs.lines("/proc/net/fib_trie") {
      let fields = words(line)
      if fields.count == 2, fields[0] == "|--" { last = NetworkAddress(fields[1]) }
      guard fields == ["/32", "host", "LOCAL"], let address = last,
        !found.contains(where: { $0.address == address }),
        let route = routes.filter({
          $0.gateway == nil && !$0.isDefault && address.isWithin($0.network, length: $0.length)
        })
        .max(by: { $0.length < $1.length })
      else { continue }
      found.append(Local(interface: route.interface, address: address))
    }
    return found
  }
}
