import CYAML

/// What libyaml reports of a text, one after the other.
struct YAMLEvents: ~Copyable {
  enum Kind: Equatable {
    case streamStart, documentStart, documentEnd, streamEnd
    case listStart, mapStart, listEnd, mapEnd
    /// `isPlain`: without quotes and tags, so that `<<` is a merge key.
    case scalar(String, isPlain: Bool)
    case alias(String)
  }

  struct Event {
    let kind: Kind
    /// The name behind `&`.
    let anchor: String?
    /// From 1 on.
    let line: Int
  }

  private let bytes: UnsafeMutableBufferPointer<UInt8>
  // libyaml keeps pointers to the parser in the parser: it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ text: [UInt8]) throws(YAMLValue.Unclear) {
    bytes = .allocate(capacity: text.count)
    _ = bytes.initialize(from: text)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else { throw YAMLValue.Unclear(line: 1) }
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  mutating func next() throws(YAMLValue.Unclear) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLValue.Unclear(line: failedLine) }
    defer { yaml_event_delete(&event) }
    let data = event.data
    let (kind, anchor): (Kind, UnsafeMutablePointer<yaml_char_t>?) =
      switch event.type {
      case YAML_STREAM_START_EVENT: (.streamStart, nil)
      case YAML_DOCUMENT_START_EVENT: (.documentStart, nil)
      case YAML_DOCUMENT_END_EVENT: (.documentEnd, nil)
      case YAML_SEQUENCE_START_EVENT: (.listStart, data.sequence_start.anchor)
      case YAML_SEQUENCE_END_EVENT: (.listEnd, nil)
      case YAML_MAPPING_START_EVENT: (.mapStart, data.mapping_start.anchor)
      case YAML_MAPPING_END_EVENT: (.mapEnd, nil)
      case YAML_ALIAS_EVENT: (.alias(Self.text(data.alias.anchor) ?? ""), nil)
      case YAML_SCALAR_EVENT: (Self.scalar(data.scalar), data.scalar.anchor)
      default: (.streamEnd, nil)
      }
    return Event(kind: kind, anchor: Self.text(anchor), line: event.start_mark.line + 1)
  }

  private static func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar) -> Kind {
    let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    return .scalar(
      String(decoding: bytes, as: UTF8.self),
      isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil)
  }

  private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    bytes.map { String(cString: $0) }
  }

  /// What is not closed is noticed at the end of the text; then the line on which it began says more.
  private var failedLine: Int {
    let parser = parser.pointee
    if parser.error == YAML_READER_ERROR {
      return bytes.prefix(parser.problem_offset).count { $0 == UInt8(ascii: "\n") } + 1
    }
    // The NUL that libyaml puts behind the text may be left.
    let isAtEnd = parser.eof != 0 && parser.unread <= 1
    return (isAtEnd && parser.context != nil ? parser.context_mark : parser.problem_mark).line + 1
  }
}
