/// The one command that a plan runs: `ip link set dev NAME vf K mac|vlan|spoofchk|trust VALUE`, of iproute2. A dry run
/// shows its words, and these words are executed.
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

  /// What a record says is not run at its word.
  public var isSound: Bool {
    VirtualPlace.isInterface(interface) && (0...Int(UInt16.max)).contains(index) && setting.isSound(value)
  }
}
