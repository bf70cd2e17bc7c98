/// One entry of the capability chain, in the first 256 bytes.
public struct Capability: Hashable, Sendable {
  public let id: CapabilityID
  /// Offset in bytes of the entry's first byte.
  public let offset: Int
}

/// One entry of the extended capability chain, from offset 0x100 up.
public struct ExtendedCapability: Hashable, Sendable {
  public let id: ExtendedCapabilityID
  public let version: UInt8
  public let offset: Int
}

/// Capability identifiers of the PCI Code and ID Assignment specification that something here reads or names.
public struct CapabilityID: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let powerManagement = Self(rawValue: 0x01)
  public static let pciX = Self(rawValue: 0x07)
  public static let subsystem = Self(rawValue: 0x0d)
  public static let pciExpress = Self(rawValue: 0x10)
  public static let advancedFeatures = Self(rawValue: 0x13)

  private static let names: [UInt8: String] = [
    0x00: "null", 0x01: "pm", 0x02: "agp", 0x03: "vpd", 0x04: "slot-id", 0x05: "msi", 0x06: "hot-swap", 0x07: "pci-x",
    0x08: "hypertransport", 0x09: "vendor", 0x0a: "debug-port", 0x0b: "cpci", 0x0c: "hot-plug", 0x0d: "subsystem",
    0x0e: "agp8x", 0x0f: "secure", 0x10: "pcie", 0x11: "msi-x", 0x12: "sata", 0x13: "af", 0x14: "ea", 0x15: "fpb",
  ]

  /// Short name, or nil for an identifier that has none.
  public var name: String? { Self.names[rawValue] }
}

/// Extended capability identifiers, likewise.
public struct ExtendedCapabilityID: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let serialNumber = Self(rawValue: 0x03)
  public static let accessControl = Self(rawValue: 0x0d)
  public static let singleRootIOV = Self(rawValue: 0x10)

  private static let names: [UInt16: String] = [
    0x00: "null", 0x01: "aer", 0x02: "vc", 0x03: "dsn", 0x04: "power-budget", 0x05: "rc-link",
    0x06: "rc-internal-link", 0x07: "rc-event-collector", 0x08: "mfvc", 0x09: "vc9", 0x0a: "rcrb", 0x0b: "vendor",
    0x0c: "cac", 0x0d: "acs", 0x0e: "ari", 0x0f: "ats", 0x10: "sr-iov", 0x11: "mr-iov", 0x12: "multicast",
    0x13: "pri", 0x15: "rebar", 0x16: "dpa", 0x17: "tph", 0x18: "ltr", 0x19: "secondary-pcie", 0x1a: "pmux",
    0x1b: "pasid", 0x1c: "lnr", 0x1d: "dpc", 0x1e: "l1-pm", 0x1f: "ptm", 0x20: "m-pcie", 0x21: "frs",
    0x22: "readiness", 0x23: "dvsec", 0x24: "vf-rebar", 0x25: "dlf", 0x26: "phy-16gt", 0x27: "lane-margining",
    0x28: "hierarchy-id", 0x29: "npem", 0x2a: "phy-32gt", 0x2b: "alternate-protocol", 0x2c: "sfi", 0x2e: "doe",
    0x2f: "dev3", 0x30: "ide", 0x31: "phy-64gt",
  ]

  /// Short name, or nil for an identifier that has none.
  public var name: String? { Self.names[rawValue] }
}

extension ConfigurationSpace {
  /// The capability chain in its own order; unknown if it leads beyond what was read.
  ///
  /// A chain that loops ends at the entry that was already read; one that points into the header ends there.
  public var capabilities: Fact<[Capability]> {
    headerType.flatMap { type in
      word(0x06).flatMap { status in
        // Status bit 4: there is a list.
        guard status & 0x10 != 0 else { return .known([]) }
        return byte(type == 2 ? 0x14 : 0x34).flatMap(chain)
      }
    }
  }

  private func chain(from first: UInt8) -> Fact<[Capability]> {
    var found: [Capability] = []
    var seen: Set<Int> = []
    // The two low bits are reserved; software masks them.
    var offset = Int(first & 0xfc)
    while offset >= 0x40, seen.insert(offset).inserted {
      guard case .known(let entry) = word(offset) else { return .unknown }
      // 0xff is what an absent register reads.
      if entry & 0xff == 0xff { break }
      found.append(Capability(id: CapabilityID(rawValue: UInt8(entry & 0xff)), offset: offset))
      offset = Int(entry >> 8 & 0xfc)
    }
    return .known(found)
  }

  /// The first capability of a kind; absent if the chain has none, unknown if the chain is.
  public func capability(_ id: CapabilityID) -> Fact<Capability> {
    capabilities.flatMap { list in list.first { $0.id == id }.map { .known($0) } ?? .absent }
  }

  /// The extended chain. Conventional functions have none; of others it is unknown below 0x104 bytes.
  public var extendedCapabilities: Fact<[ExtendedCapability]> {
    capabilities.flatMap { list in
      if !list.contains(where: { $0.id == .pciExpress }) {
        guard let conventional = list.first(where: { $0.id == .pciX }) else { return .known([]) }
        // Of PCI-X only mode 2 has one: status bits 30 (266 MHz) and 31 (533 MHz), as pci_cfg_space_size asks for them.
        guard case .known(let status) = doubleWord(conventional.offset + 4) else { return .unknown }
        guard status >> 30 != 0 else { return .known([]) }
      }
      var found: [ExtendedCapability] = []
      var seen: Set<Int> = []
      var offset = 0x100
      while offset >= 0x100, seen.insert(offset).inserted {
        guard case .known(let entry) = doubleWord(offset) else { return .unknown }
        if entry == 0 || entry == .max { break }
        found.append(
          ExtendedCapability(
            id: ExtendedCapabilityID(rawValue: UInt16(entry & 0xffff)), version: UInt8(entry >> 16 & 0xf),
            offset: offset))
        offset = Int(entry >> 20 & 0xffc)
      }
      return .known(found)
    }
  }

  public func extendedCapability(_ id: ExtendedCapabilityID) -> Fact<ExtendedCapability> {
    extendedCapabilities.flatMap { list in list.first { $0.id == id }.map { .known($0) } ?? .absent }
  }
}
