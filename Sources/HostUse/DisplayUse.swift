import Host
import PCI
import Sysfs

/// What of the host's screens hangs on a function.
struct DisplayUse {
  let sysfs: any Sysfs
  let host: Host
  /// Functions that go.
  let set: Set<Address>
  /// `/proc/iomem`, if it has any frame buffer of the firmware's.
  private let iomem: String?

  private static let bootFramebuffers: Set = [
    "BOOTFB", "efifb", "simplefb", "vesafb", "simple-framebuffer", "simpledrm",
  ]

  init(sysfs: any Sysfs, host: Host, set: Set<Address>) {
    self.sysfs = sysfs
    self.host = host
    self.set = set
    let bytes = (try? sysfs.read("/proc/iomem")) ?? []
    iomem = Self.hasFramebuffer(bytes) ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// A host with thousands of functions has as many lines: most have no frame buffer of the firmware's among them.
  private static func hasFramebuffer(_ bytes: [UInt8]) -> Bool {
    let names = bootFramebuffers.map { Array($0.utf8) }
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.indices.contains { place in
        bytes[place] == UInt8(ascii: ":") && place + 2 < bytes.count
          && names.contains { bytes[(place + 2)...].starts(with: $0) }
      }
    }
  }

  func uses(of function: FunctionWithDevices) -> [Use] {
    var uses: [Use] = []
    func add(_ what: Use.What, chain: [String], isIdle: Bool = false) {
      uses.append(Use(what, of: function.address, chain: chain, isIdle: isIdle))
    }
    let own = ["\(function.address)"]
    // The firmware's frame buffer holds the BAR whatever driver the function has.
    for resource in framebuffers(in: function.address) {
      add(.framebuffer(.firmware(name: resource, function: "\(function.address)")), chain: own + [resource])
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
    if !host.functions.contains(where: isOther) {
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
    guard function.classCode.value?.isDisplay == true, !set.contains(function.address) else { return false }
    return !(function.driver.value.map(VFIODriver.leavesGroupViable) ?? false)
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

  /// `BOOTFB`, `efifb`, `simplefb` below the function's lines of `/proc/iomem`. The tree is by indentation, and is shown
  /// without privilege too, with the numbers zeroed.
  private func framebuffers(in function: Address) -> [String] {
    guard let text = iomem else { return [] }
    let boot = Self.bootFramebuffers
    var found: [String] = []
    var inside: Int?
    for line in textLines(text) {
      let depth = line.prefix { $0 == " " }.count
      guard let colon = line.firstRange(of: " : ") else { continue }
      let name = String(line[colon.upperBound...])
      if let outer = inside, depth <= outer { inside = nil }
      if inside == nil, Address(name) == function { inside = depth }
      if inside != nil, boot.contains(name), !found.contains(name) { found.append(name) }
    }
    return found
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
