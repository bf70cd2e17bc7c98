/// What the next boot is configured to be.
public struct BootConfiguration: Sendable, Equatable {
  public var arguments: [BootArgument] = []
  /// `/boot/grub/grub.cfg` or `/boot/grub2/grub.cfg`, if it has command lines of its own.
  public var grubMadeFile: String?
  /// The command that brings an edit of GRUB's defaults into effect.
  public var grubUpdate = "update-grub"
  /// The command that brings an edit of `/etc/kernel/cmdline` into effect.
  public var kernelInstallUpdate = #"kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)""#
  /// The initramfs of each kernel that is installed.
  public var images: [InitramfsPlace] = []
  /// Files with command lines that were found, in the order in which they count.
  public var files: [String] = []

  public init() {}

  /// Reads the files that configure kernel arguments, and which images there are.
  init(_ files: inout SettingFiles) {
    GRUBFiles.read(&files, into: &self)
    KernelInstallFile.read(&files, into: &self)
    LoaderEntries.read(&files, into: &self)
    for place in files.names("/boot").compactMap({ InitramfsPlace(boot: $0) }) { add(place) }
  }

  mutating func add(_ place: InitramfsPlace) {
    if !images.contains(place) { images.append(place) }
  }

  /// Arguments that someone can edit, not those that are made of others.
  public var edited: [BootArgument] { arguments.filter { $0.loader != .grubMade } }
  public var made: [BootArgument] { arguments.filter { $0.loader == .grubMade } }

  /// Whether anything tells what the next boot will get.
  public var isKnown: Bool { !files.isEmpty }

  /// What brings an edit into effect; nil if the file itself is what gets read.
  public func update(after loader: BootFile) -> String? {
    switch loader {
    case .grub, .grubMade: grubUpdate
    case .kernelInstall: kernelInstallUpdate
    case .entry: nil
    }
  }
}
