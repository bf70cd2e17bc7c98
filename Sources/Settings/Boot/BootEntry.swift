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
  /// The unified image that it names, below the file system that has the entry.
  var image = ""
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

  /// Of a file of the Boot Loader Specification: `NAME+LEFT-DONE.conf` counts the boots that are left to be tried.
  init(file path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    self.init(name, at: SourceLine(path, nil, text: name))
    guard let dot = name.lastIndex(of: "."), let plus = name[..<dot].lastIndex(of: "+"),
      let left = Int(name[name.index(after: plus)..<dot].prefix { $0 != "-" })
    else { return }
    id = String(name[..<plus]) + name[dot...]
    triesLeft = left
  }

  /// Made of the host's defaults, which an entry that was written by hand is not.
  public var isMadeOfDefaults: Bool { maker.isEmpty || maker.contains("_linux") }

  public func has(_ word: String) -> Bool { arguments.has(word) }
}
