/// A JSON value with the line it is on, so that an error can name that line.
struct LocatedValue {
  indirect enum Content {
    case null
    case bool(Bool)
    /// As it is spelled; a pin has whole numbers alone.
    case number(String)
    case text(String)
    case list([LocatedValue])
    /// In the order of the file, no key twice.
    case object([Member])
  }

  struct Member {
    let key: String
    /// Where the key stands.
    let line: Int
    let value: LocatedValue
  }

  let content: Content
  /// From 1 on.
  let line: Int

  /// The kind in words, for an error.
  var kind: String {
    switch content {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .text: "a string"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// Where a pin's file is not as it must be.
struct PinFault: Error {
  /// From 1 on.
  let line: Int
  /// `functions[0].path`; nil where the file is no JSON.
  let key: String?
  let reason: String
}
