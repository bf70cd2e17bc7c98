import Checks
import Host
import Operations
import PCI
import PCINames

extension Rendering {
  /// What `show` says.
  public init(_ shown: [ShownFunction], in host: Host, names: Names, as format: Format) {
    self.init()
    guard format.isJSON else {
      for (place, one) in shown.enumerated() {
        let function = showText(one, in: host, names: names.names(of: one.function), style: format.style)
        text((place > 0 ? "\n" : "") + function)
        text(FindingsText(format: format).text(one.findings))
      }
      return
    }
    json { json in
      json.key("devices")
      json.array { json in
        for one in shown {
          writeShown(
            one.function, in: host, names: names.names(of: one.function), uses: one.uses,
            unknownUses: one.unknownUses, findings: one.findings, to: &json)
        }
      }
    }
  }
}

/// A function as a person reads it, in blocks of `name  value`.
private func showText(_ shown: ShownFunction, in host: Host, names: FunctionNames, style: Style) -> String {
  let function = shown.function
  var table = FunctionTable(function: function)
  table.addIdentity(names)
  table.addState(in: host)
  table.addRegisters()
  table.addVirtualFunctions()
  table.addCapabilities()
  var text =
    style.bold("\(function.address) \(printable(describe(function, names)))") + "\n"
    + table.table.text(Style(isColoured: false))
  for entry in function.unanswered { text += "  \(entry.line(of: function.address))\n" }
  let all = shown.uses
  for (title, uses) in [("in use", all.filter { !$0.isIdle }), ("not in use", all.filter(\.isIdle))]
  where !uses.isEmpty {
    text += "  \(title)\n"
    for use in uses {
      let place = use.place.map { " (\($0))" } ?? ""
      text +=
        printable("    \(use.chain.joined(separator: " → ")): \(use.kind.rawValue) \(use.detail)\(place)") + "\n"
    }
  }
  return text
}

/// The rows of one function, in their order.
private struct FunctionTable {
  let function: Function
  var table = Table()

  private var registers: Fact<ConfigurationSpace> { function.configuration }

  private mutating func row(_ name: String, _ value: String) { table.row(["  " + name, printable(value)]) }

  mutating func addIdentity(_ names: FunctionNames) {
    row("class", "\(names.classCode.map { "\($0) " } ?? "")[\(function.classCode.text { "\($0)" })]")
    let vendor = function.subsystemVendorID.text { hexText($0, digits: 4) }
    let device = function.subsystemDeviceID.text { hexText($0, digits: 4) }
    row("subsystem", "\(names.subsystem.map { "\($0) " } ?? "")[\(vendor):\(device)]")
    row("revision", function.revision.text { "0x" + hexText($0, digits: 2) })
  }

  mutating func addState(in host: Host) {
    row("driver", function.driver.text { $0 } + (function.driverOverride.value.map { " (override \($0))" } ?? ""))
    row("IOMMU group", groupText(function, host))
    row("reset", resetText(function, ResetForecast(of: function, in: host)))
    row("verdict", Verdict(of: function, in: host)?.rawValue ?? "?")
    row("power state", function.powerState.text { $0 })
    row("NUMA node", function.numaNode.text { "\($0)" })
    row("parent", function.parent.text { "\($0)" })
    row("path", function.topologyPath.text { $0 })
  }

  mutating func addRegisters() {
    row("header type", function.headerType.text { "\($0)" })
    if case .known(let buses) = registers.flatMap(\.bridgeBuses).or(function.bridgeBuses) {
      row("buses below", "\(hexText(buses.secondary, digits: 2))-\(hexText(buses.subordinate, digits: 2))")
    }
    row(
      "link",
      registers.flatMap(\.link).text { link in
        "\(speed(link.speed)) x\(link.width) (can: \(speed(link.maxSpeed)) x\(link.maxWidth), port \(link.port))"
      })
    row(
      "ACS",
      registers.flatMap(\.accessControl).text { control in
        control.capability.isEmpty && control.control.isEmpty
          ? "none" : "can \(words(control.capability.names)), does \(words(control.control.names))"
      })
    row("serial number", registers.flatMap(\.serialNumber).text { $0 })
  }

  mutating func addVirtualFunctions() {
    if case .known(let totals) = function.virtualFunctionTotals {
      row("SR-IOV", "\(totals.current) of \(totals.total) VFs")
    }
    if case .known(let physical) = function.physicalFunction { row("PF", "\(physical)") }
    if !function.virtualFunctions.isEmpty {
      row("VFs", function.virtualFunctions.map(\.description).joined(separator: " "))
    }
  }

  mutating func addCapabilities() {
    row(
      "capabilities",
      registers.flatMap(\.capabilities).text { list in
        words(
          list.map {
            "\($0.id.name ?? "0x" + hexText($0.id.rawValue, digits: 2))@\(hexText(UInt16($0.offset), digits: 2))"
          })
      })
    row(
      "extended",
      registers.flatMap(\.extendedCapabilities).text { list in
        words(
          list.map {
            "\($0.id.name ?? "0x" + hexText($0.id.rawValue, digits: 2))@\(hexText(UInt16($0.offset), digits: 3))"
          })
      })
  }
}

private func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.joined(separator: " ") }

private func speed(_ tenths: Int?) -> String {
  guard let tenths else { return "? GT/s" }
  return tenths % 10 == 0 ? "\(tenths / 10) GT/s" : "\(tenths / 10).\(tenths % 10) GT/s"
}

private func groupText(_ function: Function, _ host: Host) -> String {
  function.iommuGroup.text { number in
    let others = host.functions(inGroup: number).map(\.address).filter { $0 != function.address }
    return "\(number)" + (others.isEmpty ? ", alone" : ", with \(others.map(\.description).joined(separator: " "))")
  }
}

private func resetText(_ function: Function, _ forecast: ResetForecast) -> String {
  let methods = forecast.methods.map { $0.isEmpty ? "none of its own" : $0.joined(separator: " ") } ?? "?"
  let source = forecast.source.map { $0 == .kernel ? " (from the kernel)" : " (from the registers)" } ?? ""
  switch forecast.reach {
  case .function:
    return methods + source
      + (forecast.affects.isEmpty
        ? "" : "; also resets \(forecast.affects.map(\.description).joined(separator: " "))")
  case .together:
    return methods + source + "; only the whole bus"
      + (forecast.affects.isEmpty ? "" : ", with \(forecast.affects.map(\.description).joined(separator: " "))")
  case .none: return methods + source
  case .unknown: return "?"
  }
}
