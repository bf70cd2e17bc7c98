/// Undoes the octal escapes (`\040`) with which the kernel and `fstab(5)` write blanks in paths.
func unescaped(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), rest.count >= 3,
      let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// `UUID=…` as one spelling of several: the tag's name and the digits of a UUID are not case sensitive. A path stays.
func deviceTag(_ text: String) -> String {
  guard !text.hasPrefix("/"), let equals = text.firstIndex(of: "=") else { return text }
  let tag = text[..<equals].uppercased()
  return tag == "UUID" || tag == "PARTUUID" ? tag + text[equals...].lowercased() : tag + text[equals...]
}
