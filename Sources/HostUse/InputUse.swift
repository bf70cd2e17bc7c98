import Host
import PCI
import Sysfs

/// What people have plugged in behind a function: keyboards and other USB devices.
struct InputUse {
  let sysfs: any Sysfs
  /// Folders of the functions that go, from `/devices` on, as links below `/sys/class` spell them.
  let goes: [String]

  func uses(of function: FunctionWithDevices) -> [Use] {
    let wireless = function.has("bluetooth") ? WirelessKeyboards(sysfs: sysfs).all : []
    var uses: [Use] = []
    var isLast: Bool?
    for device in function.devices {
      if device.subsystem == "bluetooth" {
        let used = wireless.filter { keyboard in keyboard.adapters.contains { $0.hasSuffix("/\(device.name)") } }
        guard let keyboard = used.first else { continue }
        let last = isLast ?? !hasOther()
        isLast = last
        if last {
          uses.append(
            Use(.keyboard(name: keyboard.name), of: function.address, chain: device.chain + [keyboard.name]))
        }
      } else if device.subsystem == "input", device.number == nil, Self.isKeyboard(device.path, sysfs) {
        let last = isLast ?? !hasOther()
        isLast = last
        guard last else { continue }
        uses.append(
          Use(.keyboard(name: name(of: device)), of: function.address, chain: device.chain))
      } else if device.subsystem == "hid", isPowerSupply(device) {
        let above = function.devices.last {
          $0.event["DEVTYPE"] == "usb_device" && device.path.hasPrefix($0.path + "/")
        }
        uses.append(
          Use(
            .ups(
              name: above?.name ?? device.name,
              product: above.map { product($0) } ?? device.event["HID_NAME"] ?? ""),
            of: function.address, chain: device.chain))
      } else if device.event["DEVTYPE"] == "usb_device", !isHub(device) {
        uses.append(
          Use(
            .usb(name: device.name, product: product(device)), of: function.address, chain: device.chain))
      }
    }
    return uses
  }

  /// A capture that does not show input devices says nothing of the last keyboard.
  func doubts(_ function: FunctionWithDevices) -> [UnknownUse] {
    guard function.isHostDriven, function.function.classCode.value?.isUSBController == true,
      !sysfs.exists("/sys/class/input")
    else { return [] }
    return [UnknownUse(function: function.address, area: .input, reason: "/sys/class/input is not there")]
  }

  /// udev's rule (`test_key` of udev-builtin-input_id): all keys from 1 to 31, ESC to S.
  static func isKeyboard(_ path: String, _ sysfs: any Sysfs) -> Bool {
    let event = sysfs.lines("\(path)/uevent").first { $0.hasPrefix("KEY=") }?.dropFirst(4)
    guard let keys = event.map({ String($0) }) ?? sysfs.fact("\(path)/capabilities/key").value,
      let low = words(keys).last, let bits = UInt64(low, radix: 16)
    else { return false }
    return bits & 0xffff_fffe == 0xffff_fffe
  }

  /// A keyboard that stays: PS/2, or behind another function. Programs' own ones (uinput) are virtual.
  private func hasOther() -> Bool {
    let stays = WirelessKeyboards(sysfs: sysfs).all.contains { keyboard in
      !keyboard.adapters.contains { adapter in goes.contains { adapter.contains($0 + "/") } }
    }
    return stays || hasOtherBelowAFunction()
  }

  private func hasOtherBelowAFunction() -> Bool {
    sysfs.names(in: "/sys/class/input").contains { name in
      guard name.hasPrefix("input"), let target = try? sysfs.linkTarget("/sys/class/input/\(name)"),
        !target.contains("/devices/virtual/"), !goes.contains(where: { target.contains($0 + "/") })
      else { return false }
      return Self.isKeyboard("/sys/class/input/\(name)", sysfs)
    }
  }

  /// A report descriptor that begins with usage page 0x84 (Power Device): an uninterruptible power supply.
  private func isPowerSupply(_ device: ChildDevice) -> Bool {
    (try? sysfs.read("\(device.path)/report_descriptor"))?.starts(with: [0x05, 0x84]) ?? false
  }

  private func name(of device: ChildDevice) -> String {
    sysfs.fact("\(device.path)/name").value ?? device.event["NAME"]?.replacing("\"", with: "") ?? device.name
  }

  /// Class 9 of the USB specification; `usb1` is the controller's own.
  private func isHub(_ device: ChildDevice) -> Bool {
    device.name.hasPrefix("usb") || sysfs.fact("\(device.path)/bDeviceClass").value == "09"
      || device.event["TYPE"]?.hasPrefix("9/") == true
  }

  private func product(_ device: ChildDevice) -> String {
    let names = ["manufacturer", "product"].compactMap { sysfs.fact("\(device.path)/\($0)").value }
    let ids = ["idVendor", "idProduct"].compactMap { sysfs.fact("\(device.path)/\($0)").value }
    let id = ids.count == 2 ? "(\(ids.joined(separator: ":")))" : device.event["PRODUCT"].map { "(\($0))" } ?? ""
    return (names + [id]).filter { !$0.isEmpty }.joined(separator: " ")
  }
}
