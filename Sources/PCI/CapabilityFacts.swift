/// What a PCI Express function is in its fabric: bits 4–7 of the capability's flags.
public struct PortType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let endpoint = Self(rawValue: 0)
  public static let legacyEndpoint = Self(rawValue: 1)
  public static let rootPort = Self(rawValue: 4)
  public static let upstream = Self(rawValue: 5)
  public static let downstream = Self(rawValue: 6)
  public static let toConventional = Self(rawValue: 7)
  public static let fromConventional = Self(rawValue: 8)
  public static let rootComplexEndpoint = Self(rawValue: 9)
  public static let eventCollector = Self(rawValue: 10)
}

/// Link capability and status of a PCI Express function.
public struct Link: Hashable, Sendable {
  /// Link Capabilities bits 24–31.
  public let port: UInt8
  /// In tenths of GT/s, 25 is 2.5 GT/s; nil if the code is reserved.
  public let maxSpeed: Int?
  public let maxWidth: UInt8
  public let speed: Int?
  public let width: UInt8
}

/// Access Control Services: which redirections a port can do, and does.
public struct AccessControl: Hashable, Sendable {
  public let capability: AccessControlBits
  public let control: AccessControlBits

  public init(capability: AccessControlBits, control: AccessControlBits) {
    self.capability = capability
    self.control = control
  }
}

/// Bits 0–6 of the ACS capability and control registers.
public struct AccessControlBits: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue & 0x7f }

  public static let sourceValidation = Self(rawValue: 1 << 0)
  public static let requestRedirect = Self(rawValue: 1 << 2)
  public static let completionRedirect = Self(rawValue: 1 << 3)
  public static let upstreamForwarding = Self(rawValue: 1 << 4)
  public static let egressControl = Self(rawValue: 1 << 5)

  /// What the kernel asks for before it calls a port isolating (`REQ_ACS_FLAGS` of drivers/iommu/iommu.c).
  public static let isolating: Self = [.sourceValidation, .requestRedirect, .completionRedirect, .upstreamForwarding]

  private static let labels = ["SV", "TB", "RR", "CR", "UF", "EC", "DT"]

  /// In register order, as the PCI Express specification abbreviates them.
  public var names: [String] { Self.labels.indices.filter { rawValue & 1 << $0 != 0 }.map { Self.labels[$0] } }
}

/// ARI forwarding of a port above a device: Device Capabilities 2 and Control 2, bit 5.
public struct AlternativeRouting: Hashable, Sendable {
  public let supported: Bool
  public let enabled: Bool
}

extension ConfigurationSpace {
  public var portType: Fact<PortType> {
    capability(.pciExpress).flatMap { word($0.offset + 2) }.map { PortType(rawValue: UInt8($0 >> 4 & 0xf)) }
  }

  /// Function Level Reset: Device Capabilities, bit 28. False if there is no PCI Express capability.
  public var functionLevelReset: Fact<Bool> {
    switch capability(.pciExpress) {
    case .known(let capability): doubleWord(capability.offset + 4).map { $0 & 1 << 28 != 0 }
    case .absent: .known(false)
    case .unknown: .unknown
    }
  }

  /// Advanced Features reset: capability 0x13, byte 3, bits 0 (transactions pending) and 1 (FLR), both.
  public var advancedFeaturesReset: Fact<Bool> {
    switch capability(.advancedFeatures) {
    case .known(let capability): byte(capability.offset + 3).map { $0 & 0x3 == 0x3 }
    case .absent: .known(false)
    case .unknown: .unknown
    }
  }

  /// D3hot to D0 resets the function: PMCSR bit 3 (NoSoftRst) clear. False if there is no PM capability.
  public var powerManagementReset: Fact<Bool> {
    switch capability(.powerManagement) {
    case .known(let capability): word(capability.offset + 4).map { $0 & 1 << 3 == 0 }
    case .absent: .known(false)
    case .unknown: .unknown
    }
  }

  /// Absent if the function has no link of its own: conventional, or inside the root complex.
  public var link: Fact<Link> {
    portType.flatMap { type in
      guard type != .rootComplexEndpoint, type != .eventCollector else { return .absent }
      return capability(.pciExpress).flatMap { express in
        doubleWord(express.offset + 0x0c).flatMap { able in
          word(express.offset + 0x12).map { status in
            Link(
              port: UInt8(able >> 24), maxSpeed: Self.speed(UInt16(able & 0xf)), maxWidth: UInt8(able >> 4 & 0x3f),
              speed: Self.speed(status & 0xf), width: UInt8(status >> 4 & 0x3f))
          }
        }
      }
    }
  }

  /// Tenths of GT/s of a link speed code.
  private static func speed(_ code: UInt16) -> Int? {
    let speeds = [25, 50, 80, 160, 320, 640]
    return (1...speeds.count).contains(Int(code)) ? speeds[Int(code) - 1] : nil
  }

  /// Absent for anything but root and downstream ports, and for capabilities before version 2.
  public var alternativeRouting: Fact<AlternativeRouting> {
    portType.flatMap { type in
      guard type == .rootPort || type == .downstream else { return .absent }
      return capability(.pciExpress).flatMap { express in
        word(express.offset + 2).flatMap { flags in
          guard flags & 0xf >= 2 else { return .absent }
          return doubleWord(express.offset + 0x24).flatMap { able in
            word(express.offset + 0x28).map {
              AlternativeRouting(supported: able & 1 << 5 != 0, enabled: $0 & 1 << 5 != 0)
            }
          }
        }
      }
    }
  }

  /// Extended capability 0x0d: capability at +4, control at +6.
  public var accessControl: Fact<AccessControl> {
    extendedCapability(.accessControl).flatMap { entry in
      word(entry.offset + 4).flatMap { able in
        word(entry.offset + 6).map {
          AccessControl(
            capability: AccessControlBits(rawValue: able), control: AccessControlBits(rawValue: $0))
        }
      }
    }
  }

  /// TotalVFs of the SR-IOV capability, at +0x0e.
  public var totalVFs: Fact<UInt16> {
    extendedCapability(.singleRootIOV).flatMap { word($0.offset + 0x0e) }
  }

  /// NumVFs of the SR-IOV capability, at +0x10, if VF Enable (SR-IOV Control, +0x08, bit 0) is set; else 0.
  public var enabledVFs: Fact<UInt16> {
    extendedCapability(.singleRootIOV).flatMap { entry in
      word(entry.offset + 0x08).flatMap { control in control & 1 == 0 ? .known(0) : word(entry.offset + 0x10) }
    }
  }

  /// Device serial number, most significant byte first, as lspci prints it: `00-0a-35-ff-ff-00-00-01`.
  public var serialNumber: Fact<String> {
    extendedCapability(.serialNumber).flatMap { entry in
      doubleWord(entry.offset + 4).flatMap { low in
        doubleWord(entry.offset + 8).map { high in
          [high, low].flatMap { word in (0..<4).map { hexText(UInt8(word >> (24 - 8 * $0) & 0xff), digits: 2) } }
            .joined(separator: "-")
        }
      }
    }
  }
}
