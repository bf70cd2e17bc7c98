import PCI

/// One piece of evidence of what the host, or a guest, does with a function.
public struct Use: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    // Storage.
    case block, partition, holder, mount, swap, fstab, signature, pool, boot, remoteStorage = "remote-storage",
      configuredStorage = "configured-storage"
    /// What the host used when the image was made, by the image's record.
    case essential = "footing"
    // Network.
    case interface, networkAddress = "address", route, defaultRoute = "default-route", master, upper, ssh, rdma,
      configuredInterface = "configured-interface"
    // Display, input, console.
    case bootVGA = "boot-vga", drm, framebuffer, onlyDisplay = "only-display", keyboard, usb, console, watchdog, tpm,
      ipmi, ups
    /// Its memory is the host's System RAM.
    case memory
    // Handles.
    case open, vfioOpen = "vfio-open"

    /// The host has storage on it in use, or will at the next boot. An unused disk and the data on it do not count.
    public var isHostStorage: Bool {
      switch self {
      case .holder, .mount, .swap, .fstab, .pool, .boot, .remoteStorage, .configuredStorage, .essential: true
      case .block, .partition, .signature: false
      case .interface, .networkAddress, .route, .defaultRoute, .master, .upper, .ssh, .rdma, .configuredInterface: false
      case .bootVGA, .drm, .framebuffer, .onlyDisplay, .keyboard, .usb, .console, .watchdog, .tpm, .ipmi, .ups: false
      case .memory: false
      case .open, .vfioOpen: false
      }
    }
  }

  public let function: Address
  public let what: What
  /// The line that says so, of what is configured: `/etc/fstab:5`.
  public let source: SourceLine?
  /// From the function to the use: `0000:02:00.0`, `nvme0`, `nvme0n1`, `nvme0n1p2`.
  public let chain: [String]
  /// Of the kinds that a host cannot live without: `/`, `/boot`, `/usr`, swap. Never overruled.
  public let isVital: Bool
  /// It exists, but the host does not use it now: data on a disk, an interface that is down, a dark screen, a
  /// configuration that any interface fits or that is started only by hand.
  public let isIdle: Bool
  /// What goes on without this function, so that the use does not end; nil if nothing is known to.
  public var remainder: Remainder?

  public init(
    _ what: What, of function: Address, chain: [String], source: SourceLine? = nil, isVital: Bool = false,
    isIdle: Bool = false, remainder: Remainder? = nil
  ) {
    self.function = function
    self.what = what
    self.source = source
    self.chain = chain
    self.isVital = isVital
    self.isIdle = isIdle
    self.remainder = remainder
  }

  public var kind: Kind { what.kind }
  public var subject: String { what.subject }
  public var detail: String { what.detail }
  public var place: String? { source?.place }
}

/// What could not be found out about a function's use, and why.
public struct UnknownUse: Sendable, Equatable {
  public enum Area: String, Sendable, CaseIterable {
    case storage, network, display, input, holders, memory
    /// Data on unused disks. Only a warning depends on it.
    case data
  }

  public let function: Address
  public let area: Area
  /// Path and kernel's answer, or what is missing.
  public let reason: String

  public init(function: Address, area: Area, reason: String) {
    self.function = function
    self.area = area
    self.reason = reason
  }
}

/// How a function fares, as far as the kernel's attributes tell without waking it.
public struct Condition: Sendable, Equatable {
  /// `d3cold_allowed`.
  public var allowsD3cold: Bool?
  /// `power/runtime_status`: `active`, `suspended`.
  public var runtimeStatus: String?
  /// TOTAL_ERR_FATAL of `aer_dev_fatal`: fatal errors since it was found. They may all have been recovered from.
  public var fatalErrors: Int?

  public init(allowsD3cold: Bool? = nil, runtimeStatus: String? = nil, fatalErrors: Int? = nil) {
    self.allowsD3cold = allowsD3cold
    self.runtimeStatus = runtimeStatus
    self.fatalErrors = fatalErrors
  }
}

/// All evidence that was gathered for a set.
public struct Usage: Sendable, Equatable {
  public var uses: [Use]
  public var unknown: [UnknownUse]
  /// Open files that were looked at.
  public var descriptorsSeen: Int
  /// Processes whose open files could not be looked at.
  public var processesUnseen: Int
  /// Of those functions of which something is known.
  public var conditions: [Address: Condition] = [:]

  public init(uses: [Use] = [], unknown: [UnknownUse] = [], descriptorsSeen: Int = 0, processesUnseen: Int = 0) {
    self.uses = uses
    self.unknown = unknown
    self.descriptorsSeen = descriptorsSeen
    self.processesUnseen = processesUnseen
  }

  public func uses(of function: Address) -> [Use] { uses.filter { $0.function == function } }
}

/// A usage whose functions are asked for one by one: a search of all that was found, for each of them, costs its square.
public struct UsageByFunction: Sendable {
  private let whole: Usage
  private let uses: [Address: [Use]]
  private let unknown: [Address: [UnknownUse]]

  public init(_ usage: Usage) {
    var whole = usage
    whole.uses = []
    whole.unknown = []
    self.whole = whole
    uses = Dictionary(grouping: usage.uses, by: \.function)
    unknown = Dictionary(grouping: usage.unknown, by: \.function)
  }

  public func usage(of functions: Set<Address>) -> Usage {
    var part = whole
    for function in functions.sorted() {
      part.uses += uses[function] ?? []
      part.unknown += unknown[function] ?? []
    }
    return part
  }
}
