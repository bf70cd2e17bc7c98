import Host
import PCI

/// Which functions stand at each place in the topology, looked up many times on a host of thousands.
public struct Places: Sendable {
  private var functions: [String: [Address]] = [:]

  /// `host` must know the topology path of every function.
  public init(_ host: Host) {
    for function in host.functions {
      if let path = function.topologyPath.value { functions[path, default: []].append(function.address) }
    }
  }

  /// More than one only where virtual functions fill a second bus.
  func functions(at path: String) -> [Address] { functions[path] ?? [] }
}
