import Host

/// The one command that a plan runs: `ip link set dev NAME vf K mac|vlan|spoofchk|trust VALUE`, of iproute2.
public struct LinkCommand: Sendable, Equatable {
  public let interface: String
  public let index: Int
  public let setting: VirtualSetting
  public let value: String

  public init(interface: String, index: Int, setting: VirtualSetting, value: String) {
    self.interface = interface
    self.index = index
    self.setting = setting
    self.value = value
  }

  /// As `execve` takes it.
  public var words: [String] {
    ["ip", "link", "set", "dev", interface, "vf", "\(index)", setting.keyword]
      + value.split(separator: " ").map(String.init)
  }

  public var text: String { words.joined(separator: " ") }

  /// Nil for everything else: what a record says is not run at its word.
  public init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count > 8, words[..<4] == ["ip", "link", "set", "dev"], words[5] == "vf", let index = UInt16(words[6]),
      let setting = VirtualSetting(keyword: words[7]), VirtualPlace.isInterface(words[4])
    else { return nil }
    self.init(
      interface: words[4], index: Int(index), setting: setting, value: words[8...].joined(separator: " "))
    guard setting.isSound(value), self.text == text else { return nil }
  }
}
