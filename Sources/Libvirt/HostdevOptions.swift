import PCI

/// What a `<hostdev>` element says besides which function it gives away.
public struct HostdevOptions: Sendable {
  /// libvirt itself detaches at the guest's start and gives back at its end.
  public var managed: Bool
  /// Functions that libvirt must leave on their driver, whatever `managed` says.
  public var unmanaged: Set<Address> = []
  /// The first function's address in the guest. Nil leaves the place to libvirt, but for the functions of one card:
  /// those must share a slot, which libvirt does not do by itself, and go to `defaultGuest` and what follows it.
  public var guest: Address?
  /// Every function gets a slot of its own, as hot-plug wants it.
  public var separate: Bool
  /// A variant driver by name. libvirt 10.0 and later.
  public var driverModel: String?
  /// VFIO by /dev/iommu instead of groups. libvirt 12.1 and later.
  public var iommufd: Bool
  /// Whether the guest sees the option ROM. Nil: as QEMU has it.
  public var romBar: Bool?
  /// Absolute path of an image to show instead of the card's own ROM; for the first function only, whose ROM it is.
  public var romFile: String?
  /// Place of the first function among what the guest boots from, from 1; the others follow.
  public var bootOrder: Int?
  /// A name to find the element by. libvirt keeps those that begin `ua-`, which is added if it is missing.
  /// Of several functions each gets its number behind it: a name may occur once in a domain.
  public var alias: String?

  public init(
    managed: Bool, guest: Address? = nil, separate: Bool = false, driverModel: String? = nil, iommufd: Bool = false,
    romBar: Bool? = nil, romFile: String? = nil, bootOrder: Int? = nil, alias: String? = nil
  ) {
    self.managed = managed
    self.guest = guest
    self.separate = separate
    self.driverModel = driverModel
    self.iommufd = iommufd
    self.romBar = romBar
    self.romFile = romFile
    self.bootOrder = bootOrder
    self.alias = alias
  }

  /// Behind the root ports that virt-install fills (1 to 7) and among those that it makes (up to 14). libvirt makes
  /// the port if a domain has none.
  public static let defaultGuest = Address(domain: 0, routingID: 0x0a00)
}

/// A request that cannot be expressed in a domain's XML.
public enum HostdevError: Error, Equatable, Sendable {
  /// libvirt's PCI domains end at 0xffff: nothing below Intel VMD (`10000:`) can go to a guest through it.
  case domainTooLarge(Address)
  /// The guest address's function, with several functions of a card to follow it: they begin at 0.
  case guestFunctionNotZero(Address)
  /// No bus (or, on bus 0, no slot) is left behind the guest address for this function.
  case noGuestPlace(Address)
  /// Relative, or with a character that XML cannot say.
  case romFile(String)
  /// Letters, digits, `_`, `-` and `.` are all that there may be.
  case alias(String)
  case driverModel(String)
  /// Boot orders begin at 1.
  case bootOrder(Int)
}

extension HostdevError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .domainTooLarge(let address): "\(address): libvirt supports PCI domains only up to ffff"
    case .guestFunctionNotZero(let address):
      "guest address \(address): several functions of a card must start at function 0 of a guest slot"
    case .noGuestPlace(let address): "\(address): no guest slot is left for it after the given guest address"
    case .romFile(let path): "ROM file '\(path)': not an absolute path, or not valid in XML"
    case .alias(let name): "alias '\(name)': letters, digits, '_', '-' and '.' only"
    case .driverModel(let name): "driver model '\(name)': letters, digits, '_' and '-' only"
    case .bootOrder(let order): "boot order \(order): it must be 1 or more"
    }
  }
}
