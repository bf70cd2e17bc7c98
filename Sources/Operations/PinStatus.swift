import Assessment
import Host
import PCI
import Pins
import Report

/// One pin against the host as it is.
struct PinStanding {
  let pin: Pin
  let resolution: Resolution
  let finding: Finding?
  /// The resolved functions; empty where the pin is in doubt.
  let functions: [Function]
  /// The driver that each should be on.
  let wanted: [String]
  /// Of a pin that declares virtual functions and whose physical one is known.
  let virtuals: VirtualStanding?

  init(_ pin: Pin, _ resolution: Resolution, _ workspace: Workspace) {
    self.pin = pin
    self.resolution = resolution
    finding = resolution.finding(pin, isRehearsal: !workspace.isHost)
    functions = resolution.functions.compactMap { workspace.host[$0] }
    // A physical function stays on the driver that makes its virtual ones.
    wanted = functions.map {
      pin.virtuals == nil ? workspace.wantedDriver(pin.driver, of: $0) : $0.driver.value ?? "its own driver"
    }
    if let declared = pin.virtuals, let physical = functions.first {
      virtuals = VirtualStanding(declared, of: physical, workspace)
    } else {
      virtuals = nil
    }
  }

  /// Every function is known and on its driver.
  var isInPlace: Bool {
    functions.count == pin.functions.count && finding?.severity != .error
      && zip(functions, wanted).allSatisfy { $0.driver.value == $1 } && virtuals?.isInPlace ?? (pin.virtuals == nil)
  }

  var rows: [[String]] {
    if let declared = pin.virtuals { return virtualRows(declared) }
    return pin.functions.indices.map { place in
      let now = functions.indices.contains(place) ? functions[place] : nil
      let driver = now?.driver.text { $0 } ?? "-"
      let target = wanted.indices.contains(place) ? wanted[place] : pin.driver
      return [
        pin.name, "\(pin.functions[place].address)", now.map { "\($0.address)" } ?? "-", driver, target,
        state(now, target),
      ]
    }
  }

  private func virtualRows(_ declared: PinnedVirtuals) -> [[String]] {
    let now = functions.first
    let place = resolution.standing == .inPlace ? "" : " (\(resolution.reason))"
    let state = now == nil ? "\(resolution.standing.rawValue): \(resolution.reason)" : virtuals?.trouble
    return [
      [
        pin.name, pin.functions.first.map { "\($0.address)" } ?? "-", now.map { "\($0.address)" } ?? "-",
        now?.driver.text { $0 } ?? "-", VirtualStanding.words(declared),
        (state ?? "in place") + (now == nil ? "" : place),
      ]
    ]
      + (virtuals?.functions ?? []).map { one in
        [
          pin.name, "VF \(one.index)", one.function.map { "\($0.address)" } ?? "-",
          one.function?.driver.text { $0 } ?? "-", one.wanted ?? "-", one.trouble ?? "in place",
        ]
      }
  }

  private func state(_ now: Function?, _ target: String) -> String {
    guard let now else { return "\(resolution.standing.rawValue): \(resolution.reason)" }
    let place = resolution.standing == .inPlace ? "" : " (\(resolution.reason))"
    if now.driver.isUnknown { return "its driver could not be read" + place }
    return now.driver.value == target ? "in place" + place : "not on \(target)" + place
  }

  func write(to json: inout JSONWriter) {
    json.key("name")
    json.value(pin.name)
    json.key("file")
    json.value(PinFolder.file(pin.name))
    json.key("description")
    json.value(pin.description)
    json.key("driver")
    json.value(pin.virtuals == nil ? pin.driver : nil)
    json.key("match")
    json.value(pin.match.rawValue)
    json.key("follow")
    json.value(pin.follow)
    json.key("force")
    json.values(pin.forced)
    json.key("identity")
    json.value(resolution.standing.rawValue)
    json.key("reason")
    json.value(resolution.reason.isEmpty ? nil : resolution.reason)
    json.key("in_place")
    json.value(isInPlace)
    json.key("functions")
    json.array { json in
      for place in pin.functions.indices {
        let now = functions.indices.contains(place) ? functions[place] : nil
        json.object { write(pin.functions[place], now, wanted.indices.contains(place) ? wanted[place] : nil, to: &$0) }
      }
    }
    if let virtuals {
      json.key("vfs")
      virtuals.write(to: &json)
    }
    json.key("findings")
    Report.write([finding].compactMap { $0 }, to: &json)
    json.key("pinned_at")
    json.value(pin.evidence?.at)
  }

  private func write(_ declared: PinnedFunction, _ now: Function?, _ target: String?, to json: inout JSONWriter) {
    json.key("declared")
    json.value("\(declared.address)")
    json.key("address")
    json.value(now.map { "\($0.address)" })
    json.key("path")
    json.value(declared.path)
    json.key("vendor_id")
    json.hex(declared.vendorID, digits: 4)
    json.key("device_id")
    json.hex(declared.deviceID, digits: 4)
    json.key("subsystem_vendor_id")
    json.hex(declared.subsystemVendorID, digits: 4)
    json.key("subsystem_device_id")
    json.hex(declared.subsystemDeviceID, digits: 4)
    json.key("class")
    json.value(declared.classCode.map { "\($0)" })
    json.key("serial_number")
    json.value(declared.serialNumber)
    json.key("vpd_serial_number")
    json.value(declared.vpdSerialNumber)
    json.key("driver")
    json.value(now?.driver.value)
    json.key("wanted_driver")
    json.value(target)
  }
}
