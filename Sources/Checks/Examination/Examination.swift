import Host
import PCI
import Settings

/// Everything that `doctor` looked at, at one moment.
public struct Examination: Sendable {
  public var host: Host
  public var surroundings: Surroundings
  public var settings: HostSettings
  public var isCapture: Bool
  /// Of the functions on VFIO drivers: who has them open.
  public var usage = Usage()
  /// What the host does with the functions that one claim takes, by those functions.
  public var claimedUsage: [[Address]: Usage] = [:]
  public var held: [HeldFunction] = []
  /// Functions with a write under way, of which nothing was read that could block.
  public var pending: Set<Address> = []
  public var interrupted: [Interrupted] = []
  /// Why `/run/hostdev` says nothing.
  public var recordsTrouble: String?
  public var pins: [DeclaredPin] = []
  /// Why `/etc/hostdev/pins.d` as a whole says nothing.
  public var pinsTrouble: PinsTrouble?
  public var images: [Initramfs] = []
  public var virtualsToCome: [VirtualsToCome] = []
  /// Images of the kernel that writes a dump after a crash.
  public var crashImages: [CrashImage] = []
  /// What the host does with the functions that such a kernel may lose.
  public var crashUsage = Usage()
  /// Numbers of virtual functions that other tools give physical ones.
  public var virtualRequests: [RequestedVirtuals] = []

  public init(host: Host, surroundings: Surroundings, settings: HostSettings, isCapture: Bool) {
    self.host = host
    self.surroundings = surroundings
    self.settings = settings
    self.isCapture = isCapture
  }

  /// The sets of functions that a claim takes from the drivers that they are on.
  public var takenSets: Set<[Address]> {
    Set(
      (claims + doubtfulClaims + slipClaims).filter { $0.tool != .hold }.map { $0.taken(in: host) }.filter {
        !$0.isEmpty
      })
  }

  /// Everything that could go to a guest.
  var endpoints: [Address] { host.functions.filter(\.isEndpoint).map(\.address) }

  /// The rules of `check` on the whole host.
  func situation(_ set: [Address], driver: String = VFIODriver.generic, usage: Usage = Usage()) -> Situation {
    Situation(
      host: host, set: set, intent: .assign(driver: driver), usage: usage, surroundings: surroundings,
      isRehearsal: isCapture, held: Set(held.map(\.function)))
  }
}

/// Why no pin counts.
public struct PinsTrouble: Sendable, Equatable {
  public let reason: String
  /// The pins could not be read, but may be valid. False: no pin in the folder is valid.
  public let isUnread: Bool

  public init(reason: String, isUnread: Bool) {
    self.reason = reason
    self.isUnread = isUnread
  }
}
