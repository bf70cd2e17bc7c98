/// Text as XML takes it, inside quotes and between tags alike.
///
/// Line breaks and tabs as references, since an attribute's reader turns them into spaces; characters that XML 1.0
/// has no way to say are left out, as libvirt does.
func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result.append(contentsOf: "&amp;".unicodeScalars)
    case "<": result.append(contentsOf: "&lt;".unicodeScalars)
    case ">": result.append(contentsOf: "&gt;".unicodeScalars)
    case "'": result.append(contentsOf: "&apos;".unicodeScalars)
    case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
    case "\t", "\n", "\r": result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
    default: if isAllowedInXML(scalar) { result.append(scalar) }
    }
  }
  return String(result)
}

/// The `Char` production of XML 1.0.
func isAllowedInXML(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0a, 0x0d, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
  default: false
  }
}
