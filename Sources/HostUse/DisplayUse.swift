import Host
import PCI
import Sysfs

/// What of the host's screens hangs on a function.
struct DisplayUse {
  let sysfs: any Sysfs
  let host: Host
  /// Functions that would go.
  let set: Set<Address>

  func uses(of function: Surveyed) -> [Use] {
    var uses: [Use] = []
    func add(_ kind: Use.Kind, _ subject: String, _ detail: String, _ chain: [String]) {
      uses.append(Use(function: function.address, kind: kind, subject: subject, detail: detail, chain: chain))
    }
    let own = ["\(function.address)"]
    // The firmware's frame buffer holds the BAR whatever driver the function has.
    for resource in framebuffers(in: function.address) {
      add(.framebuffer, resource, "in a BAR of \(function.address), by /proc/iomem", own + [resource])
    }
    guard function.isHostDriven else { return uses }
    for device in function.devices where device.number != nil {
      switch device.subsystem {
      case "drm": add(.drm, device.node ?? device.name, connectors(device, function.devices), device.chain)
      case "graphics": add(.framebuffer, device.node ?? device.name, console(device), device.chain)
      default: continue
      }
    }
    guard function.function.classCode.value?.isDisplay == true else { return uses }
    if function.function.bootVGA.value == true {
      add(.bootVGA, "\(function.address)", "the display that the firmware started with", own)
    }
    if !host.functions.contains(where: isOther) {
      add(.onlyDisplay, "\(function.address)", "no other display stays with the host", own)
    }
    return uses
  }

  /// In a capture that shows neither nodes nor their class, an open screen cannot be told from none.
  func doubts(_ function: Surveyed) -> [UnknownUse] {
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

  /// `card0-HDMI-A-1` with status connected, in words.
  private func connectors(_ card: Device, _ devices: [Device]) -> String {
    let names = devices.filter { $0.path.hasPrefix("\(card.path)/\(card.name)-") }
      .filter { sysfs.fact("\($0.path)/status").value == "connected" }
      .map { String($0.name.dropFirst(card.name.utf8.count + 1)) }
    return names.isEmpty ? "no connected screen" : names.joined(separator: ", ") + " connected"
  }

  /// Whether a text console is drawn on frame buffers: `vtcon1` with `bind` 1 and that name.
  private func console(_ framebuffer: Device) -> String {
    let name = sysfs.fact("\(framebuffer.path)/name").value ?? "frame buffer"
    let isBound = sysfs.names(in: "/sys/class/vtconsole").contains { console in
      sysfs.fact("/sys/class/vtconsole/\(console)/bind").value == "1"
        && sysfs.fact("/sys/class/vtconsole/\(console)/name").value?.contains("frame buffer") == true
    }
    return isBound ? "\(name), the text console is on it" : name
  }

  /// `BOOTFB`, `efifb`, `simplefb` below the function's lines of `/proc/iomem`. The tree is by indentation, and is shown
  /// without privilege too, with the numbers zeroed.
  private func framebuffers(in function: Address) -> [String] {
    let boot: Set = ["BOOTFB", "efifb", "simplefb", "vesafb", "simple-framebuffer", "simpledrm"]
    var found: [String] = []
    var inside: Int?
    for line in sysfs.lines("/proc/iomem") {
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
