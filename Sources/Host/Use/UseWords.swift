/// What JSON and text call a use.
extension Use.What {
  public var kind: Use.Kind {
    switch self {
    case .block: .block
    case .partition: .partition
    case .signature: .signature
    case .holder: .holder
    case .mount: .mount
    case .swap: .swap
    case .fstab: .fstab
    case .pool: .pool
    case .boot: .boot
    case .remoteStorage: .remoteStorage
    case .configuredStorage: .configuredStorage
    case .essential: .essential
    case .interface: .interface
    case .networkAddress: .networkAddress
    case .route: .route
    case .defaultRoute: .defaultRoute
    case .master: .master
    case .upper: .upper
    case .ssh: .ssh
    case .rdma: .rdma
    case .configuredInterface: .configuredInterface
    case .bootVGA: .bootVGA
    case .drm: .drm
    case .framebuffer: .framebuffer
    case .onlyDisplay: .onlyDisplay
    case .keyboard: .keyboard
    case .usb: .usb
    case .ups: .ups
    case .console: .console
    case .watchdog: .watchdog
    case .tpm: .tpm
    case .ipmi: .ipmi
    case .memory: .memory
    case .open: .open
    case .vfioOpen: .vfioOpen
    }
  }

  /// What uses it, as its users name it: `/dev/nvme0n1p2`, `enp1s0f0`, `pid 812`.
  public var subject: String { words.subject }

  /// The place or the way: a mount point, an IP address, a command.
  public var detail: String { words.detail }

  private var words: (subject: String, detail: String) {
    switch self {
    case .block(let device): (device, "disk")
    case .partition(let device): (device, "partition")
    case .signature(let device, let content): (device, content)
    case .holder(let device, let holder): (device, holder.description)
    case .mount(let device, let point): (device, point.description)
    case .swap(let device, let file): (device, file ?? "swap")
    case .fstab(let device, let entry, _), .configuredStorage(let device, let entry): (device, entry)
    case .pool(let device, .mounted(let point)): (device, point.description)
    case .pool(let device, .imported(let name)): (device, "\(name), imported")
    case .pool(let device, .helper(let name, let role)): (device, "\(name), \(role)")
    case .boot(let device, let role): (device, role)
    case .remoteStorage(let name, let transport): (name, transport)
    case .essential(let carried, let reason): (carried, reason)
    case .interface(let name, let state): (name, state ?? "state unknown")
    case .networkAddress(let interface, let address): (interface, address)
    case .route(let interface, let route), .defaultRoute(let interface, let route): (interface, route)
    case .master(let interface, let master): (interface, master)
    case .upper(let interface, let upper): (interface, upper)
    case .ssh(let interface, let client):
      (interface, "the SSH connection that this command was typed through, from \(client)")
    case .rdma(let device, let ports):
      (device, ports.isEmpty ? "RDMA device" : "RDMA device, \(ports.joined(separator: ", ").lowercased())")
    case .configuredInterface(let name, let setting): (name, setting)
    case .bootVGA(let function): (function, "the display that the firmware started with")
    case .drm(let node, let screens): (node, screens.description)
    case .framebuffer(.firmware(let name, let function, _)): (name, "in a BAR of \(function), by /proc/iomem")
    case .framebuffer(.device(let node, let name, let console)): (node, name + console.suffix)
    case .onlyDisplay(let function): (function, "no other display stays with the host")
    case .keyboard(let name): (name, "no other keyboard stays with the host")
    case .usb(let name, let product), .ups(let name, let product): (name, product)
    case .console(let node, let name): (node, "console=\(name)")
    case .watchdog(let node, let identity, let state): (node, state.map { "\(identity), \($0)" } ?? identity)
    case .tpm(let node): (node, "TPM")
    case .ipmi(let node): (node, "IPMI")
    case .memory(let device, let region): (device, "System RAM of the host" + (region.map { ", by \($0)" } ?? ""))
    case .open(let process, let node):
      ("pid \(process.pid)", "\(process), \(node.path)\(node.isMapped ? " mapped" : "")")
    case .vfioOpen(let process, _): ("pid \(process.pid)", process.description)
    }
  }
}

extension Use.Holder: CustomStringConvertible {
  public var description: String {
    switch self {
    case .device(let name, let label): label.map { "\(name) (\($0))" } ?? name
    case .cache: "bcache"
    case .btrfs(let volume): "btrfs \(volume), mounted where it cannot be seen"
    case .journal: "the journal of a file system that is mounted"
    case .export(let text): text
    }
  }
}

extension Use.MountPoint: CustomStringConvertible {
  public var description: String { path + (seenBy.map { ", seen by pid \($0.pid) (\($0))" } ?? "") }
}

extension Use.Screens: CustomStringConvertible {
  public var description: String {
    switch self {
    case .renderNode: "render node"
    case .none: "no connected screen"
    case .connected(let names): names.joined(separator: ", ") + " connected"
    case .unclear(let names): names.joined(separator: ", ") + " may be connected"
    }
  }
}

extension Use.Console {
  fileprivate var suffix: String {
    switch self {
    case .here(let name): ", the text console \(name) is on it"
    case .elsewhere: ", the text console is on another one"
    case .nowhere, .unknown: ""
    }
  }
}
