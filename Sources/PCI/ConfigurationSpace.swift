/// The bytes of a function's configuration space, as far as they could be read.
///
/// sysfs shows 64 bytes without privilege, 256 of a conventional function, 4096 of a PCI Express one.
/// Registers beyond what was read are unknown, never zero.
public struct ConfigurationSpace: Sendable, Equatable {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public func byte(_ offset: Int) -> Fact<UInt8> {
    offset >= 0 && offset < bytes.count ? .known(bytes[offset]) : .unknown
  }

  public func word(_ offset: Int) -> Fact<UInt16> {
    guard offset >= 0, offset + 2 <= bytes.count else { return .unknown }
    return .known(UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8)
  }

  public func doubleWord(_ offset: Int) -> Fact<UInt32> {
    guard offset >= 0, offset + 4 <= bytes.count else { return .unknown }
    return .known((0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) })
  }

  /// All ones in the header: the function does not answer (dead, gone, or asleep in D3cold).
  public var isAllOnes: Bool { bytes.count >= 4 && bytes.prefix(64).allSatisfy { $0 == 0xff } }

  /// What a function that does not answer reads says nothing of it.
  private var header: Fact<Self> { isAllOnes ? .unknown : .known(self) }

  public var vendorID: Fact<UInt16> { header.flatMap { $0.word(0x00) } }
  public var deviceID: Fact<UInt16> { header.flatMap { $0.word(0x02) } }
  public var revision: Fact<UInt8> { header.flatMap { $0.byte(0x08) } }
  public var classCode: Fact<ClassCode> { header.flatMap { $0.doubleWord(0x08) }.map { ClassCode($0 >> 8) } }
  /// Header layout, bits 0–6 of offset 0x0e: 0 endpoint, 1 PCI-PCI bridge, 2 CardBus bridge.
  public var headerType: Fact<UInt8> { header.flatMap { $0.byte(0x0e) }.map { $0 & 0x7f } }
  /// Bit 7 of offset 0x0e. Only function 0 need say it.
  public var isMultifunction: Fact<Bool> { header.flatMap { $0.byte(0x0e) }.map { $0 & 0x80 != 0 } }

  /// Secondary and subordinate bus number, of header types 1 and 2.
  public var bridgeBuses: Fact<BridgeBuses> {
    headerType.flatMap { type in
      guard type == 1 || type == 2 else { return .absent }
      return byte(0x19).flatMap { secondary in
        byte(0x1a).map { BridgeBuses(secondary: secondary, subordinate: $0) }
      }
    }
  }

  /// Subsystem vendor and device. Header type 0 has them at 0x2c, type 2 at 0x40, type 1 in a capability of its own.
  public var subsystem: Fact<DeviceID> {
    headerType.flatMap { type in
      switch type {
      case 0: identifier(at: 0x2c)
      case 2: identifier(at: 0x40)
      default: capability(.subsystem).flatMap { identifier(at: $0.offset + 4) }
      }
    }
  }

  private func identifier(at offset: Int) -> Fact<DeviceID> {
    word(offset).flatMap { vendor in word(offset + 2).map { DeviceID(vendor: vendor, device: $0) } }
  }
}

/// Bus numbers of a bridge.
public struct BridgeBuses: Hashable, Sendable {
  public let secondary: UInt8
  public let subordinate: UInt8

  public init(secondary: UInt8, subordinate: UInt8) {
    self.secondary = secondary
    self.subordinate = subordinate
  }
}
