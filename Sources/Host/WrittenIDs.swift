import PCI

extension ClaimedID {
  /// Everything in a text that has the form of an entry, `10de:1e87` or longer, whatever stands between: what was meant by
  /// a line that its program reads otherwise.
  public static func written(in text: some StringProtocol) -> [ClaimedID] {
    text.split { !($0.isHexDigit || $0 == ":" || $0 == "x" || $0 == "X") }.compactMap { token in
      let fields = token.split(separator: ":", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("0x") || $0.hasPrefix("0X") ? $0.dropFirst(2) : $0 }
      guard (2...6).contains(fields.count),
        fields.prefix(2).allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isHexDigit) })
      else { return nil }
      return ClaimedID(token)
    }
  }

  /// `0000:01:00.0` and `01:00.0`, where ids belong.
  public static func addresses(in text: some StringProtocol) -> [Address] {
    text.split { !($0.isHexDigit || $0 == ":" || $0 == ".") }.compactMap { token in
      Address(token.filter { $0 == ":" }.count == 1 ? "0000:\(token)" : String(token))
    }
  }

  /// The text is nothing else: `10de:1e87,10de:10f8`.
  public static func isList(_ text: some StringProtocol) -> Bool {
    let entries = text.split(separator: ",")
    return !entries.isEmpty && entries.allSatisfy { written(in: $0).first?.description == String($0) }
  }
}
