import PCI
import System

/// Which pins were verified since this boot, and what they were found to be: `/run/hostdev/verified`.
///
/// Serial numbers are in `config`, whose read costs a millisecond and wakes bridges; once a boot is enough, as long as the
/// same device stands there, which its directory's number tells.
public struct VerifiedPins: Sendable, Equatable {
  public static let path = "/run/hostdev/verified"
  private static let schema = "hostdev-verified/1"

  public struct Entry: Sendable, Equatable {
    /// Of the pin's file: a pin that was changed is verified anew.
    public let fingerprint: UInt64
    /// How it was found.
    public let status: Resolution.Status
    public let functions: [Known]

    public init(fingerprint: UInt64, status: Resolution.Status, functions: [Known]) {
      self.fingerprint = fingerprint
      self.status = status
      self.functions = functions
    }
  }

  /// One function, in the order of the pin's.
  public struct Known: Sendable, Equatable {
    public let address: Address
    /// The number of its directory.
    public let number: UInt64
    /// The driver that the pin asked for then.
    public let driver: String

    public init(address: Address, number: UInt64, driver: String) {
      self.address = address
      self.number = number
      self.driver = driver
    }
  }

  /// Nil where the kernel does not tell: then nothing is remembered.
  private let boot: String?
  public private(set) var entries: [String: Entry] = [:]

  public init(_ root: Root) {
    boot = (try? root.read("/proc/sys/kernel/random/boot_id", limit: 256)).flatMap { bytes in
      let text = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
      return text.isEmpty ? nil : text
    }
    guard let boot, let bytes = try? root.read(Self.path, limit: 1 << 20) else { return }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.first == "\(Self.schema) \(boot)" else { return }
    lines.removeFirst()
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count > 3, let fingerprint = UInt64(words[1], radix: 16),
        let status = Resolution.Status(rawValue: String(words[2]))
      else { continue }
      let functions = words.dropFirst(3).map(Known.init)
      // A line that is torn says nothing.
      guard functions.allSatisfy({ $0 != nil }) else { continue }
      entries[String(words[0])] = Entry(
        fingerprint: fingerprint, status: status, functions: functions.compactMap { $0 })
    }
  }

  public subscript(name: String) -> Entry? {
    get { entries[name] }
    set { entries[name] = newValue }
  }

  /// Puts the record in place. Nothing is written where the kernel does not tell which boot this is.
  public func save(_ root: Root) throws(SystemError) {
    guard let boot else { return }
    var text = "\(Self.schema) \(boot)\n"
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let functions = entry.functions.map { "\($0.address)=\($0.number)=\($0.driver)" }
      text +=
        ([name, String(entry.fingerprint, radix: 16), entry.status.rawValue] + functions).joined(separator: " ")
        + "\n"
    }
    try root.makeDirectory("/run/hostdev")
    try root.replace(Self.path, with: Array(text.utf8))
  }
}

extension VerifiedPins.Known {
  /// `0000:01:00.0=1234=vfio-pci`.
  fileprivate init?(_ text: Substring) {
    let parts = text.split(separator: "=", maxSplits: 2)
    guard parts.count == 3, let address = Address(parts[0]), let number = UInt64(parts[1]) else { return nil }
    self.init(address: address, number: number, driver: String(parts[2]))
  }
}

/// FNV-1a, 64 bits: tells one version of a file from another, and proves nothing.
func fingerprint(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
