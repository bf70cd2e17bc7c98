import Foundation

/// A JSON value, in which null and an absent key are two things.
enum JSON: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(parsing text: String) throws {
    do { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) } catch {
      throw Trouble("this is not one JSON value: \(text.prefix(2000)): \(error)")
    }
  }

  init(from decoder: any Decoder) throws {
    if let values = try? decoder.container(keyedBy: Key.self) {
      self = .object(
        try Dictionary(
          uniqueKeysWithValues: values.allKeys.map { ($0.stringValue, try values.decode(JSON.self, forKey: $0)) }))
    } else if var values = try? decoder.unkeyedContainer() {
      var list: [JSON] = []
      while !values.isAtEnd { list.append(try values.decode(JSON.self)) }
      self = .list(list)
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let flag = try? value.decode(Bool.self) {
        self = .bool(flag)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Nil if there is no such key.
  subscript(key: String) -> JSON? { if case .object(let entries) = self { entries[key] } else { nil } }

  var keys: Set<String> { if case .object(let entries) = self { Set(entries.keys) } else { [] } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  var list: [JSON]? { if case .list(let list) = self { list } else { nil } }
  var texts: [String]? { list.map { $0.compactMap(\.text) } }
}

extension JSON {
  /// `devices` of a read command.
  var devices: [JSON] { self["devices"]?.list ?? [] }
  var findings: [JSON] { self["findings"]?.list ?? [] }
  var codes: [String] { findings.compactMap { $0["code"]?.text } }

  func finding(_ code: String) -> JSON? { findings.first { $0["code"]?.text == code } }

  /// Codes of errors alone.
  var errorCodes: [String] {
    findings.filter { $0["severity"]?.text == "error" }.compactMap { $0["code"]?.text }
  }
}
