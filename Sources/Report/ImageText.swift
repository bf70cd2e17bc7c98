import Operations
import PCI
import Pins

extension Rendering {
  /// What `image` put into a tree.
  public init(_ content: ImageContent, as format: Format) {
    self.init()
    let essential = content.essential.map(\.description)
    if format.isJSON {
      json { json in
        write(content.summary, to: &json)
        json.key("pins")
        json.values(content.pins)
        json.key("footing")
        json.values(essential)
      }
      return
    }
    text("pins: \(content.pins.isEmpty ? "none" : content.pins.joined(separator: " "))\n")
    text("the host needs: \(essential.isEmpty ? "?" : essential.joined(separator: " "))\n")
  }

  /// What `image --list` says of an image.
  public init(_ listing: ImageListing, of path: String, as format: Format) {
    self.init()
    if format.isJSON { json { listing.write(path, to: &$0) } } else { text(listing.text) }
  }
}

extension ImageListing {
  fileprivate var text: String {
    let isBare = hasProgram ? "" : "# the image does not contain hostdev: its pins are applied after it\n"
    return isBare + pins.map(\.line).joined()
      + lacking.map { "# the image lacks pin \(printable($0))\n" }.joined()
  }

  fileprivate func write(_ path: String, to json: inout JSONWriter) {
    json.key("image")
    json.value(path)
    json.key("has_program")
    json.value(hasProgram)
    json.key("has_footing")
    json.value(hasEssentialFunctions)
    json.key("pins")
    json.array { json in
      for pin in pins {
        json.object { json in
          json.key("name")
          json.value(pin.name)
          json.key("is_current")
          json.value(pin.isCurrent)
        }
      }
    }
    json.key("lacking")
    json.values(lacking)
  }
}

extension ImageListing.ImagePin {
  fileprivate var line: String {
    let now = isDeclared ? "  (differs from \(PinFolder.file(name)))" : "  (no longer declared)"
    return "\(printable(name))\(isCurrent ? "" : now)\n"
  }
}
