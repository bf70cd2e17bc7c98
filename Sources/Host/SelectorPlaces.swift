import PCI

/// Forms that are made of digits: addresses, ids, and paths that hold an address.
extension Selector {
  /// An address or a part of one, in the notation of sysfs, of lspci or of libvirt.
  static func place(_ text: String) -> Selector? {
    if text.hasPrefix("pci_") {
      let parts = text.dropFirst(4).split(separator: "_", omittingEmptySubsequences: false)
      guard parts.count == 4 else { return nil }
      return Address("\(parts[0]):\(parts[1]):\(parts[2]).\(parts[3])").map { .function($0) }
    }
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var domain: UInt32 = 0
    if parts.count == 3 {
      guard (4...8).contains(parts[0].utf8.count), let value = number(parts[0], as: UInt32.self) else { return nil }
      domain = value
      parts.removeFirst()
    }
    guard parts.count == 2, let bus = short(parts[0]) else { return nil }
    if parts[1].isEmpty { return .bus(Bus(domain: domain, number: bus)) }
    let ends = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count <= 2, let device = short(ends[0]), device < 32 else { return nil }
    let slot = Slot(domain: domain, bus: bus, device: device)
    guard ends.count == 2 else { return .slot(slot) }
    let functions = ends[1].split(separator: "-", omittingEmptySubsequences: false).map { function($0) }
    switch functions.count {
    case 1:
      guard let first = functions[0] else { return nil }
      return Address(domain: domain, bus: bus, device: device, function: first).map { .function($0) }
    case 2:
      guard let first = functions[0], let last = functions[1], first <= last else { return nil }
      return .functions(slot, first...last)
    default: return nil
    }
  }

  /// `vendor:device`, or what `lspci -d` takes beside it; each number may start with 0x.
  static func ids(_ text: String) -> Selector? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return nil }
    var numbers: [UInt16?] = []
    for part in parts.prefix(2) {
      let digits = part.hasPrefix("0x") || part.hasPrefix("0X") ? part.dropFirst(2) : part
      let value = digits.utf8.count == 4 ? number(digits, as: UInt16.self) : nil
      if value == nil, !part.isEmpty { return nil }
      numbers.append(value)
    }
    var classDigits: String?
    if parts.count == 3 {
      let digits = parts[2].lowercased()
      guard [2, 4, 6].contains(digits.utf8.count), digits.utf8.allSatisfy({ hexDigit($0) != nil }) else { return nil }
      classDigits = digits
    }
    if let vendor = numbers[0], let device = numbers[1], classDigits == nil {
      return .id(DeviceID(vendor: vendor, device: device))
    }
    let pattern = IDPattern(vendor: numbers[0], device: numbers[1], classDigits: classDigits)
    return pattern.isEmpty ? nil : .kind(pattern)
  }

  /// `path`: below `/sys/`.
  init(sysfs path: String, of text: String) throws(SelectorError) {
    let parts = path.split(separator: "/").map(String.init)
    let place = parts.prefix(2).joined(separator: "/")
    if parts.contains(where: { $0 == "." || $0 == ".." }) {
      throw SelectorError(text: text, reason: "is not a plain path")
    }
    if parts.first == "devices" || place == "bus/pci", let address = parts.compactMap({ Address($0) }).last {
      self = .function(address)
    } else if parts.first == "class", parts.count == 3 {
      self =
        switch parts[1] {
        case "net": .network(parts[2])
        case "block": .block(parts[2])
        default: .classDevice(parts[1], name: parts[2])
        }
    } else if parts.first == "block", parts.count > 1, let name = parts.last {
      self = .block(name)
    } else if place == "kernel/iommu_groups", parts.count == 3, let number = Int(parts[2]), number >= 0 {
      self = .group(number)
    } else {
      throw SelectorError(text: text, reason: "is not the path of a PCI function")
    }
  }

  /// One or two hex digits.
  private static func short(_ text: Substring) -> UInt8? {
    (1...2).contains(text.utf8.count) ? number(text, as: UInt8.self) : nil
  }

  private static func function(_ text: Substring) -> UInt8? {
    guard text.utf8.count == 1, let number = number(text, as: UInt8.self), number < 8 else { return nil }
    return number
  }

  /// Hex digits and nothing else.
  private static func number<Value: FixedWidthInteger & UnsignedInteger>(_ text: Substring, as _: Value.Type) -> Value?
  {
    text.utf8.allSatisfy { hexDigit($0) != nil } ? parseHex(text, as: Value.self) : nil
  }
}

/// Vendor, device and class, each of which may be left open.
public struct IDPattern: Sendable, Equatable {
  public let vendor: UInt16?
  public let device: UInt16?
  /// The first digits of the class code, lower case: `03`, `0300`, `030000`.
  public let classDigits: String?

  public init(vendor: UInt16?, device: UInt16?, classDigits: String?) {
    self.vendor = vendor
    self.device = device
    self.classDigits = classDigits
  }

  var isEmpty: Bool { vendor == nil && device == nil && classDigits == nil }

  public func matches(_ function: Function) -> Bool {
    if let vendor, function.vendorID.value != vendor { return false }
    if let device, function.deviceID.value != device { return false }
    guard let classDigits else { return true }
    return function.classCode.value.map { hexText($0.value, digits: 6).hasPrefix(classDigits) } ?? false
  }
}
