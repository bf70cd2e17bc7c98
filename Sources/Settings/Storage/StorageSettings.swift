import Sysfs

/// Everything that says which devices the host uses, whether it does or not.
public struct StorageSettings: Sendable {
  public let entries: [StorageEntry]
  public let unread: [Unread]

  public init(reading sysfs: any Sysfs) {
    var files = SettingFiles(sysfs)
    entries =
      Fstab.read(&files) + MountUnits.read(&files) + Crypttab.read(&files) + MDArrays.read(&files)
      + ResumeDevice.read(&files)
      + StorageArguments.read(sysfs)
    unread = files.unread
  }
}
