extension Use {
  /// What the use is, with what rules and remedies have to know of it.
  ///
  /// `device` is a block device as its users name it, `/dev/nvme0n1p2`; of what is configured it may be a tag.
  public enum What: Sendable, Hashable {
    // Storage.
    case block(device: String)
    case partition(device: String)
    /// `LVM2_member`, `ext4 data`.
    case signature(device: String, content: String)
    case holder(device: String, by: Holder)
    case mount(device: String, on: MountPoint)
    case swap(device: String, file: String?)
    /// An entry of fstab, with its mount point, or of crypttab.
    case fstab(device: String, entry: String, point: String?)
    case pool(device: String, Pool)
    case boot(device: String, role: String)
    case remoteStorage(name: String, transport: String)
    case configuredStorage(device: String, entry: String)
    /// What the host used when the image was made, by the image's record.
    case essential(carried: String, reason: String)

    // Network. `interface` is its name.
    case interface(String, state: String?)
    case networkAddress(interface: String, address: String)
    case route(interface: String, route: String)
    case defaultRoute(interface: String, route: String)
    case master(interface: String, master: String)
    /// A device on top of the interface that is not its master: a VLAN, macvlan, VXLAN.
    case upper(interface: String, upper: String)
    case ssh(interface: String, client: String)
    case rdma(device: String, ports: [String])
    case configuredInterface(String, setting: String)

    // Display, input, console.
    case bootVGA(function: String)
    case drm(node: String, Screens)
    case framebuffer(Framebuffer)
    case onlyDisplay(function: String)
    case keyboard(name: String)
    case usb(name: String, product: String)
    case ups(name: String, product: String)
    case console(node: String, name: String)
    case watchdog(node: String, identity: String, state: String?)
    case tpm(node: String)
    case ipmi(node: String)

    /// `device` is what the kernel took the memory from: `dax0.0`; `region` the CXL region that it is of, if it is one's.
    case memory(device: String, region: String?)

    // Handles.
    case open(Process, Node)
    /// A node of VFIO's: a guest has it open, or a program like one. `mediated`: name of the mediated device that it is
    /// of; nil of the function itself.
    case vfioOpen(Process, mediated: String? = nil)
  }

  /// The file through which a process uses a function.
  public struct Node: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      case watchdog
      /// A card, a render node or a frame buffer.
      case display
      case other
    }

    public let path: String
    public let kind: Kind
    /// Mapped, and not open.
    public let isMapped: Bool

    public init(_ path: String, _ kind: Kind = .other, isMapped: Bool = false) {
      self.path = path
      self.kind = kind
      self.isMapped = isMapped
    }
  }

  /// What has a block device in use, apart from a file system that is mounted from it.
  public enum Holder: Sendable, Hashable {
    /// Another block device: `dm-0`, which device mapper calls `vg-root`; `md0`, `loop0` and its file.
    case device(name: String, label: String?)
    /// A cache of bcache's, of which no device is made.
    case cache
    /// A btrfs of which this is a member.
    case btrfs(volume: String)
    /// It holds the journal of an ext4 that is on another device.
    case journal
    /// The kernel itself serves it to others: `nvmet NQN`.
    case export(String)
  }

  /// The place at which something is mounted, and for whom if not for the host.
  public struct MountPoint: Sendable, Hashable {
    public let path: String
    /// Nil for the host's own namespace, else a process that sees it.
    public let seenBy: Process?

    public init(_ path: String, seenBy: Process? = nil) {
      self.path = path
      self.seenBy = seenBy
    }
  }

  /// A ZFS pool that a device is a member of.
  public enum Pool: Sendable, Hashable {
    case mounted(MountPoint)
    /// Imported by its name, and nothing of it is mounted.
    case imported(String)
    /// Not one of the pool's disks: its cache or spare, which it can do without.
    case helper(String, role: String)
  }

  /// What is plugged into a card.
  public enum Screens: Sendable, Hashable {
    /// A render node has none.
    case renderNode
    case none
    case connected([String])
    /// Connectors that do not tell.
    case unclear([String])
  }

  public enum Framebuffer: Sendable, Hashable {
    /// The firmware's, in a BAR of a function, by its name in `/proc/iomem`.
    /// `device`: the platform device that has it and the driver of that one, if they are shown.
    case firmware(name: String, function: String, device: PlatformDevice? = nil)
    case device(node: String, name: String, console: Console)
  }

  /// A device of the platform bus, by its name (`simple-framebuffer.0`), and its driver.
  public struct PlatformDevice: Sendable, Hashable {
    public let name: String
    public let driver: String

    public init(_ name: String, on driver: String) {
      self.name = name
      self.driver = driver
    }
  }

  /// The text console, seen from a frame buffer.
  public enum Console: Sendable, Hashable {
    /// On it: `vtcon1`.
    case here(String)
    case elsewhere
    case nowhere
    /// A capture does not show it.
    case unknown
  }
}
