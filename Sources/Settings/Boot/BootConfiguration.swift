import Sysfs

/// What the next boot is configured to be.
public struct BootConfiguration: Sendable, Equatable {
  /// The entry that boots next.
  public var next = NextBoot()
  /// Arguments of the files that someone edits and that entries are made of.
  public var defaults: [BootArgument] = []
  /// Words of theirs of which a part is known at no time but when they are read.
  public var unknown: [BootArgument] = []
  /// `grub.cfg`, if there is one.
  public var menuFile: String?
  /// Files with command lines that were found, in the order in which they count.
  public var files: [String] = []
  /// The texts of those that someone edits.
  public var texts: [String: String] = [:]
  /// The initramfs of each kernel that is installed.
  public var images: [InitramfsPlace] = []
  /// hostdev's own script for GRUB's menu, which adds entries without pins; nil if it is not installed.
  public var scriptWithoutPins: String?
  /// What this host has to change them.
  public var tools = BootTools()

  /// Those of them, and of modprobe's files, that another program makes.
  public var generated: [String: GeneratedFile] = [:]
  /// Words of the defaults that are not to get into the entries by the way, as something else is changed.
  public var unwanted: [String] = []

  public init() {}

  /// Reads the files that configure kernel arguments, and which images there are.
  init(_ files: inout SettingFiles) {
    let reader = BootReader(&files)
    next = reader.next
    defaults = reader.defaults
    unknown = reader.unknown
    menuFile = reader.menuFile
    self.files = reader.files
    texts = reader.texts
    let modprobe = files.files(in: ModprobeFiles.folders, ending: ".conf").filter { $0.hasPrefix("/etc/") }
    generated = GeneratedFile.read(texts.keys + modprobe, &files)
    for entry in next.entries where entry.place.file.hasSuffix(".conf") && !entry.version.isEmpty {
      if !entry.initrd.isEmpty { add(InitramfsPlace(kernel: entry.version, path: entry.initrd)) }
    }
    for place in files.names("/boot").compactMap({ InitramfsPlace(boot: $0) }) { add(place) }
    scriptWithoutPins = ["/etc/grub.d/41_hostdev"].first(where: files.sysfs.exists)
    tools = BootTools(for: next, menu: menuFile, reading: &files)
  }

  mutating func add(_ place: InitramfsPlace) {
    if !images.contains(place) { images.append(place) }
  }

  /// What the next boot gets as far as files tell: of the entry that boots, or of what entries are made of if none of
  /// those can be seen.
  public var promised: [BootArgument] { next.choice == .unseen ? defaults : next.certain }

  /// What it gets if another entry boots than the one that is likely.
  public var possible: [BootArgument] { next.choice == .unseen ? [] : next.possible }

  /// Whether anything tells what the next boot will get.
  public var isKnown: Bool { !files.isEmpty }

  /// Lines that an administrator edits: entries only if nothing makes them.
  public var edited: [BootArgument] {
    defaults + next.candidates.flatMap(\.arguments).filter { $0.loader == .entry }
  }

  /// What the loader's own files have.
  public var made: [BootArgument] { next.candidates.flatMap(\.arguments) }

  /// The entries that boot are made of the defaults anew by `tools`; else they are the administrator's, or another
  /// tool's.
  public var makesEntries: Bool {
    switch next.loader {
    case .grub: !defaults.isEmpty || files.contains(GRUBDefaults.path)
    // But for SUSE's, which makes them of `/etc/kernel/cmdline`.
    case .grubEntries: tools.editor == .files && defaults.contains { $0.loader == .kernelInstall }
    case .systemdBoot, nil: defaults.contains { $0.loader == .kernelInstall }
    }
  }

  /// The words of a file with another text, for an edit that is tried before it is printed.
  public func words(of file: String, reading text: String) -> BootWords {
    if file.hasPrefix(GRUBDefaults.path) {
      return GRUBDefaults.words(
        files.filter { $0.hasPrefix(GRUBDefaults.path) }.map { ($0, $0 == file ? text : texts[$0] ?? "") })
    }
    var words = BootWords()
    words.arguments =
      file.contains("/loader/entries/")
      ? LoaderEntries.entry(text, file, partition: "").arguments : KernelInstallFile.arguments(text, file)
    return words
  }
}
