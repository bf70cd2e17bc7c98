import Operations
import PCI

extension Rendering {
  /// Elements for libvirt. `refusals`: codes of what `check` would refuse, where libvirt takes the functions by itself.
  public init(xml: String, of set: [Address], refusals: [String], as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        json.key("functions")
        json.values(set.map(\.description))
        json.key("xml")
        json.value(xml)
      }
    } else {
      text(xml)
    }
    if refusals.isEmpty { return }
    progress(
      "hostdev: with managed='yes' libvirt binds them when the guest starts, but check refuses that: \(refusals.joined(separator: ", "))\n"
        + "  next:  hostdev check \(set.map(\.description).joined(separator: " "))")
  }

  /// libvirt's node devices.
  public init(_ devices: NodeDevices) {
    self.init()
    for document in devices.documents { text(document) }
    if let failure = devices.failure { progress(failure) }
  }
}
