import Host
import Sysfs

/// Reads what the boot loaders of this host have, and finds out which of them counts.
struct BootReader {
  private(set) var next = NextBoot()
  private(set) var defaults: [BootArgument] = []
  private(set) var unknown: [BootArgument] = []
  private(set) var menuFile: String?
  private(set) var files: [String] = []
  private(set) var texts: [String: String] = [:]

  init(_ settings: inout SettingFiles) {
    let grub = GRUBDefaults.files(&settings)
    let kernel = KernelInstallFile.files(&settings)
    let grubWords = GRUBDefaults.words(grub)
    let grubArguments = grubWords.arguments
    let kernelArguments = kernel.flatMap { KernelInstallFile.arguments($0.text, $0.path) }
    let found = GRUBFolder(grub, &settings)
    let entries = LoaderEntries(&settings, variable: found.value)
    let variables = LoaderVariables(&settings)
    let choice = LoaderChoice(entries, variables, reading: &settings)
    let hasOther = LoaderChoice.isThere(settings.sysfs) || !found.isThere
    let loader = LoaderEvidence(
      info: variables.info, commandLine: KernelCommandLine.read(settings.sysfs).value ?? [], hasGRUB: found.isThere,
      hasGRUBDefaults: !grub.isEmpty, hasSystemdBoot: hasOther && !entries.all.isEmpty,
      hasKernelInstall: !kernel.isEmpty
    ).loader
    next.loader = loader == .grub && found.usesFiles ? .grubEntries : loader
    // What may be made of them, if the entries themselves are not to be seen.
    var makers = [Self.unmade(grub, grubArguments), Self.unmade(kernel, kernelArguments)].compactMap { $0 }
    switch next.loader {
    case .grub, .grubEntries:
      let menu = found.choice(GRUBDefaults.setting("GRUB_DEFAULT", grub), entries.all)
      next.entries = menu.entries
      next.choice = menu.choose()
      if let reason = found.trouble ?? (found.usesFiles && entries.isUnread ? "a boot loader entry" : nil) {
        next.choice = .unknown(reason: "\(reason) could not be read")
      }
      defaults = grubArguments + (next.loader == .grubEntries ? kernelArguments : [])
      makers = makers.filter { $0.arguments.first?.loader == .grub }
    case .systemdBoot:
      next.entries = choice.sorted
      next.choice = choice.choose()
      defaults = kernelArguments
      makers = makers.filter { $0.arguments.first?.loader == .kernelInstall }
    case nil:
      next.entries = found.choice(nil, []).entries + entries.all
      defaults = grubArguments + kernelArguments
      if !next.entries.isEmpty || makers.count > 1 {
        let other = variables.info.map { "\($0) starts this host, whose menu hostdev does not read" }
        next.choice = .unknown(reason: other ?? "GRUB and systemd-boot are both set up")
      }
    }
    if next.loader != .systemdBoot { unknown = grubWords.unknown }
    next.isIncomplete = found.trouble != nil || entries.isUnread
    // With none of the entries in sight it is one of two: what the file says, or what it said before.
    if case .unknown = next.choice, next.entries.isEmpty {
      next.entries = makers.count == 1 ? makers + [Self.blank] : makers
    }
    for (path, text) in grub + kernel { texts[path] = text }
    texts.merge(entries.texts) { $1 }
    menuFile = found.path
    files = (grub + kernel).map(\.path) + entries.all.map(\.place.file) + [found.path].compactMap { $0 }
  }

  private static func unmade(_ files: [(path: String, text: String)], _ arguments: [BootArgument]) -> BootEntry? {
    guard let path = files.first?.path, !arguments.isEmpty else { return nil }
    var entry = BootEntry(path, at: SourceLine(path, nil, text: path))
    entry.arguments = arguments
    entry.isLinux = true
    return entry
  }

  private static var blank: BootEntry {
    var entry = BootEntry("", at: SourceLine("", nil, text: ""))
    entry.isLinux = true
    return entry
  }
}
