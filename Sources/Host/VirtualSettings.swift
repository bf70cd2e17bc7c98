/// How many virtual functions a physical one must have, and what its network card must keep of each.
public struct VirtualSettings: Sendable, Equatable {
  /// One setting, of one virtual function or of all of them.
  public struct Entry: Sendable {
    public let setting: VirtualSetting
    public let text: String
    /// From 0; nil for all.
    public let index: Int?

    public init(_ setting: VirtualSetting, _ text: String, of index: Int?) {
      self.setting = setting
      self.text = text
      self.index = index
    }
  }

  /// Why an entry cannot be.
  public struct Fault: Error, Equatable {
    public enum Reason: Sendable {
      /// The text is not a value of the setting.
      case value
      /// A virtual function with this index will not exist.
      case index
      /// Two virtual functions cannot have one MAC address.
      case sharedAddress
    }

    public let reason: Reason
    /// Its place among the entries.
    public let place: Int
  }

  public let count: Int
  private var byIndex: [Int: [VirtualSetting: String]] = [:]

  /// None of them has a setting.
  public init(count: Int) { self.count = max(count, 0) }

  /// A later entry counts, not an earlier one.
  public init(count: Int, _ entries: [Entry]) throws(Fault) {
    self.init(count: count)
    for (place, entry) in entries.enumerated() {
      guard let value = entry.setting.value(entry.text) else { throw Fault(reason: .value, place: place) }
      if let index = entry.index, !indices.contains(index) { throw Fault(reason: .index, place: place) }
      if entry.index == nil, entry.setting == .mac, self.count != 1 {
        throw Fault(reason: .sharedAddress, place: place)
      }
      for index in entry.index.map({ $0..<$0 + 1 }) ?? indices { byIndex[index, default: [:]][entry.setting] = value }
    }
    var owners: [String: Int] = [:]
    for (place, entry) in entries.enumerated() where entry.setting == .mac {
      let index = entry.index ?? 0
      // All zeros: none of its own.
      guard let value = self[index][.mac], value == entry.setting.value(entry.text), value != "00:00:00:00:00:00"
      else { continue }
      guard owners[value, default: index] == index else { throw Fault(reason: .sharedAddress, place: place) }
      owners[value] = index
    }
  }

  public var indices: Range<Int> { 0..<count }

  /// None of them has a setting.
  public var isEmpty: Bool { byIndex.isEmpty }

  public subscript(index: Int) -> [VirtualSetting: String] { byIndex[index] ?? [:] }

  /// Those that have settings, by their index.
  public var sorted: [(index: Int, settings: [VirtualSetting: String])] {
    byIndex.sorted { $0.key < $1.key }.map { (index: $0.key, settings: $0.value) }
  }
}
