/// One parameter of the kernel or of a module, as the kernel takes a line of them apart (`next_arg` of lib/cmdline.c).
public struct KernelParameter: Sendable, Hashable {
  /// As it stands in the line, quotes included.
  public let text: String
  /// With underscores: in names the kernel takes `-` and `_` for the same (`parameq`).
  public let name: String
  /// Nil without `=`. Only a quote at the beginning and the one at the end are taken off; others are part of it.
  public let value: String?

  /// Blanks end a parameter, but not between double quotes. A quote cannot be escaped, and a single quote is no quote.
  public static func all(_ line: some StringProtocol) -> [KernelParameter] {
    var found: [KernelParameter] = []
    var token: [UInt8] = []
    var isQuoted = false
    func end() {
      if !token.isEmpty { found.append(KernelParameter(token)) }
      token = []
    }
    for byte in line.utf8 {
      if isBlank(byte), !isQuoted {
        end()
        continue
      }
      if byte == quote { isQuoted.toggle() }
      token.append(byte)
    }
    end()
    return found
  }

  /// One word of a line that was already taken apart.
  public init(_ word: some StringProtocol) { self.init(Array(word.utf8)) }

  private init(_ token: [UInt8]) {
    text = String(decoding: token, as: UTF8.self)
    var rest = token[...]
    let isWhole = rest.first == Self.quote
    if isWhole { rest.removeFirst() }
    guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > rest.startIndex else {
      if isWhole, rest.last == Self.quote { rest.removeLast() }
      name = ModuleNames.spelled(String(decoding: rest, as: UTF8.self))
      value = nil
      return
    }
    var value = rest[(equals + 1)...]
    if value.first == Self.quote {
      value.removeFirst()
      if value.last == Self.quote { value.removeLast() }
    }
    if isWhole, value.last == Self.quote { value.removeLast() }
    name = ModuleNames.spelled(String(decoding: rest[..<equals], as: UTF8.self))
    self.value = String(decoding: value, as: UTF8.self)
  }

  /// Of a boolean value, as `kstrtobool` reads it: the first letter counts, of `on` and `off` the second. Nil if it is none.
  public static func boolean(_ value: some StringProtocol) -> Bool? {
    let text = value.lowercased()
    switch text.first {
    case "y", "t", "1": return true
    case "n", "f", "0": return false
    case "o":
      switch text.dropFirst().first {
      case "n": return true
      case "f": return false
      default: return nil
      }
    default: return nil
    }
  }

  private static let quote = UInt8(ascii: "\"")

  /// `isspace` of lib/ctype.c, as far as it is ASCII.
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
