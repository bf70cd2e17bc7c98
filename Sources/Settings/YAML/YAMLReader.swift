/// Makes a tree of the events of a text.
///
/// Within limits: a value is as deep as this at most, and what aliases stand for is as large in all as this, so that a
/// few lines do not become a billion values.
struct YAMLReader: ~Copyable {
  private static let depth = 64
  private static let expansion = 1 << 20
  /// libyaml compares each `%TAG` with all before it.
  private static let directives = 32

  /// A value with its size: one for each part, and the bytes of its texts.
  private struct Sized {
    let value: YAMLValue
    let size: Int
  }

  private var events: YAMLEvents
  private var anchors: [String: Sized] = [:]
  private var expanded = 0

  /// The first document of a file, which netplan(5) stops after; an empty map if there is none.
  static func read(_ bytes: [UInt8]) throws(YAMLValue.Unclear) -> YAMLValue {
    try refuseDirectives(bytes)
    var reader = Self(events: try YAMLEvents(bytes))
    return try reader.document()
  }

  private init(events: consuming YAMLEvents) { self.events = events }

  private static func refuseDirectives(_ bytes: [UInt8]) throws(YAMLValue.Unclear) {
    var line = 1
    var found = 0
    var before = UInt8(ascii: "\n")
    for byte in bytes {
      if before == UInt8(ascii: "\n"), byte == UInt8(ascii: "%") {
        found += 1
        if found > directives { throw YAMLValue.Unclear(line: line) }
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      before = byte
    }
  }

  private mutating func document() throws(YAMLValue.Unclear) -> YAMLValue {
    _ = try events.next()
    guard try events.next().kind == .documentStart else { return .map([]) }
    let first = try events.next()
    // `---` and nothing behind it.
    if first.kind == .scalar("", isPlain: true), first.anchor == nil { return .map([]) }
    guard first.kind == .mapStart else { throw YAMLValue.Unclear(line: first.line) }
    let value = try value(first, depth: 1).value
    // What is wrong right behind it is noticed here.
    _ = try events.next()
    return value
  }

  private mutating func value(_ event: YAMLEvents.Event, depth: Int) throws(YAMLValue.Unclear) -> Sized {
    guard depth < Self.depth else { throw YAMLValue.Unclear(line: event.line) }
    let found: Sized
    switch event.kind {
    case .alias(let name): return try alias(name, line: event.line)
    case .scalar(let text, _): found = Sized(value: .scalar(text), size: 1 + text.utf8.count)
    case .listStart: found = try list(depth)
    case .mapStart: found = try map(depth)
    default: throw YAMLValue.Unclear(line: event.line)
    }
    // From here on: an alias inside of its own anchor would have no end.
    if let anchor = event.anchor { anchors[anchor] = found }
    return found
  }

  private mutating func alias(_ name: String, line: Int) throws(YAMLValue.Unclear) -> Sized {
    guard let meant = anchors[name] else { throw YAMLValue.Unclear(line: line) }
    expanded += meant.size
    if expanded > Self.expansion { throw YAMLValue.Unclear(line: line) }
    return meant
  }

  private mutating func list(_ depth: Int) throws(YAMLValue.Unclear) -> Sized {
    var values: [YAMLValue] = []
    var size = 1
    while true {
      let event = try events.next()
      if event.kind == .listEnd { return Sized(value: .list(values), size: size) }
      let item = try value(event, depth: depth + 1)
      values.append(item.value)
      size += item.size
    }
  }

  private mutating func map(_ depth: Int) throws(YAMLValue.Unclear) -> Sized {
    var entries: [YAMLValue.Entry] = []
    var merged: [YAMLValue.Entry] = []
    var size = 1
    while true {
      let event = try events.next()
      if event.kind == .mapEnd { break }
      let key = try value(event, depth: depth + 1)
      let value = try value(try events.next(), depth: depth + 1)
      size += key.size + value.size
      if event.kind == .scalar("<<", isPlain: true) {
        merged += try Self.merged(value.value, line: event.line)
      } else if case .scalar(let text) = key.value {
        entries.append(YAMLValue.Entry(key: text, line: event.line, value: value.value))
      } else {
        throw YAMLValue.Unclear(line: event.line)
      }
    }
    guard !merged.isEmpty else { return Sized(value: .map(entries), size: size) }
    // What the map says itself counts, wherever it stands; of several that are merged the first.
    var own = Set(entries.map(\.key))
    return Sized(value: .map(entries + merged.filter { own.insert($0.key).inserted }), size: size)
  }

  /// The entries of a map, or of all maps of a list.
  private static func merged(_ value: YAMLValue, line: Int) throws(YAMLValue.Unclear) -> [YAMLValue.Entry] {
    let maps = if case .list(let values) = value { values } else { [value] }
    var found: [YAMLValue.Entry] = []
    for map in maps {
      guard case .map(let entries) = map else { throw YAMLValue.Unclear(line: line) }
      found += entries
    }
    return found
  }
}
