import CExpat

/// Hears of the elements of a file, in its order.
protocol ElementHandler: AnyObject {
  func start(_ name: String, _ attributes: [String: String]) throws(ElementError)
  func end() throws(ElementError)
  /// The line of the element that starts next, from 1.
  func at(line: Int)
}

extension ElementHandler {
  /// Most have no use for it.
  func at(line: Int) {}
}

/// What is wrong with the element at hand.
struct ElementError: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// What is wrong, and where: both from 1.
struct ParseFailure: Error {
  let line: Int
  let column: Int
  let reason: String
}

/// Parses XML by Expat: a document, or several one after another, as pieces of a domain are.
///
/// A document type declaration is refused: libvirt's files have none, and entities that multiply are declared there.
func parse(_ bytes: [UInt8], _ handler: some ElementHandler) throws(ParseFailure) {
  var place = Place()
  // What people attach in one go is a handful; every document costs a parser.
  for _ in 0..<256 {
    guard let rest = try parseDocument(bytes, from: place, handler: handler) else { return }
    place = rest
  }
  throw ParseFailure(line: place.line, column: place.column, reason: "more than 256 elements in a row")
}

/// The beginning of a document: offset in bytes; line and column from 1.
private struct Place {
  var offset = 0
  var line = 1
  var column = 1

  /// The place of a parser that began here.
  func moved(to parser: XML_Parser) -> Place {
    let lines = Int(XML_GetCurrentLineNumber(parser)) - 1
    let columns = Int(XML_GetCurrentColumnNumber(parser))
    return Place(
      offset: offset + Int(XML_GetCurrentByteIndex(parser)), line: line + lines,
      column: lines == 0 ? column + columns : columns + 1)
  }
}

/// The beginning of the next document, or nil at the end.
private func parseDocument(
  _ bytes: [UInt8], from start: Place, handler: some ElementHandler
) throws(ParseFailure) -> Place? {
  guard let parser = XML_ParserCreate(nil) else {
    throw ParseFailure(line: start.line, column: start.column, reason: "out of memory")
  }
  defer { XML_ParserFree(parser) }
  let state = State(parser: parser, start: start, handler: handler)
  return try withExtendedLifetime(state) { () throws(ParseFailure) in
    XML_SetUserData(parser, Unmanaged.passUnretained(state).toOpaque())
    XML_SetElementHandler(parser, started, ended)
    XML_SetStartDoctypeDeclHandler(parser, declared)
    let status = bytes.withUnsafeBytes { raw in
      let rest = UnsafeRawBufferPointer(rebasing: raw[start.offset...])
      return XML_Parse(parser, rest.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(rest.count), 1)
    }
    if status == XML_STATUS_OK { return nil }
    if let failure = state.failure { throw failure }
    let here = start.moved(to: parser)
    let code = XML_GetErrorCode(parser)
    if code == XML_ERROR_JUNK_AFTER_DOC_ELEMENT, here.offset > start.offset { return here }
    let reason = XML_ErrorString(code).map { String(cString: $0) } ?? "not XML"
    throw ParseFailure(line: here.line, column: here.column, reason: reason)
  }
}

/// What Expat's callbacks get at.
private final class State {
  let parser: XML_Parser
  let start: Place
  let handler: any ElementHandler
  var failure: ParseFailure?

  init(parser: XML_Parser, start: Place, handler: any ElementHandler) {
    self.parser = parser
    self.start = start
    self.handler = handler
  }

  func attempt(_ step: () throws(ElementError) -> Void) {
    // Expat may still close an empty element after it was told to stop.
    if failure != nil { return }
    do throws(ElementError) { try step() } catch { stop(error.reason) }
  }

  var line: Int { start.moved(to: parser).line }

  func stop(_ reason: String) {
    // Now: on its way out of an empty element Expat moves on.
    let here = start.moved(to: parser)
    failure = ParseFailure(line: here.line, column: here.column, reason: reason)
    XML_StopParser(parser, 0)
  }

  static func of(_ data: UnsafeMutableRawPointer?) -> State? {
    data.map { Unmanaged<State>.fromOpaque($0).takeUnretainedValue() }
  }
}

private let started: XML_StartElementHandler = { data, name, attributes in
  guard let state = State.of(data), let name else { return }
  var found: [String: String] = [:]
  // Name and value in turn, up to a NULL. Expat refuses a name that comes twice.
  if var next = attributes {
    while let key = next[0], let value = next[1] {
      found[String(cString: key)] = String(cString: value)
      next += 2
    }
  }
  state.handler.at(line: state.line)
  state.attempt { () throws(ElementError) in try state.handler.start(String(cString: name), found) }
}

private let ended: XML_EndElementHandler = { data, _ in
  guard let state = State.of(data) else { return }
  state.attempt { () throws(ElementError) in try state.handler.end() }
}

private let declared: XML_StartDoctypeDeclHandler = { data, _, _, _, _ in
  State.of(data)?.stop("a document type declaration is not allowed")
}
