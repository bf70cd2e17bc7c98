import PCI

/// A configuration space that a test writes register by register.
struct Registers {
  var bytes: [UInt8]

  /// `10ee:5000`, class 0x120000, revision 1, header type 0, no capabilities.
  init(size: Int = 4096) {
    bytes = Array(repeating: 0, count: size)
    set(0x00, 0x10ee, 0x5000)
    byte(0x08, 1)
    set(0x0a, 0x1200)
  }

  mutating func byte(_ offset: Int, _ value: UInt8) { bytes[offset] = value }

  mutating func set(_ offset: Int, _ words: UInt16...) {
    for (place, word) in words.enumerated() {
      bytes[offset + 2 * place] = UInt8(word & 0xff)
      bytes[offset + 2 * place + 1] = UInt8(word >> 8)
    }
  }

  mutating func double(_ offset: Int, _ value: UInt32) { set(offset, UInt16(value & 0xffff), UInt16(value >> 16)) }

  /// Entries of the chain, in this order; the last one points to `end`.
  mutating func chain(_ entries: [(id: UInt8, offset: Int)], end: UInt8 = 0, pointer: Int = 0x34) {
    set(0x06, 0x10)
    byte(pointer, entries.first.map { UInt8($0.offset) } ?? end)
    for (place, entry) in entries.enumerated() {
      byte(entry.offset, entry.id)
      byte(entry.offset + 1, place + 1 < entries.count ? UInt8(entries[place + 1].offset) : end)
    }
  }

  mutating func extended(_ entries: [(id: UInt16, offset: Int)], end: UInt32 = 0) {
    for (place, entry) in entries.enumerated() {
      let next = place + 1 < entries.count ? UInt32(entries[place + 1].offset) : end
      double(entry.offset, UInt32(entry.id) | 1 << 16 | next << 20)
    }
  }

  /// One PCI Express capability at 0x40 with this type, version 2.
  mutating func express(_ type: PortType = .endpoint) {
    chain([(0x10, 0x40)])
    set(0x42, UInt16(type.rawValue) << 4 | 2)
  }

  var space: ConfigurationSpace { ConfigurationSpace(bytes) }
  func space(first count: Int) -> ConfigurationSpace { ConfigurationSpace(Array(bytes.prefix(count))) }
}
