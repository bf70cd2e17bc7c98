import PCI

/// A libvirt network that hands functions out: `<forward mode='hostdev'>`.
public struct ForwardedNetwork: Sendable {
  public var name = ""
  /// `managed='yes'`: libvirt detaches a function from the host as a domain takes it.
  public var isManaged = false
  /// `<pf dev='eth3'/>`: any VF of this interface; with its line.
  public var physical: [(interface: String, line: Int)] = []
  /// `<address …/>`: these.
  public var functions: [Address] = []
  /// Of the `<forward>`, from 1.
  public var line = 1
}

/// Nil if the network forwards in another way.
public func readForwardedNetwork(_ bytes: [UInt8], name: String) throws(XMLError) -> ForwardedNetwork? {
  if bytes.count > 10_000_000 { throw XMLError(file: name, line: 1, column: 1, reason: "longer than 10 MB") }
  let reader = NetworkReader()
  do throws(ParseFailure) { try parse(bytes, reader) } catch {
    throw XMLError(file: name, line: error.line, column: error.column, reason: error.reason)
  }
  return reader.isHostdev ? reader.network : nil
}

private final class NetworkReader: ElementHandler {
  private(set) var network = ForwardedNetwork()
  private(set) var isHostdev = false
  private var open: [String] = []
  private var line = 1

  func at(line: Int) { self.line = line }

  func start(_ name: String, _ attributes: [String: String]) throws(ElementError) {
    if open.count == 64 { throw ElementError("elements are nested more than 64 deep") }
    if name == "forward", open.last == "network" {
      isHostdev = attributes["mode"] == "hostdev"
      network.isManaged = attributes["managed"] == "yes"
      network.line = line
    }
    if open.last == "forward", isHostdev {
      if name == "pf", let device = attributes["dev"] { network.physical.append((device, line)) }
      if name == "address", attributes["type", default: "pci"] == "pci" {
        network.functions.append(try libvirtAddress(attributes))
      }
    }
    open.append(name)
  }

  func end() throws(ElementError) { open.removeLast() }
}
