/// An IPv4 or IPv6 address: 4 or 16 bytes, in network order.
struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    // IPv4 in IPv6 (::ffff:192.0.2.1), as a server that listens on both sees its clients.
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
    self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
  }

  /// `192.0.2.1`, `fe80::1%eth0`.
  init?(_ text: some StringProtocol) {
    let bare = text.prefix { $0 != "%" }
    if !bare.contains(":") {
      guard let bytes = Self.dotted(bare) else { return nil }
      self.init(bytes)
      return
    }
    let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    let sides = halves.map { half in
      half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false).map { Self.group($0) }
    }
    let parts = sides.map { $0.compactMap { $0 }.flatMap { $0 } }
    guard sides.allSatisfy({ side in side.allSatisfy { $0 != nil } }) else { return nil }
    let count = parts.reduce(0) { $0 + $1.count }
    guard halves.count == 2 ? count <= 14 : count == 16, let front = parts.first, let back = parts.last else {
      return nil
    }
    self.init(halves.count == 2 ? front + Array(repeating: 0, count: 16 - count) + back : front)
  }

  private static func dotted(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".").map { UInt8($0) }
    let bytes = parts.compactMap { $0 }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  private static func group(_ text: some StringProtocol) -> [UInt8]? {
    if text.contains(".") { return dotted(text) }
    guard text.utf8.count <= 4, let value = UInt16(text, radix: 16) else { return nil }
    return [UInt8(value >> 8), UInt8(value & 0xff)]
  }

  /// Whether the first `length` bits are the same.
  func isWithin(_ network: NetworkAddress, length: Int) -> Bool {
    guard bytes.count == network.bytes.count, length <= bytes.count * 8 else { return false }
    return (0..<length).allSatisfy { bit in
      (bytes[bit / 8] ^ network.bytes[bit / 8]) & (0x80 >> (bit % 8)) == 0
    }
  }

  /// As `ip address` prints it.
  var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    // RFC 5952: the first of the longest runs of two or more zeros is left out.
    var best = 0..<0
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? text(groups[...]) : text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }
}
