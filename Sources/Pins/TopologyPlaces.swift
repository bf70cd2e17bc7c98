import Host
import PCI

/// What many pins are looked up by on a host of thousands: place in the topology, ids, and serial number.
public struct Places: Sendable {
  private var functions: [String: [Address]] = [:]
  private var kinds: [DeviceID: [Address]] = [:]
  private var serials: [Address: Fact<String>] = [:]

  /// `host` must know the topology path of every function; serial numbers are known of those whose registers it has.
  public init(_ host: Host) {
    for function in host.functions {
      if let path = function.topologyPath.value { functions[path, default: []].append(function.address) }
      if let id = function.id { kinds[id, default: []].append(function.address) }
      if !function.configuration.isUnknown {
        serials[function.address] = function.configuration.flatMap(\.serialNumber)
      }
    }
  }

  /// More than one only where virtual functions fill a second bus.
  func functions(at path: String) -> [Address] { functions[path] ?? [] }

  /// In the order of addresses.
  func functions(ofKind id: DeviceID) -> [Address] { kinds[id] ?? [] }

  func serialNumber(of address: Address) -> Fact<String> { serials[address] ?? .unknown }
}
