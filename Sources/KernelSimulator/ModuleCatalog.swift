import Host
import PCI

/// What `lib/modules/RELEASE` and modprobe.d of the capture say about modules.
struct ModuleCatalog: Sendable {
  private let tree: Tree
  private let table = AliasTable()

  init(_ tree: Tree) { self.tree = tree }

  /// Folder of the running release; of the only one there is if the capture does not say which runs.
  var folder: String? {
    let all = "/lib/modules"
    if let release = tree.text("/proc/sys/kernel/osrelease"), tree.exists("\(all)/\(release)") {
      return "\(all)/\(release)"
    }
    if let words = tree.text("/proc/version")?.split(separator: " "), words.count > 2, tree.exists("\(all)/\(words[2])")
    {
      return "\(all)/\(words[2])"
    }
    let names = tree.names(all)
    return names.count == 1 ? "\(all)/\(names[0])" : nil
  }

  /// An alias of the module fits this modalias.
  func module(_ module: String, takes modalias: String) -> Bool {
    aliases(of: module).contains { AliasPattern($0.utf8).matches(Array(modalias.utf8)) }
  }

  /// The module has an alias for PCI functions, or replaces vfio-pci for some.
  func isPCIDriver(_ module: String) -> Bool { !aliases(of: module).isEmpty }

  private func aliases(of module: String) -> [Substring] {
    table.patterns(of: module) { folder.flatMap { tree.text("\($0)/modules.alias") } }
  }

  /// `modules.dep` or `modules.builtin` lists it.
  func mentions(_ module: String) -> Bool { path(of: module) != nil }

  /// Modules that have to be loaded before it.
  func dependencies(of module: String) -> [String] {
    guard let line = path(of: module), let colon = line.firstIndex(of: ":") else { return [] }
    return line[line.index(after: colon)...].split(separator: " ").map(Self.name)
  }

  private func path(of module: String) -> Substring? {
    guard let folder else { return nil }
    for file in ["modules.dep", "modules.builtin"] {
      let lines = (tree.text("\(folder)/\(file)") ?? "").split(separator: "\n")
      if let line = lines.first(where: { Self.name($0.prefix { $0 != ":" }) == module }) { return line }
    }
    return nil
  }

  /// `kernel/drivers/net/e1000e.ko.xz` is `e1000e`.
  private static func name(_ path: Substring) -> String {
    ModuleNames.spelled(path.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? "")
  }

  /// Lines of modprobe.d that begin with this word and name this module, without both.
  func configuration(_ word: String, _ module: String) -> [String] {
    ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"].flatMap { folder in
      tree.names(folder).filter { $0.hasSuffix(".conf") }.flatMap { name in
        (tree.text("\(folder)/\(name)") ?? "").split(separator: "\n").compactMap { line -> String? in
          let words = line.split(whereSeparator: \.isWhitespace)
          guard words.count > 2, words[0] == word, ModuleNames.spelled(words[1]) == module else { return nil }
          return words[2...].joined(separator: " ")
        }
      }
    }
  }
}
