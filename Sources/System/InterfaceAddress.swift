import Glibc

/// An address of one of the host's interfaces.
public struct InterfaceAddress: Sendable, Equatable {
  public let interface: String
  /// 4 or 16, in network order.
  public let bytes: [UInt8]

  public init(interface: String, bytes: [UInt8]) {
    self.interface = interface
    self.bytes = bytes
  }

  /// `getifaddrs(3)`: IPv4 and IPv6 of every interface in our own network namespace; nil if the kernel does not
  /// answer.
  public static func all() -> [InterfaceAddress]? {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    return sequence(first: first, next: { $0?.pointee.ifa_next }).prefix { $0 != nil }.compactMap { entry in
      guard let entry = entry?.pointee, let address = entry.ifa_addr, let bytes = bytes(address) else { return nil }
      // An address with a label is listed by it: `enp2s0:1`.
      let name = String(cString: entry.ifa_name).prefix { $0 != ":" }
      return InterfaceAddress(interface: String(name), bytes: bytes)
    }
  }

  private static func bytes(_ address: UnsafeMutablePointer<sockaddr>) -> [UInt8]? {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
    case AF_INET6:
      return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
    default: return nil
    }
  }
}
