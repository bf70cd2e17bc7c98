import Host
import System

extension ModprobeLine {
  /// Whether it counts for this module, spelled with underscores. kmod looks for commands and soft dependencies by
  /// `fnmatch(3)`, for anything else by the name.
  public func isFor(_ name: String) -> Bool {
    switch command {
    case .blacklist, .options: module == name
    case .install, .softdep: WildcardPattern(module).matches(name)
    }
  }
}
