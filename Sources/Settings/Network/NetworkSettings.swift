import Sysfs

/// What ifupdown, netplan, NetworkManager and systemd-networkd are told of interfaces.
public struct NetworkSettings: Sendable {
  /// Of the first three: all that fit an interface count.
  public let settings: [InterfaceSetting]
  /// networkd's, of which an interface gets the first that fits.
  public let exclusive: [InterfaceSetting]
  public let namesByPath: [NameByPath]
  public let unread: [Unread]

  public init(reading sysfs: any Sysfs) {
    var files = SettingFiles(sysfs)
    settings =
      Ifupdown.settings(&files) + NetplanFiles.settings(&files) + NetworkManagerFiles.settings(&files)
    exclusive = NetworkdFiles.settings(&files)
    namesByPath = NetworkdFiles.namesByPath(&files)
    unread = files.unread
  }
}
