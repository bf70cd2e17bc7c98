import Host

/// Virtual functions that a pinned physical one is to have, by their index: they follow it wherever it is.
public struct PinnedVirtuals: Sendable, Equatable {
  public var count: Int
  /// The VFIO driver that they are for, or `auto`; nil where they are left to the host.
  public var driver: String?
  /// What the network card is to keep of each.
  public var settings: [Int: [VirtualSetting: String]]

  public init(count: Int, driver: String? = nil, settings: [Int: [VirtualSetting: String]] = [:]) {
    self.count = count
    self.driver = driver
    self.settings = settings
  }
}

extension VirtualSetting {
  /// Its key in a pin's file.
  public var key: String { self == .spoofCheck ? "spoof_check" : rawValue }
}

extension PinnedVirtuals {
  /// `{"count": 2, "driver": "vfio-pci", "functions": [{"index": 0, "mac": "52:54:00:12:34:56"}]}`.
  init(_ field: Field) throws(PinFault) {
    var object = try FieldReader(field.value, path: field.path)
    guard let number = try object.take("count")?.wholeNumber() else { throw object.missing("count") }
    guard (0...Int(UInt16.max)).contains(number.number) else {
      throw number.field.fault("it must be 0 to 65535")
    }
    self.init(count: number.number)
    driver = try object.take("driver")?.optional()?.driver()
    if let list = try object.take("functions") {
      for element in try list.list() {
        var function = try FieldReader(element.value, path: element.path)
        guard let index = try function.take("index")?.wholeNumber() else { throw function.missing("index") }
        guard (0..<count).contains(index.number) else {
          throw index.field.fault("it must be less than the count, \(count)")
        }
        guard settings[index.number] == nil else { throw index.field.fault("\(index.number) is declared twice") }
        var found: [VirtualSetting: String] = [:]
        for setting in VirtualSetting.allCases {
          guard let field = try function.take(setting.key)?.optional() else { continue }
          let text = try field.text()
          guard let value = setting.value(text) else { throw field.fault("'\(text)' is not a valid value") }
          found[setting] = value
        }
        try function.end()
        settings[index.number] = found
      }
    }
    try object.end()
  }

  /// As it stands in the file, key by key.
  var fields: [(String, PinText)] {
    let functions = settings.sorted { $0.key < $1.key }.map { index, kept in
      PinText.object(
        [("index", .plain("\(index)"))]
          + VirtualSetting.allCases.compactMap { setting in kept[setting].map { (setting.key, .quoted($0)) } })
    }
    return [("count", .plain("\(count)")), ("driver", driver.map { .quoted($0) } ?? .plain("null"))]
      + (functions.isEmpty ? [] : [("functions", .list(functions))])
  }
}

/// A value of a pin's file that is still to be laid out.
indirect enum PinText {
  case plain(String)
  case quoted(String)
  case list([PinText])
  case object([(String, PinText)])
}
