import Host
import Libvirt
import Operations
import PCI
import PCINames

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

  /// libvirt's node devices, up to the first that cannot be written.
  public init(nodeDevices functions: [Function], in host: Host, names: Names) {
    var documents: [String] = []
    var failure: Diagnostic?
    for function in functions where failure == nil {
      let known = names.names(of: function)
      do {
        documents.append(
          try nodeDeviceXML(function, in: host, vendorName: known.vendor, productName: known.device))
      } catch {
        failure = Diagnostic(
          .malformed, "cannot write node-device XML: \(error)", path: "/sys/bus/pci/devices/\(function.address)",
          next: "to see what is known: hostdev show \(function.address)")
      }
    }
    self.init(failure?.status ?? .done)
    for document in documents { text(document) }
    if let failure { progress(failure) }
  }
}
