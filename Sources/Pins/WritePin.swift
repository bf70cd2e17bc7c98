import PCI

extension Pin {
  /// The file's text: one key per line, always in the same order, so that a diff of two versions is easy to read.
  public var text: String {
    var fields: [(String, String)] = [
      ("version", "\(Self.currentVersion)"), ("description", quoted(description)),
      virtuals.map { ("vfs", laidOut(.object($0.fields), indent: 1)) } ?? ("driver", quoted(driver)),
      ("match", quoted(match.rawValue)), ("follow", follow ? "true" : "false"),
    ]
    if !forced.isEmpty { fields.append(("force", list(forced.map { quoted($0.rawValue) }, indent: 1))) }
    fields.append(("functions", list(functions.map { $0.text(indent: 2) }, indent: 1)))
    if let evidence { fields.append(("pinned", evidence.text(indent: 1))) }
    return object(fields, indent: 0) + "\n"
  }
}

extension PinnedFunction {
  fileprivate func text(indent: Int) -> String {
    func id(_ value: UInt16?) -> String { quoted(value.map { "0x" + hexText($0, digits: 4) }) }
    return object(
      [
        ("address", quoted("\(address)")), ("path", quoted(path)), ("vendor_id", id(vendorID)),
        ("device_id", id(deviceID)), ("subsystem_vendor_id", id(subsystemVendorID)),
        ("subsystem_device_id", id(subsystemDeviceID)), ("class", quoted(classCode.map { "\($0)" })),
        ("serial_number", quoted(serialNumber)), ("vpd_serial_number", quoted(vpdSerialNumber)),
      ], indent: indent)
  }
}

extension PinEvidence {
  fileprivate func text(indent: Int) -> String {
    let findings = findings.map { finding in
      object(
        [
          ("code", quoted(finding.code)), ("severity", quoted(finding.severity)),
          ("functions", list(finding.functions.map { quoted("\($0)") }, indent: indent + 3)),
          ("message", quoted(finding.message)),
          ("evidence", list(finding.evidence.map(quoted), indent: indent + 3)),
        ], indent: indent + 2)
    }
    return object([("at", quoted(at)), ("findings", list(findings, indent: indent + 1))], indent: indent)
  }
}

private func object(_ fields: [(String, String)], indent: Int) -> String {
  let blanks = String(repeating: "  ", count: indent + 1)
  return "{\n" + fields.map { "\(blanks)\"\($0)\": \($1)" }.joined(separator: ",\n") + "\n\(blanks.dropLast(2))}"
}

private func list(_ elements: [String], indent: Int) -> String {
  if elements.isEmpty { return "[]" }
  let blanks = String(repeating: "  ", count: indent + 1)
  return "[\n" + elements.map { blanks + $0 }.joined(separator: ",\n") + "\n\(blanks.dropLast(2))]"
}

private func laidOut(_ text: PinText, indent: Int) -> String {
  switch text {
  case .plain(let text): text
  case .quoted(let text): quoted(text)
  case .list(let elements): list(elements.map { laidOut($0, indent: indent + 1) }, indent: indent)
  case .object(let fields): object(fields.map { ($0, laidOut($1, indent: indent + 1)) }, indent: indent)
  }
}

private func quoted(_ text: String?) -> String { text.map { quoted($0) } ?? "null" }

private func quoted(_ text: String) -> String {
  var out = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\":
      out += "\\"
      out.unicodeScalars.append(scalar)
    case "\n": out += "\\n"
    case "\t": out += "\\t"
    case "\0"..<" ": out += "\\u" + hexText(UInt16(scalar.value), digits: 4)
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out + "\""
}
