import Host

/// Virtual functions that a pinned physical one is to have, by their index: they follow it wherever it is.
public struct PinnedVirtuals: Sendable, Equatable {
  /// The VFIO driver that they are for, or `auto`; nil where they are left to the host.
  public var driver: String?
  /// Their number, and what the network card is to keep of each.
  public var settings: VirtualSettings

  public init(driver: String? = nil, settings: VirtualSettings) {
    self.driver = driver
    self.settings = settings
  }

  public var count: Int { settings.count }
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
    let driver = try object.take("driver")?.optional()?.driver()
    let indices = VirtualSettings(count: number.number).indices
    var seen: Set<Int> = []
    var entries: [(VirtualSettings.Entry, Field)] = []
    if let list = try object.take("functions") {
      for element in try list.list() {
        var function = try FieldReader(element.value, path: element.path)
        guard let index = try function.take("index")?.wholeNumber() else { throw function.missing("index") }
        guard indices.contains(index.number) else {
          throw index.field.fault("it must be less than the count, \(indices.upperBound)")
        }
        guard seen.insert(index.number).inserted else { throw index.field.fault("\(index.number) is declared twice") }
        for setting in VirtualSetting.allCases {
          guard let field = try function.take(setting.key)?.optional() else { continue }
          entries.append((VirtualSettings.Entry(setting, try field.text(), of: index.number), field))
        }
        try function.end()
      }
    }
    try object.end()
    let settings: VirtualSettings
    do throws(VirtualSettings.Fault) {
      settings = try VirtualSettings(count: number.number, entries.map(\.0))
    } catch {
      let (entry, field) = entries[error.place]
      throw field.fault(Self.words(error.reason, entry))
    }
    self.init(driver: driver, settings: settings)
  }

  private static func words(_ reason: VirtualSettings.Fault.Reason, _ entry: VirtualSettings.Entry) -> String {
    switch reason {
    case .value: "'\(entry.text)' is not a valid value"
    case .index: "VF \(entry.index ?? 0) will not exist"
    case .sharedAddress: "two VFs cannot have one MAC address"
    }
  }

  /// As it stands in the file, key by key.
  var fields: [(String, PinText)] {
    let functions = settings.sorted.map { index, kept in
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
