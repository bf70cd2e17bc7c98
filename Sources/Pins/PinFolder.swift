import Checks
import Host
import System

/// `/etc/hostdev/pins.d` below the root: one file per pin.
///
/// These files decide at every boot which devices the host gives away, so hostdev reads nothing that a user other than
/// root may have written.
public struct PinFolder: Sendable {
  public static let path = "/etc/hostdev/pins.d"
  private let root: Root
  /// Users whose files count.
  private let owners: Set<UInt32>

  /// `user`: who works on a capture.
  public init(_ root: Root, user: UInt32) {
    self.root = root
    // On a host only root may own the files. In a capture its owner, and the user who rehearses on it, may too.
    let top = root.isHost ? nil : (try? root.rights("/"))?.owner
    owners = Set([0, top, root.isHost ? nil : user].compactMap { $0 })
  }

  public static func file(_ name: String) -> String { "\(path)/\(name).json" }

  /// The reverse of `file`: the pin's name; nil for a file that is not a pin.
  static func name(ofFile file: String) -> String? {
    file.hasPrefix(path + "/") ? name(ofEntry: file.dropFirst(path.utf8.count + 1)) : nil
  }

  /// The same of a file's name in this folder. One that begins with a dot is being written.
  private static func name(ofEntry entry: some StringProtocol) -> String? {
    entry.hasSuffix(".json") && !entry.hasPrefix(".") ? String(entry.dropLast(".json".utf8.count)) : nil
  }

  // MARK: Reading

  /// Names of the files that are pins by their ending, sorted; none where there is no folder.
  public func names() throws(PinError) -> [String] {
    try requireFolders()
    do {
      return try root.entries(Self.path).compactMap { Self.name(ofEntry: $0) }
    } catch {
      if error.errno == .noEntry { return [] }
      throw .cannotRead(error)
    }
  }

  public func read(_ name: String) throws(PinError) -> Pin {
    try requireFolders()
    return try readFile(name).pin
  }

  /// Every pin; what cannot be used is in `errors` and takes none of the others with it, unless it is the folder.
  public func all() -> PinListing {
    var listing = PinListing()
    do throws(PinError) {
      for name in try names() {
        listing.names.append(name)
        do throws(PinError) {
          let (pin, bytes) = try readFile(name)
          listing.pins.append(pin)
          listing.fingerprints[name] = fingerprint(bytes)
        } catch { listing.errors.append(error) }
      }
    } catch {
      listing.errors.append(error)
      listing.isFolderUsable = false
    }
    listing.removeDuplicates()
    return listing
  }

  private func readFile(_ name: String) throws(PinError) -> (pin: Pin, bytes: [UInt8]) {
    let file = Self.file(name)
    let bytes = try trusted(name)
    do throws(PinFault) {
      return (try Pin(name: name, bytes: bytes), bytes)
    } catch { throw .malformed(file: file, line: error.line, key: error.key, reason: error.reason) }
  }

  /// The bytes of a pin's file that can be trusted, whatever they say.
  public func trusted(_ name: String) throws(PinError) -> [UInt8] {
    let file = Self.file(name)
    guard Pin.isName(name) else {
      throw .malformed(
        file: file, line: nil, key: nil,
        reason:
          "'\(name)' is not a pin name: it may contain letters, digits, '.', '_' and '-', and does not start with '.' or '-'"
      )
    }
    let bytes: [UInt8]
    let rights: Rights
    do { (bytes, rights) = try root.readPlain(file, limit: 1 << 20) } catch {
      switch error.errno {
      case .noEntry: throw .missing(name: name, suggestion: likelyName(for: name))
      case .loop: throw .untrusted(path: file, reason: "it is a link; a pin must be a plain file")
      case .invalid: throw .untrusted(path: file, reason: "it is not a plain file")
      default: throw .cannotRead(error)
      }
    }
    try require(rights, of: file)
    return bytes
  }

  /// The name that looks most like this one.
  public func likelyName(for name: String) -> String? {
    guard let names = try? root.entries(Self.path) else { return nil }
    return suggestion(for: name, among: names.compactMap { Self.name(ofEntry: $0) })
  }

  // MARK: Writing

  public func exists(_ name: String) -> Bool { root.exists(Self.file(name)) }

  /// The file's text, whatever it says; nil if there is none, or it cannot be read.
  public func text(_ name: String) -> String? {
    (try? root.readPlain(Self.file(name), limit: 1 << 20).0).map { String(decoding: $0, as: UTF8.self) }
  }

  public func write(_ pin: Pin) throws(PinError) { try write(pin.text, as: pin.name) }

  /// By rename, 0644, and synced: a pin is to outlast a power cut.
  public func write(_ text: String, as name: String) throws(PinError) {
    try requireFolders()
    do {
      try root.makeDirectory(Self.path)
      try root.replace(Self.file(name), with: Array(text.utf8), mode: 0o644, synced: true)
    } catch { throw .cannotWrite(error) }
  }

  /// Also of a file that cannot be read as a pin.
  public func remove(_ name: String) throws(PinError) {
    try requireFolders()
    let isThere: Bool
    do { isThere = try root.remove(Self.file(name)) } catch { throw .cannotWrite(error) }
    if !isThere { throw .missing(name: name, suggestion: likelyName(for: name)) }
  }

  // MARK: Trust

  /// Checks the folders of the path, from the top on, up to the first that does not exist.
  private func requireFolders() throws(PinError) {
    let parts = Self.path.split(separator: "/")
    // The folders above a capture do not matter, nor does who unpacked it.
    var folders = root.isHost ? ["/"] : []
    for count in 1...parts.count { folders.append("/" + parts.prefix(count).joined(separator: "/")) }
    for folder in folders {
      let rights: Rights
      do { rights = try root.rights(folder) } catch {
        if error.errno == .noEntry { return }
        throw .cannotRead(error)
      }
      if rights.isLink || rights.kind != .directory {
        throw .untrusted(
          path: folder, reason: rights.isLink ? "it is a link; it must be a directory" : "it is not a directory")
      }
      // The other folders of a capture have the rights that unpacking gave them: group-writable means `umask 002`.
      if root.isHost || folder.hasPrefix("/etc/hostdev") || rights.isOpenForWriting { try require(rights, of: folder) }
    }
  }

  private func require(_ rights: Rights, of path: String) throws(PinError) {
    if !owners.contains(rights.owner) {
      throw .untrusted(
        path: path, reason: "it belongs to user \(rights.owner); only root may own it")
    }
    if rights.isSharedForWriting {
      throw .untrusted(
        path: path, reason: "other users can write to it (mode 0\(String(rights.mode, radix: 8)))")
    }
  }
}

/// All that stands in the folder.
public struct PinListing: Sendable {
  /// Every file's name, usable or not.
  public var names: [String] = []
  /// In the order of their names.
  public var pins: [Pin] = []
  public var errors: [PinError] = []
  /// Of each file's content, by the pin's name.
  public var fingerprints: [String: UInt64] = [:]
  /// The folder itself can be trusted and was read.
  public var isFolderUsable = true

  public init() {}

  /// Two pins that declare one function are both in doubt: which driver, which identity?
  mutating func removeDuplicates() {
    var doubtful: Set<String> = []
    for (place, pin) in pins.enumerated() {
      for other in pins[..<place] {
        guard
          let function = pin.functions.first(where: { mine in
            other.functions.contains { $0.isSameFunction(as: mine) }
          })
        else { continue }
        doubtful.formUnion([pin.name, other.name])
        errors.append(.duplicate(pin: other.name, other: pin.name, function: function.address))
      }
    }
    pins.removeAll { doubtful.contains($0.name) }
  }
}

extension PinnedFunction {
  /// Both mean one function of the host: the place and the ids, or the serial number and the ids, are the same.
  public func isSameFunction(as other: Self) -> Bool {
    guard
      vendorID == other.vendorID, deviceID == other.deviceID, subsystemVendorID == other.subsystemVendorID,
      subsystemDeviceID == other.subsystemDeviceID
    else { return false }
    if let serialNumber, let others = other.serialNumber, address.function == other.address.function {
      return serialNumber == others
    }
    return stands(where: other)
  }
}
