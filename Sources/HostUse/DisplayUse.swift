import Host
import PCI
import Sysfs

/// What of the host's screens hangs on a function.
struct DisplayUse {
  let sysfs: any Sysfs
  let host: Host
  /// Functions that go.
  let set: Set<Address>
  private let outputs: DisplayOutputs
  private let iomem: IOMemory?

  /// As drivers call it in `/proc/iomem`, and the platform driver that each is.
  private static let bootFramebuffers = [
    "BOOTFB": "simple-framebuffer", "simplefb": "simple-framebuffer", "simple-framebuffer": "simple-framebuffer",
    "simpledrm": "simple-framebuffer", "efifb": "efi-framebuffer", "efidrm": "efi-framebuffer",
    "vesafb": "vesa-framebuffer", "vesadrm": "vesa-framebuffer",
  ]

  init(sysfs: any Sysfs, host: Host, set: Set<Address>) {
    self.sysfs = sysfs
    self.host = host
    self.set = set
    outputs = DisplayOutputs(sysfs: sysfs)
    // Of class 00 are cards from before the class codes.
    let hasDisplay = set.contains { host[$0]?.classCode.value.map { $0.isDisplay || $0.base == 0 } ?? true }
    iomem = hasDisplay ? IOMemory(sysfs) : nil
  }

  func uses(of function: FunctionWithDevices) -> [Use] {
    var uses: [Use] = []
    func add(_ what: Use.What, chain: [String], isIdle: Bool = false) {
      uses.append(Use(what, of: function.address, chain: chain, isIdle: isIdle))
    }
    let own = ["\(function.address)"]
    // The firmware's frame buffer holds the BAR whatever driver the function has.
    for (name, driver) in framebuffers(in: function.address) {
      let device = platformDevice(on: driver)
      add(
        .framebuffer(.firmware(name: name, function: "\(function.address)", device: device)), chain: own + [name])
    }
    guard function.isHostDriven else { return uses }
    for device in function.devices where device.number != nil {
      switch device.subsystem {
      case "drm":
        // `OpenHandles` finds the processes that have it open.
        let screens = connectors(device, function.devices)
        add(.drm(node: device.node ?? device.name, screens), chain: device.chain, isIdle: !screens.mayBeLit)
      case "graphics":
        let console = console(device, function.function)
        add(
          .framebuffer(
            .device(
              node: device.node ?? device.name, name: sysfs.fact("\(device.path)/name").value ?? "frame buffer",
              console: console)),
          chain: device.chain, isIdle: !console.mayBeHere)
      default: continue
      }
    }
    guard function.function.classCode.value?.isDisplay == true else { return uses }
    if function.function.bootVGA.value == true {
      add(.bootVGA(function: "\(function.address)"), chain: own)
    }
    if outputs.canShow(function.function), !host.functions.contains(where: isOther) {
      add(.onlyDisplay(function: "\(function.address)"), chain: own)
    }
    return uses
  }

  /// In a capture that shows neither nodes nor their class, an open screen cannot be told from none.
  func doubts(_ function: FunctionWithDevices) -> [UnknownUse] {
    guard function.isHostDriven, function.function.classCode.value?.isDisplay == true,
      !function.devices.contains(where: { $0.subsystem == "drm" || $0.subsystem == "graphics" }),
      !sysfs.exists("/sys/class/drm"), !sysfs.exists("/sys/class/graphics")
    else { return [] }
    return [
      UnknownUse(
        function: function.address, area: .display, reason: "neither /sys/class/drm nor /sys/class/graphics is there")
    ]
  }

  /// A display that the host keeps: not going, and not with a guest.
  private func isOther(_ function: Function) -> Bool {
    !set.contains(function.address) && !function.isSetAside && outputs.canShow(function)
  }

  /// `card0-HDMI-A-1` with status connected.
  private func connectors(_ card: ChildDevice, _ devices: [ChildDevice]) -> Use.Screens {
    guard card.name.hasPrefix("card") else { return .renderNode }
    let states = devices.filter { $0.path.hasPrefix("\(card.path)/\(card.name)-") }.map { connector in
      (
        name: String(connector.name.dropFirst(card.name.utf8.count + 1)),
        state: sysfs.fact("\(connector.path)/status").value
      )
    }
    let names = states.filter { $0.state == "connected" }.map(\.name)
    if !names.isEmpty { return .connected(names) }
    // A connector whose state is not shown, or that cannot tell (VGA without detection), may have a screen.
    let unclear = states.filter { $0.state != "disconnected" }.map(\.name)
    return unclear.isEmpty ? .none : .unclear(unclear)
  }

  /// Whether a text console is drawn on it: `vtcon1` with `bind` 1 and that name. The kernel has the console on the
  /// first frame buffer, or on that of the display that the firmware started with (`fbcon_select_primary`).
  private func console(_ framebuffer: ChildDevice, _ function: Function) -> Use.Console {
    guard sysfs.exists("/sys/class/vtconsole") else { return .unknown }
    let others = sysfs.names(in: "/sys/class/graphics").compactMap(Self.number)
    if function.bootVGA.value != true, let own = Self.number(framebuffer.name), others.contains(where: { $0 < own }) {
      return .elsewhere
    }
    let console = sysfs.names(in: "/sys/class/vtconsole").first { console in
      sysfs.fact("/sys/class/vtconsole/\(console)/bind").value == "1"
        && sysfs.fact("/sys/class/vtconsole/\(console)/name").value?.contains("frame buffer") == true
    }
    return console.map { .here($0) } ?? .nowhere
  }

  /// 1 of `fb1`.
  private static func number(_ name: String) -> Int? { name.hasPrefix("fb") ? Int(name.dropFirst(2)) : nil }

  /// `BOOTFB`, `efifb`, `simplefb` in a BAR of the function, each once, with the platform driver that it is of.
  private func framebuffers(in function: Address) -> [(name: String, driver: String)] {
    var found: [(name: String, driver: String)] = []
    for resource in iomem?.resources ?? [] where resource.around.contains("\(function)") {
      guard let driver = Self.bootFramebuffers[resource.name], !found.contains(where: { $0.name == resource.name })
      else { continue }
      found.append((resource.name, driver))
    }
    return found
  }

  /// What the driver has: `simple-framebuffer.0`. Its folder has a link per device, and one to its module.
  private func platformDevice(on driver: String) -> Use.PlatformDevice? {
    let folder = "/sys/bus/platform/drivers/\(driver)"
    let device = sysfs.names(in: folder).first { $0 != "module" && (try? sysfs.linkTarget("\(folder)/\($0)")) != nil }
    return device.map { Use.PlatformDevice($0, on: driver) }
  }
}

extension Use.Screens {
  fileprivate var mayBeLit: Bool {
    switch self {
    case .connected, .unclear: true
    case .renderNode, .none: false
    }
  }
}

extension Use.Console {
  /// What a capture does not show may be.
  fileprivate var mayBeHere: Bool {
    switch self {
    case .here, .unknown: true
    case .elsewhere, .nowhere: false
    }
  }
}
