/// A line of grub.cfg in words, as GRUB's own script language splits it.
enum GRUBLine {
  /// `variable`: the value of `$NAME`, in whose text an unquoted blank ends a word.
  static func words(_ line: some StringProtocol, variable: (String) -> String) -> [String] {
    var found: [String] = []
    var word: String?
    var quote: Character?
    var rest = Substring(line)
    func end() {
      if let whole = word { found.append(whole) }
      word = nil
    }
    while let character = rest.popFirst() {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == "\\", quote != "'", let next = rest.popFirst() {
        word = (word ?? "") + (quote != nil && !"\"$\\".contains(next) ? "\\\(next)" : String(next))
      } else if character == "$", quote != "'", let name = name(&rest) {
        for piece in variable(name) {
          if quote == nil, piece == " " || piece == "\t" { end() } else { word = (word ?? "") + String(piece) }
        }
      } else if quote == nil, character == " " || character == "\t" || character == ";" {
        end()
      } else if quote == nil, word == nil, character == "#" {
        break
      } else {
        word = (word ?? "") + String(character)
      }
    }
    end()
    return found
  }

  /// `NAME` or `{NAME}` at the beginning; nil if there is none.
  private static func name(_ rest: inout Substring) -> String? {
    let isBraced = rest.first == "{"
    let text = isBraced ? rest.dropFirst() : rest
    let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    if name.isEmpty || isBraced && text.dropFirst(name.count).first != "}" { return nil }
    rest = text.dropFirst(name.count + (isBraced ? 1 : 0))
    return String(name)
  }
}
