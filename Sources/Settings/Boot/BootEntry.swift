import Host

/// One entry of a boot loader's menu.
public struct BootEntry: Sendable, Equatable {
  /// What the loader's settings name it by: a file's name, or GRUB's id of a menu entry.
  public var id: String
  public var title = ""
  /// The file, and the line of a menu that has several.
  public var place: SourceLine
  public var arguments: [BootArgument] = []
  /// It starts a Linux kernel: no other loader, firmware or system.
  public var isLinux = false
  /// The kernel's release, if the entry has it.
  public var version = ""
  /// Its last initramfs, below the file system that has the entry.
  public var initrd = ""
  var sortKey: String?
  var machine = ""
  /// Boots that are left before the entry counts as bad; nil if they are not counted.
  var triesLeft: Int?
  /// The script of `/etc/grub.d` that wrote it.
  public var maker = ""

  init(_ id: String, at place: SourceLine) {
    self.id = id
    self.place = place
  }

  /// Made of the host's defaults, which an entry that was written by hand is not.
  public var isMadeOfDefaults: Bool { maker.isEmpty || maker.contains("_linux") }

  public func has(_ word: String) -> Bool { arguments.has(word) }
}
