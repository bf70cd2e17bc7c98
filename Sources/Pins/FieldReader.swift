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
        line: value.line, key: path.isEmpty ? nil : path, reason: "\(value.kind) where an object should be")
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
    throw PinFault(line: left.line, key: name(left.key), reason: "this program does not know the key")
  }
}

/// A value with its key, asked for one type or another.
struct Field {
  let value: LocatedValue
  let path: String

  func fault(_ reason: String) -> PinFault { PinFault(line: value.line, key: path, reason: reason) }

  private func wrong(_ wanted: String) -> PinFault { fault("\(value.kind) where \(wanted) should be") }

  /// Nil for null.
  func optional() -> Self? { if case .null = value.content { nil } else { self } }

  func text() throws(PinFault) -> String {
    guard case .text(let text) = value.content else { throw wrong("a text") }
    return text
  }

  func flag() throws(PinFault) -> Bool {
    guard case .bool(let flag) = value.content else { throw wrong("true or false") }
    return flag
  }

  func wholeNumber() throws(PinFault) -> (number: Int, field: Self) {
    guard case .number(let text) = value.content else { throw wrong("a whole number") }
    guard let number = Int(text) else { throw fault("\(text) where a whole number should be") }
    return (number, self)
  }

  func list() throws(PinFault) -> [Self] {
    guard case .list(let elements) = value.content else { throw wrong("a list") }
    return elements.enumerated().map { Self(value: $1, path: "\(path)[\($0)]") }
  }

  /// An id as sysfs spells it: `0x10ee`.
  func hex<Value: FixedWidthInteger & UnsignedInteger>() throws(PinFault) -> Value {
    guard case .text(let text) = value.content else { throw wrong("a text like \"0x10ee\"") }
    guard text.hasPrefix("0x"), let number = parseHex(text, as: Value.self) else {
      throw fault("'\(text)' where a number like 0x10ee should be")
    }
    return number
  }

  func choice<Value: RawRepresentable & CaseIterable>(_: Value.Type) throws(PinFault) -> Value
  where Value.RawValue == String {
    guard let found = Value(rawValue: try text()) else {
      throw fault("it is one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return found
  }

  func driver() throws(PinFault) -> String {
    let name = try text()
    guard DriverName.isSound(name), !name.utf8.contains(0x20) else { throw fault("'\(name)' is no driver's name") }
    guard name == "auto" || VFIODriver.leavesGroupViable(name) else {
      throw fault("'\(name)' is no driver for guests, as vfio-pci is")
    }
    return name
  }
}
