import Host
import Libvirt
import PCI

/// Functions as libvirt's node devices, up to the first that cannot be written.
public struct NodeDevices {
  /// One XML document per function.
  public internal(set) var documents: [String] = []
  public internal(set) var failure: Diagnostic?

  public var status: ExitStatus { failure?.status ?? .done }
}

extension Workspace {
  /// `names`: of the vendor and the product; nil if unknown. `wakes`: configuration space of sleeping functions is read
  /// too, which powers them up.
  public func nodeDevices(
    _ set: [Address], wakes: Bool, names: (Function) -> (vendor: String?, product: String?)
  ) -> NodeDevices {
    detail(set, wake: wakes)
    var devices = NodeDevices()
    for function in set.compactMap({ host[$0] }) where devices.failure == nil {
      let known = names(function)
      do throws(NodeDeviceError) {
        devices.documents.append(
          try nodeDeviceXML(function, in: host, vendorName: known.vendor, productName: known.product))
      } catch {
        devices.failure = Diagnostic(
          .malformed, "cannot write node-device XML: \(error)", path: "/sys/bus/pci/devices/\(function.address)",
          next: "to see what is known: hostdev show \(function.address)")
      }
    }
    return devices
  }
}
