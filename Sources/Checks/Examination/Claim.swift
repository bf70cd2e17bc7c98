import Host
import PCI
import Settings

/// What a tool was told to do with functions, wherever it keeps that.
public struct Claim: Sendable, Equatable {
  public enum Tool: String, Sendable, Comparable, CaseIterable {
    case pin = "a pin"
    case hold = "hostdev's hold"
    case kernel = "the kernel command line"
    case modprobe = "modprobe's options"
    case driverctl
    case libvirt
    case proxmox = "Proxmox"
    case udev = "a udev rule"
    case switcher = "supergfxd"
    case script = "a script or setting that counts at boot"

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Hostdev's own.
    var isOwn: Bool { self == .pin || self == .hold }
  }

  public enum Manner: Sendable, Equatable {
    /// Keeps it on this driver.
    case driver(String)
    /// Brings it to VFIO as a guest starts and gives it back as that stops.
    case duringGuest
    /// Brings it to VFIO as a guest starts and leaves it there.
    case fromGuest
    /// Takes it from its driver, for whatever comes then.
    case unbound
    /// Takes it off the bus.
    case removed
  }

  /// When it takes its functions from the host.
  public enum Strike: Sendable, Hashable {
    /// As the host boots, or as the function appears later.
    case boot
    /// At the boot after the boot loader's entries are made anew: no entry has it yet.
    case remade
    /// `hostdev apply`, at boot or by hand, which checks first.
    case apply
    /// A guest starts: its name, and whether the host starts it by itself at boot.
    case start(guest: ForeignWord, isAutomatic: Bool)
    /// Some guest starts.
    case anyGuest
  }

  public let tool: Tool
  public let functions: [Address]
  public let manner: Manner
  public let sources: [SourceLine]
  /// It is in force on this boot, not only from the next one on.
  public let isInForce: Bool
  /// What it names functions by, if not by their addresses.
  public let ids: [ClaimedID]
  /// The commands that take it back, without a function moving; empty if it cannot be told how.
  public let withdrawal: String
  public let strike: Strike
  /// Findings that an administrator overruled as it was declared.
  public let overruled: Set<FindingCode>
  /// The command that opens a guest's or a network's configuration.
  let edit: String?
  /// Who carries it out, where the tool does not say it: `a unit of systemd's`.
  var agent: String?
  /// False: whether it takes these functions could not be told.
  var isCertain = true

  public init(
    _ tool: Tool, _ functions: [Address], manner: Manner, sources: [SourceLine], ids: [ClaimedID] = [],
    isInForce: Bool = true, withdrawal: String, strike: Strike = .boot, overruled: Set<FindingCode> = [],
    edit: String? = nil
  ) {
    self.tool = tool
    self.functions = functions
    self.manner = manner
    self.sources = sources
    self.isInForce = isInForce
    self.ids = ids
    self.withdrawal = withdrawal
    self.strike = strike
    self.overruled = overruled
    self.edit = edit
  }

  /// The functions that it takes away from the driver that they are on now.
  func taken(in host: Host) -> [Address] {
    functions.filter { function in
      guard let driver = host[function]?.driver.value else { return false }
      return switch manner {
      case .driver(let name): !DriverName.isSame(name, driver)
      case .duringGuest, .fromGuest, .unbound, .removed: !VFIODriver.leavesGroupViable(driver)
      }
    }
  }

  /// It explains that a function is on a VFIO driver now.
  var explainsVFIO: Bool {
    switch manner {
    case .driver(let name): isInForce && VFIODriver.leavesGroupViable(name)
    case .fromGuest: true
    case .duringGuest, .unbound, .removed: false
    }
  }
}
