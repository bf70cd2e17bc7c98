/// Class, subclass and programming interface, 24 bits, as the `class` attribute spells them: `0x120000`.
public struct ClassCode: Hashable, Sendable, CustomStringConvertible {
  public let value: UInt32

  /// The low 24 bits of `value`.
  public init(_ value: UInt32) { self.value = value & 0xff_ffff }

  /// Base class: 0x01 storage, 0x02 network, 0x03 display, 0x06 bridge, 0x0c serial bus, …
  public var base: UInt8 { UInt8(value >> 16) }
  /// Base class and subclass: 0x0108 non-volatile memory.
  public var subclass: UInt16 { UInt16(value >> 8) }
  /// Programming interface: 0x30 of 0x0c0330 is xHCI.
  public var interface: UInt8 { UInt8(value & 0xff) }

  public var isStorage: Bool { base == 0x01 }
  /// It has disks, although its base class is not that of a storage controller: Fibre Channel, SD host.
  public var leadsToDisks: Bool { subclass == 0x0c04 || subclass == 0x0805 }
  public var isNetwork: Bool { base == 0x02 }
  public var isDisplay: Bool { base == 0x03 }
  public var isHostBridge: Bool { subclass == 0x0600 }
  /// A bridge to another PCI bus, by class: PCI-PCI, CardBus, semi-transparent. If the header can be read, its type
  /// (1 or 2) decides.
  public var isBusBridge: Bool { subclass == 0x0604 || subclass == 0x0607 || subclass == 0x0609 }
  public var isAudio: Bool { subclass == 0x0401 || subclass == 0x0403 }
  public var isUSBController: Bool { subclass == 0x0c03 }

  public var description: String { "0x" + hexText(value, digits: 6) }
}

/// Vendor and device id, as in `10ee:5000`.
public struct DeviceID: Hashable, Sendable, CustomStringConvertible {
  public let vendor: UInt16
  public let device: UInt16

  public init(vendor: UInt16, device: UInt16) {
    self.vendor = vendor
    self.device = device
  }

  /// `10ee:5000`.
  public var description: String { hexText(vendor, digits: 4) + ":" + hexText(device, digits: 4) }
}
