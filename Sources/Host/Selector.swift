import PCI

/// What a user names functions by.
public indirect enum Selector: Sendable, Equatable {
  case function(Address)
  /// Some functions of one device: `0000:01:00.0-3`.
  case functions(Slot, ClosedRange<UInt8>)
  case slot(Slot)
  /// Every function on a bus: `01:`.
  case bus(Bus)
  case id(DeviceID)
  /// As `lspci -d` takes it: `10de:`, `:1e87`, `10de::0300`.
  case kind(IDPattern)
  case group(Int)
  /// A network interface's name.
  case network(String)
  /// The name below `/dev` of a block device, or of another node: `nvme0n1`, `disk/by-id/…`, `mapper/…`, `dri/card0`.
  case block(String)
  /// A device of this class: `/sys/class/drm/card0`.
  case classDevice(String, name: String)
  /// A file of domain or fragment XML; `-` is standard input.
  case xml(String)
  case pin(String)
  /// Several between commas.
  case several([Selector])
}

/// A selector that is none of the forms.
public struct SelectorError: Error, Sendable, Equatable {
  public let text: String
  /// Continues the text: `is not an address: functions are 0 to 7`.
  public let reason: String
  /// The selector without the slip; nothing says that such a function exists.
  public let meant: String?

  init(text: String, reason: String, meant: String? = nil) {
    self.text = text
    self.reason = reason
    self.meant = meant
  }
}

extension Selector {
  /// It can fit devices that the user did not think of, so a command that changes something takes it for one device alone.
  public var isForOneDevice: Bool {
    switch self {
    case .id, .kind, .bus, .several: true
    default: false
    }
  }

  public init(parsing text: String) throws(SelectorError) {
    if text.contains(","), !text.hasPrefix("xml:"), let several = try Self.several(text) {
      self = several
    } else if let prefixed = try Self.prefixed(text) {
      self = prefixed
    } else if let place = Self.place(text) ?? Self.ids(text) {
      self = place
    } else {
      throw SelectorError(mistyped: text)
    }
  }

  /// Nil for what is none of the forms.
  static func form(_ text: String) -> Selector? {
    if let prefixed = try? prefixed(text) { return prefixed }
    return place(text) ?? ids(text)
  }

  /// Nil if a comma is part of a name.
  private static func several(_ text: String) throws(SelectorError) -> Selector? {
    var found: [Selector] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      do { found.append(try Selector(parsing: String(part))) } catch {
        if ["net:", "block:", "/dev/", "/sys/"].contains(where: { text.hasPrefix($0) }) { return nil }
        if part.isEmpty {
          let parts = text.split(separator: ",").joined(separator: ",")
          throw SelectorError(text: text, reason: "has a comma too many", meant: parts)
        }
        throw SelectorError(text: text, reason: "is not a list of selectors: '\(part)' \(error.reason)")
      }
    }
    return .several(found)
  }

  /// A form that starts with its own word; nil for all others.
  private static func prefixed(_ text: String) throws(SelectorError) -> Selector? {
    func named(_ prefix: String) throws(SelectorError) -> String? {
      guard text.hasPrefix(prefix) else { return nil }
      let name = String(text.dropFirst(prefix.count))
      if name.isEmpty { throw SelectorError(text: text, reason: "names nothing: a name follows '\(prefix)'") }
      return name
    }
    func plain(_ name: String) throws(SelectorError) -> String {
      if name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
        $0.isEmpty || $0 == "." || $0 == ".."
      }) {
        throw SelectorError(text: text, reason: "is not the name of a device")
      }
      return name
    }
    if let number = try named("group:") {
      guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let group = Int(number) else {
        throw SelectorError(text: text, reason: "is not a group: a group is a number, as in group:12")
      }
      return .group(group)
    }
    if let name = try named("net:") {
      if name.contains("/") { throw SelectorError(text: text, reason: "is not the name of an interface") }
      return .network(try plain(name))
    }
    if let name = try named("block:") {
      return .block(try plain(name.hasPrefix("/dev/") ? String(name.dropFirst(5)) : name))
    }
    if let name = try named("/dev/") { return .block(try plain(name)) }
    if let path = try named("/sys/") { return try Selector(sysfs: path, of: text) }
    if let file = try named("xml:") { return .xml(file) }
    if let name = try named("pin:") {
      if name.contains("/") || name.hasPrefix(".") {
        throw SelectorError(text: text, reason: "is not the name of a pin")
      }
      return .pin(name)
    }
    return nil
  }
}
