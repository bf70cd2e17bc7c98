import Sysfs

/// Which system this is, of `os-release(5)`: that decides which tools it has.
public struct Distribution: Sendable, Equatable {
  /// `ID`: `arch`, `fedora`, `nixos`; empty if there is no such file.
  public let id: String
  private let family: Set<String>

  init(_ files: inout SettingFiles) {
    let text = files.text("/etc/os-release") ?? files.text("/usr/lib/os-release") ?? ""
    let fields = Self.fields(text)
    id = fields["ID"] ?? ""
    family = Set(words(fields["ID_LIKE"] ?? "") + [id])
  }

  init() {
    id = ""
    family = []
  }

  /// It is this one, or like it.
  func isLike(_ names: String...) -> Bool { !family.isDisjoint(with: names) }

  /// What a file of this form says, without the quotes.
  static func fields(_ text: String) -> [String: String] {
    var found: [String: String] = [:]
    for assignment in ShellAssignment.read(text, file: "") {
      let value = assignment.words.map(\.text).joined(separator: " ")
      if !value.isEmpty { found[assignment.name] = value }
    }
    return found
  }
}
