/// Path arithmetic on the host's own absolute paths; no link is looked at.

func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
  return String(path[..<slash])
}

/// The absolute path that a link at `path` means; `..` above the root stays there, as the kernel has it.
func resolved(_ path: String, _ text: String) -> String {
  var parts = text.hasPrefix("/") ? [] : parent(of: path).split(separator: "/")
  for part in text.split(separator: "/") where part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

/// Whether a relative link goes up more often than there are folders.
func climbs(_ path: String, _ text: String) -> Bool {
  var depth = parent(of: path).split(separator: "/").count
  for part in text.split(separator: "/") where part != "." {
    depth += part == ".." ? -1 : 1
    if depth < 0 { return true }
  }
  return false
}

/// A link's text from `path` to an absolute path.
func relative(_ path: String, _ target: String) -> String {
  let from = parent(of: path).split(separator: "/")
  let to = target.split(separator: "/")
  let shared = zip(from, to).prefix { $0 == $1 }.count
  let parts = Array(repeating: "..", count: from.count - shared) + to[shared...].map(String.init)
  return parts.isEmpty ? "." : parts.joined(separator: "/")
}
