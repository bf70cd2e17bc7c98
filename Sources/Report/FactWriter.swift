import PCI

/// Writes keys and remembers which of them could not be read.
struct FactWriter {
  var json = JSONWriter()
  private(set) var unknown: [StaticString] = []

  /// Writes one object, with the list of its unknown keys at the end.
  ///
  /// The writer moves in and out by `swap`: were it copied, every function would copy all that was written before it.
  static func object(_ json: inout JSONWriter, _ body: (inout Self) -> Void) {
    json.object { json in
      var facts = Self()
      swap(&json, &facts.json)
      body(&facts)
      swap(&json, &facts.json)
      writeUnknown(facts.unknown, &json)
    }
  }

  mutating func fact<Value>(_ key: StaticString, _ fact: Fact<Value>, write: (inout JSONWriter, Value) -> Void) {
    json.key(key)
    switch fact {
    case .known(let value): write(&json, value)
    case .absent: json.null()
    case .unknown:
      json.null()
      unknown.append(key)
    }
  }

  mutating func fact(_ key: StaticString, _ value: Fact<String>) { fact(key, value) { $0.value($1) } }
  mutating func fact(_ key: StaticString, _ value: Fact<Int>) { fact(key, value) { $0.value($1) } }
  mutating func fact(_ key: StaticString, _ value: Fact<Bool>) { fact(key, value) { $0.value($1) } }
  mutating func fact(_ key: StaticString, _ value: Fact<Address>) { fact(key, value) { $0.value($1.description) } }
  mutating func fact(_ key: StaticString, _ value: Fact<UInt16>) { fact(key, value) { $0.hex($1, digits: 4) } }

  mutating func name(_ key: StaticString, _ value: String?) {
    json.key(key)
    json.value(value)
  }

  mutating func missing(_ key: StaticString) { unknown.append(key) }
}

private func writeUnknown(_ keys: [StaticString], _ json: inout JSONWriter) {
  json.key("unknown")
  json.array { json in for key in keys { json.value(key.description) } }
}
