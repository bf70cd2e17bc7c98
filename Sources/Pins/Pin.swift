import Checks
import Host
import PCI

/// A declaration, kept in a file, that functions belong to guests at every boot.
public struct Pin: Sendable, Equatable {
  /// The newest form of the file that this program knows.
  public static let currentVersion = 1

  /// What may stand in for the topology path where a function has no serial number that counts.
  public enum Match: String, Sendable, CaseIterable {
    /// Path and ids together.
    case path
    /// Ids alone too, where exactly one device of the host fits.
    case ids
  }

  /// The file's name without `.json`.
  public let name: String
  /// What it is for, in the administrator's words.
  public var description: String?
  /// A driver's name, or `auto`: the best VFIO driver that the kernel has for the function.
  public var driver: String
  public var match: Match
  /// The card is the pinned one in another place too, where its serial number says so.
  public var follow: Bool
  /// Codes of findings that were overruled when it was declared, and are at every boot.
  public var forced: [FindingCode]
  /// Of a physical function, which then stays with the host: those that it is to have.
  public var virtuals: PinnedVirtuals?
  /// In the order of their addresses when they were declared.
  public var functions: [PinnedFunction]
  /// What was found on the day it was declared; nil in a file written by hand.
  public var evidence: PinEvidence?

  public init(
    name: String, description: String? = nil, driver: String = VFIODriver.generic, match: Match = .path,
    follow: Bool = false, forced: [FindingCode] = [], virtuals: PinnedVirtuals? = nil, functions: [PinnedFunction],
    evidence: PinEvidence? = nil
  ) {
    self.name = name
    self.description = description
    self.driver = driver
    self.match = match
    self.follow = follow
    self.forced = forced
    self.virtuals = virtuals
    self.functions = functions
    self.evidence = evidence
  }

  /// Letters, digits, `.`, `_` and `-`, and first neither a dot nor a hyphen: it becomes a file's name, a unit's instance
  /// and a word of commands, where a hyphen would begin an option.
  public static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, !".-".utf8.contains(first), text.utf8.count <= 200 else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}

/// Who a pinned function is.
public struct PinnedFunction: Sendable, Equatable {
  /// Where it stood when it was last seen. It says nothing of who it is: buses are numbered anew at every boot.
  public var address: Address
  /// Its place in the topology, free of bus numbers; nil where a capture does not show it.
  public var path: String?
  public var vendorID: UInt16
  public var deviceID: UInt16
  /// Nil where it has none, or it was not known.
  public var subsystemVendorID: UInt16?
  public var subsystemDeviceID: UInt16?
  public var classCode: ClassCode?
  /// The device serial number, where it counted when the function was declared.
  public var serialNumber: String?
  /// The `SN` of its vital product data, likewise; read on request alone.
  public var vpdSerialNumber: String?

  public init(
    address: Address, path: String?, vendorID: UInt16, deviceID: UInt16, subsystemVendorID: UInt16? = nil,
    subsystemDeviceID: UInt16? = nil, classCode: ClassCode? = nil, serialNumber: String? = nil,
    vpdSerialNumber: String? = nil
  ) {
    self.address = address
    self.path = path
    self.vendorID = vendorID
    self.deviceID = deviceID
    self.subsystemVendorID = subsystemVendorID
    self.subsystemDeviceID = subsystemDeviceID
    self.classCode = classCode
    self.serialNumber = serialNumber
    self.vpdSerialNumber = vpdSerialNumber
  }

  /// `10ee:5000`.
  public var id: DeviceID { DeviceID(vendor: vendorID, device: deviceID) }
  public var hasSerial: Bool { serialNumber != nil || vpdSerialNumber != nil }
}

/// What the checks said when a pin was declared.
public struct PinEvidence: Sendable, Equatable {
  /// `2026-11-23T18:37:53Z`.
  public var at: String
  public var findings: [PinnedFinding]

  public init(at: String, findings: [PinnedFinding]) {
    self.at = at
    self.findings = findings
  }
}

/// One finding of that day.
public struct PinnedFinding: Sendable, Equatable {
  public var code: String
  public var severity: String
  public var functions: [Address]
  public var message: String
  public var evidence: [String]

  public init(code: String, severity: String, functions: [Address], message: String, evidence: [String]) {
    self.code = code
    self.severity = severity
    self.functions = functions
    self.message = message
    self.evidence = evidence
  }
}
