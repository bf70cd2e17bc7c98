/// `UUID=…` as one spelling of several: the tag's name and the digits of a UUID are not case sensitive. A path stays.
public func deviceTag(_ text: String) -> String {
  guard !text.hasPrefix("/"), let equals = text.firstIndex(of: "=") else { return text }
  let tag = text[..<equals].uppercased()
  return tag == "UUID" || tag == "PARTUUID" ? tag + text[equals...].lowercased() : tag + text[equals...]
}

/// `ARRAY=` and the 32 hex digits of an md array's UUID, which mdadm and udev write with different marks between.
public func arrayTag(_ uuid: some StringProtocol) -> String? {
  let digits = uuid.lowercased().filter(\.isHexDigit)
  return digits.utf8.count == 32 ? "ARRAY=\(digits)" : nil
}
