import Host

/// What a configuration file of the host says of an interface that is up or will be: at the next boot, or when the
/// interface appears.
public struct InterfaceSetting: Sendable {
  public let file: String
  /// From 1 on.
  public let line: Int
  public let match: InterfaceMatch
  /// `inet dhcp`, `port of bond0`.
  public let detail: String
  /// The interface that is made on top of it: a bond, a bridge, a VLAN.
  public var upper: String?
  /// Brought up automatically. False: only by a command, such as `ifup`.
  public var isAutomatic = true

  public var source: SourceLine { SourceLine(file, line, text: detail) }
  public var place: String { source.place }
}

/// Which interfaces a setting is for. Every part that is there has to fit.
public struct InterfaceMatch: Sendable, Equatable {
  /// Names as they are, or patterns of the shell; any of them. Empty: whatever the name.
  public var names: [String] = []
  /// Hardware addresses in lower case; any of them. Empty: whatever the address.
  public var addresses: [String] = []
  /// Patterns of drivers' names.
  public var drivers: [String] = []
  /// Patterns of udev's `ID_PATH`: `pci-0000:01:00.0`.
  public var paths: [String] = []
  /// `ether`, `wlan`, `infiniband`: any of them.
  public var kinds: [String] = []
  /// Only for interfaces that the kernel makes itself, such as a bond: never for that of a PCI function.
  public var isForMadeLinks = false
  /// Conditions that are not looked at here.
  public var hasMore = false
}
