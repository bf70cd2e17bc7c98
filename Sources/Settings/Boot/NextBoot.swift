/// Which entry boots next, and why.
///
/// What counts is that entry, not the sum of all: a menu keeps old kernels, rescue systems and other generations.
public struct NextBoot: Sendable, Equatable {
  public enum Loader: String, Sendable, Equatable {
    case grub = "GRUB"
    /// `blscfg`: the menu is the files in `loader/entries`.
    case grubEntries = "GRUB with boot loader entries"
    case systemdBoot = "systemd-boot"
  }

  public enum Choice: Sendable, Equatable {
    /// Because of a setting, given with its place, or of the loader's order.
    case entry(BootEntry, reason: String)
    case unknown(reason: String)
    /// No menu is there to be read.
    case unseen
  }

  /// Nil if none, or more than one, is there.
  public var loader: Loader?
  /// In the order of the menu.
  public var entries: [BootEntry] = []
  public var choice = Choice.unseen
  /// More entries may be there, which could not be read.
  public var isIncomplete = false

  public init() {}

  public var entry: BootEntry? { if case .entry(let entry, _) = choice { entry } else { nil } }

  /// Those that may boot next.
  public var candidates: [BootEntry] { entry.map { [$0] } ?? entries.filter(\.isLinux) }

  /// What it gets for certain: the arguments of that entry, or those that every entry has.
  public var certain: [BootArgument] {
    if let entry { return entry.arguments }
    guard let first = candidates.first else { return [] }
    return first.arguments.filter { argument in candidates.allSatisfy { $0.has(argument.word) } }
  }

  /// What only some of those entries have, of which it is not known which boots.
  public var possible: [BootArgument] {
    let certain = certain
    return candidates.flatMap(\.arguments).filter { !certain.has($0.word) }
  }
}
