import Host
import Sysfs

/// The command line of `kernel-install(8)`, of Proxmox's tool, and of the makers of unified images.
enum KernelInstallFile {
  /// The first that is there counts.
  private static let paths = ["/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"]
  /// mkinitcpio's and others', beside it.
  private static let folder = "/etc/cmdline.d"

  static func files(_ files: inout SettingFiles) -> [(path: String, text: String)] {
    var found: [(path: String, text: String)] = []
    for path in paths where found.isEmpty {
      if let text = files.text(path) { found.append((path, text)) }
    }
    for name in files.names(folder) where name.hasSuffix(".conf") {
      if let text = files.text("\(folder)/\(name)") { found.append(("\(folder)/\(name)", text)) }
    }
    return found
  }

  static func arguments(_ text: String, _ path: String) -> [BootArgument] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
      words(line.prefix { $0 != "#" }).map {
        BootArgument($0, source: SourceLine(path, number + 1, text: String(line)), loader: .kernelInstall)
      }
    }
  }
}
