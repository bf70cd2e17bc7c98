import Host
import Operations
import PCI
import Pins

extension PinStatus {
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
    json.values(pin.forced.map(\.rawValue))
    json.key("identity")
    json.value(resolution.status.rawValue)
    json.key("reason")
    json.value(resolution.reason.isEmpty ? nil : resolution.reason)
    json.key("in_place")
    json.value(isInPlace)
    json.key("functions")
    json.array { json in
      for place in pin.functions.indices {
        let now = functions.indices.contains(place) ? functions[place] : nil
        json.object {
          write(pin.functions[place], now: now, target: wanted.indices.contains(place) ? wanted[place] : nil, to: &$0)
        }
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

  private func write(_ declared: PinnedFunction, now: Function?, target: String?, to json: inout JSONWriter) {
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

extension VirtualFunctionsStatus {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.key("count")
      json.value(declared.count)
      json.key("present")
      json.value(present)
      json.key("driver")
      json.value(declared.driver)
      json.key("functions")
      json.array { json in
        for one in functions {
          json.object { json in
            json.key("index")
            json.value(one.index)
            json.key("address")
            json.value(one.function.map { "\($0.address)" })
            json.key("driver")
            json.value(one.function?.driver.value)
            json.key("wanted_driver")
            json.value(one.wanted)
            json.key("mac")
            json.value(one.declared[.mac])
            json.key("vlan")
            json.value(one.declared[.vlan])
            json.key("spoof_check")
            json.value(one.declared[.spoofCheck])
            json.key("trust")
            json.value(one.declared[.trust])
            json.key("in_place")
            json.value(one.trouble == nil)
          }
        }
      }
    }
  }
}
