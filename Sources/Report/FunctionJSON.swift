import Checks
import Host
import PCI
import PCINames

/// What `list` says of a function.
public func writeListed(_ function: Function, in host: Host, names: FunctionNames, to json: inout JSONWriter) {
  FactWriter.object(&json) { writeFirstBlock(function, in: host, names: names, to: &$0) }
}

private func writeFirstBlock(_ function: Function, in host: Host, names: FunctionNames, to facts: inout FactWriter) {
  facts.json.key("address")
  facts.json.value(function.address.description)
  facts.fact("vendor_id", function.vendorID)
  facts.fact("device_id", function.deviceID)
  facts.fact("subsystem_vendor_id", function.subsystemVendorID)
  facts.fact("subsystem_device_id", function.subsystemDeviceID)
  facts.fact("class", function.classCode) { $0.hex($1.value, digits: 6) }
  facts.name("vendor_name", names.vendor)
  facts.name("device_name", names.device)
  facts.name("subsystem_name", names.subsystem)
  facts.name("class_name", names.classCode)
  facts.fact("driver", function.driver)
  facts.fact("iommu_group", function.iommuGroup)
  facts.json.key("reset_methods")
  if let methods = resetMethods(of: function, in: host) {
    facts.json.values(methods)
  } else {
    facts.json.null()
    facts.missing("reset_methods")
  }
  facts.json.key("verdict")
  if let verdict = Verdict(of: function, in: host) {
    facts.json.value(verdict.rawValue)
  } else {
    facts.json.null()
    facts.missing("verdict")
  }
  // Only where there is something: who asks for it has a host that hangs.
  if !function.unanswered.isEmpty {
    facts.json.key("unanswered")
    facts.json.array { json in for entry in function.unanswered { write(entry, of: function, to: &json) } }
  }
}

private func write(_ entry: Unanswered, of function: Function, to json: inout JSONWriter) {
  json.object { json in
    json.key("path")
    json.value(entry.path(of: function.address))
    json.key("reason")
    json.value(entry.reason.description)
  }
}

/// Working methods as far as the function was looked at: by the kernel's word, and where configuration space was read by that.
func resetMethods(of function: Function, in host: Host) -> [String]? {
  switch function.kernelResetMethods {
  case .known(let words): ResetForecast.working(words, of: function, in: host)
  case .absent: []
  case .unknown: function.isDetailed ? ResetForecast(of: function, in: host).methods : nil
  }
}

/// What `show` says of a function.
public func writeShown(
  _ function: Function, in host: Host, names: FunctionNames, uses: [Use], unknownUses: [UnknownUse],
  findings: [Finding],
  to json: inout JSONWriter
) {
  FactWriter.object(&json) { facts in
    writeFirstBlock(function, in: host, names: names, to: &facts)
    writeAttributes(function, &facts)
    let registers = function.configuration
    writeRegisters(of: function, registers, to: &facts)
    writeReset(function, in: host, registers: registers, to: &facts)
    writeCapabilities(registers, &facts)
    facts.json.key("in_use")
    let used = uses.filter { !$0.isIdle }
    if !used.isEmpty || unknownUses.allSatisfy({ $0.area == .data }) {
      facts.json.array { json in for use in used { write(use, to: &json) } }
    } else {
      facts.json.null()
      facts.missing("in_use")
    }
    // What exists but is not used: data on a disk, an interface that is down, a dark display.
    facts.json.key("unused")
    facts.json.array { json in for use in uses where use.isIdle { write(use, to: &json) } }
    facts.json.key("findings")
    write(findings, to: &facts.json)
  }
}

private func writeAttributes(_ function: Function, _ facts: inout FactWriter) {
  facts.fact("revision", function.revision) { $0.hex($1, digits: 2) }
  facts.fact("driver_override", function.driverOverride)
  facts.fact("numa_node", function.numaNode)
  facts.fact("boot_vga", function.bootVGA)
  facts.fact("power_state", function.powerState)
  facts.fact("parent", function.parent)
  facts.fact("physical_function", function.physicalFunction)
  facts.json.key("virtual_functions")
  facts.json.values(function.virtualFunctions.map(\.description))
  facts.fact("path", function.topologyPath)
}

private func writeRegisters(of function: Function, _ registers: Fact<ConfigurationSpace>, to facts: inout FactWriter) {
  facts.fact("header_type", function.headerType) { $0.value(Int($1)) }
  facts.fact("bridge", registers.flatMap(\.bridgeBuses).or(function.bridgeBuses)) { json, buses in
    json.object { json in
      json.key("secondary_bus")
      json.value(Int(buses.secondary))
      json.key("subordinate_bus")
      json.value(Int(buses.subordinate))
    }
  }
  facts.fact("link", registers.flatMap(\.link)) { json, link in
    json.object { json in
      json.key("port")
      json.value(Int(link.port))
      json.key("max_speed_gts")
      json.tenths(link.maxSpeed)
      json.key("max_width")
      json.value(Int(link.maxWidth))
      json.key("speed_gts")
      json.tenths(link.speed)
      json.key("width")
      json.value(Int(link.width))
    }
  }
  facts.fact("sriov", function.virtualFunctionTotals) { json, totals in
    json.object { json in
      json.key("total_vfs")
      json.value(totals.total)
      json.key("num_vfs")
      json.value(totals.current)
    }
  }
  facts.fact("acs", registers.flatMap(\.accessControl)) { json, control in
    json.object { json in
      json.key("capability")
      json.values(control.capability.names)
      json.key("control")
      json.values(control.control.names)
    }
  }
  facts.fact("ari_forwarding", registers.flatMap(\.alternativeRouting)) { json, routing in
    json.object { json in
      json.key("supported")
      json.value(routing.supported)
      json.key("enabled")
      json.value(routing.enabled)
    }
  }
  facts.fact("serial_number", registers.flatMap(\.serialNumber))
}

private func writeReset(
  _ function: Function, in host: Host, registers: Fact<ConfigurationSpace>, to facts: inout FactWriter
) {
  let forecast = ResetForecast(of: function, in: host)
  facts.json.key("reset")
  facts.json.object { json in
    json.key("methods")
    if let methods = forecast.methods { json.values(methods) } else { json.null() }
    json.key("kernel_methods")
    if let words = function.kernelResetMethods.value { json.values(words) } else { json.null() }
    json.key("source")
    json.value(forecast.source?.rawValue)
    json.key("flr")
    json.value(registers.flatMap(\.functionLevelReset).value)
    json.key("af_flr")
    json.value(registers.flatMap(\.advancedFeaturesReset).value)
    json.key("pm")
    json.value(registers.flatMap(\.powerManagementReset).value)
    json.key("affects")
    json.values(forecast.affects.map(\.description))
    json.key("forecast")
    json.value(forecast.reach.rawValue)
  }
  if forecast.reach == .unknown { facts.missing("reset") }
  if registers.flatMap(\.functionLevelReset).isUnknown { facts.missing("reset.flr") }
  if registers.flatMap(\.advancedFeaturesReset).isUnknown { facts.missing("reset.af_flr") }
  if registers.flatMap(\.powerManagementReset).isUnknown { facts.missing("reset.pm") }
  if function.kernelResetMethods.isUnknown { facts.missing("reset.kernel_methods") }
}

private func writeCapabilities(_ registers: Fact<ConfigurationSpace>, _ facts: inout FactWriter) {
  facts.fact("capabilities", registers.flatMap(\.capabilities)) { json, list in
    json.array { json in
      for entry in list {
        writeEntry(&json, entry.id.rawValue, idDigits: 2, offset: entry.offset, offsetDigits: 2, name: entry.id.name)
      }
    }
  }
  facts.fact("extended_capabilities", registers.flatMap(\.extendedCapabilities)) { json, list in
    json.array { json in
      for entry in list {
        writeEntry(&json, entry.id.rawValue, idDigits: 2, offset: entry.offset, offsetDigits: 3, name: entry.id.name)
      }
    }
  }
}

private func writeEntry(
  _ json: inout JSONWriter, _ id: some FixedWidthInteger & UnsignedInteger, idDigits: Int, offset: Int,
  offsetDigits: Int,
  name: String?
) {
  json.object { json in
    json.key("id")
    json.hex(id, digits: idDigits)
    json.key("offset")
    json.hex(UInt16(offset), digits: offsetDigits)
    json.key("name")
    json.value(name)
  }
}

private func write(_ use: Use, to json: inout JSONWriter) {
  json.object { json in
    json.key("kind")
    json.value(use.kind.rawValue)
    json.key("subject")
    json.value(use.subject)
    json.key("detail")
    json.value(use.detail)
    if let place = use.place {
      json.key("place")
      json.value(place)
    }
    json.key("chain")
    json.values(use.chain)
  }
}
