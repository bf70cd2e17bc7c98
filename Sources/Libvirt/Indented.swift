/// Lines of XML, two spaces a level, as libvirt's buffers write them.
struct Indented {
  private(set) var text = ""
  private var depth = 0

  mutating func line(_ content: String) { text += String(repeating: "  ", count: depth) + content + "\n" }

  mutating func element(_ name: String, attributes: String = "", content: (inout Indented) -> Void) {
    line(attributes.isEmpty ? "<\(name)>" : "<\(name) \(attributes)>")
    depth += 1
    content(&self)
    depth -= 1
    line("</\(name)>")
  }
}
