import Host
import PCI

/// One object of a pin's file, taken apart key by key; what is left at the end is unknown.
struct FieldReader {
  private let path: String
  private let line: Int
  private var members: [LocatedValue.Member]

  /// `path`: the object's own key; empty for the file.
  init(_ value: LocatedValue, path: String) throws(PinFault) {
    self.path = path
    line = value.line
    guard case .object(let members) = value.content else {
      throw PinFault(
        line: value.line, key: path.isEmpty ? nil : path, reason: "expected an object, found \(value.kind)")
    }
    self.members = members
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  mutating func take(_ key: String) throws(PinFault) -> Field? {
    guard let place = members.firstIndex(where: { $0.key == key }) else { return nil }
    return Field(value: members.remove(at: place).value, path: name(key))
  }

  func missing(_ key: String) -> PinFault { PinFault(line: line, key: name(key), reason: "it is missing") }

  func end() throws(PinFault) {
    guard let left = members.first else { return }
    throw PinFault(line: left.line, key: name(left.key), reason: "unknown key")
  }
}

/// A value with its key, asked for one type or another.
struct Field {
  let value: LocatedValue
  let path: String

  func fault(_ reason: String) -> PinFault { PinFault(line: value.line, key: path, reason: reason) }

  private func wrong(_ wanted: String) -> PinFault { fault("expected \(wanted), found \(value.kind)") }

  /// Nil for null.
  func optional() -> Self? { if case .null = value.content { nil } else { self } }

  func text() throws(PinFault) -> String {
    guard case .text(let text) = value.content else { throw wrong("a string") }
    return text
  }

  func flag() throws(PinFault) -> Bool {
    guard case .bool(let flag) = value.content else { throw wrong("true or false") }
    return flag
  }

  func wholeNumber() throws(PinFault) -> (number: Int, field: Self) {
    guard case .number(let text) = value.content else { throw wrong("a whole number") }
    guard let number = Int(text) else { throw fault("expected a whole number, found \(text)") }
    return (number, self)
  }

  func list() throws(PinFault) -> [Self] {
    guard case .list(let elements) = value.content else { throw wrong("a list") }
    return elements.enumerated().map { Self(value: $1, path: "\(path)[\($0)]") }
  }

  /// An id as sysfs spells it: `0x10ee`.
  func hex<Value: FixedWidthInteger & UnsignedInteger>() throws(PinFault) -> Value {
    guard case .text(let text) = value.content else { throw wrong("a string like \"0x10ee\"") }
    guard text.hasPrefix("0x"), let number = parseHex(text, as: Value.self) else {
      throw fault("expected a number like 0x10ee, found '\(text)'")
    }
    return number
  }

  func choice<Value: RawRepresentable & CaseIterable>(_: Value.Type) throws(PinFault) -> Value
  where Value.RawValue == String {
    guard let found = Value(rawValue: try text()) else {
      throw fault("it must be one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return found
  }

  func driver() throws(PinFault) -> String {
    let name = try text()
    guard DriverName.isSound(name), !name.utf8.contains(0x20) else {
      throw fault("'\(name)' is not the name of a driver")
    }
    guard name == "auto" || VFIODriver.leavesGroupViable(name) else {
      throw fault("'\(name)' is not a driver for guests, such as vfio-pci")
    }
    return name
  }
}
