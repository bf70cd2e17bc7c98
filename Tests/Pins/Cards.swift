import Host
import PCI
import Testing

@testable import Pins

/// One card of a made host.
struct Card {
  /// `0000:01:00`.
  let slot: String
  /// `0000:00/01.0/00`, without the function's number.
  let place: String
  var ids: [(UInt16, UInt16)] = [(0x10ee, 0x5000), (0x10ee, 0x5001)]
  /// Of every function; nil: no such register.
  var serial: String? = nil
  /// Configuration space cannot be read.
  var isAsleep = false

  var functions: [Function] {
    ids.enumerated().compactMap { number, id in
      guard let address = Address("\(slot).\(number)") else { return nil }
      var function = Function(address: address)
      function.vendorID = .known(id.0)
      function.deviceID = .known(id.1)
      function.subsystemVendorID = .known(id.0)
      function.subsystemDeviceID = .known(0x000e)
      function.classCode = .known(ClassCode(0x120000))
      function.devicePath = .known(devicePath(of: "\(place).\(number)", address))
      if !isAsleep { function.configuration = .known(registers(serial)) }
      return function
    }
  }

  /// A path below `/sys/devices` that means the place: ports get made-up buses.
  private func devicePath(of place: String, _ address: Address) -> String {
    let parts = place.split(separator: "/")
    let ports = parts.dropFirst().dropLast().enumerated().map { "0000:\($0 == 0 ? "00" : "7\($0)"):\($1)" }
    return (["/sys/devices/pci\(parts[0])"] + ports + ["\(address)"]).joined(separator: "/")
  }
}

/// Registers with the serial number in their extended part.
func registers(_ serial: String?) -> ConfigurationSpace {
  var bytes = [UInt8](repeating: 0, count: 4096)
  bytes[0x06] = 0x10
  bytes[0x34] = 0x40
  bytes[0x40] = 0x10
  bytes[0x42] = 0x02
  guard let serial else { return ConfigurationSpace(bytes) }
  let number = serial.split(separator: "-").compactMap { UInt8($0, radix: 16) }
  bytes.replaceSubrange(0x100..<0x104, with: [0x03, 0, 0x01, 0])
  // The low word stands first, and in it the low byte.
  bytes.replaceSubrange(0x104..<0x10c, with: number.reversed())
  return ConfigurationSpace(bytes)
}

func host(_ cards: [Card]) -> Host {
  Host(functions: cards.flatMap(\.functions), groups: [:], groupsReadable: true, rootBuses: .unknown)
}

/// A pin of one card as this host has it.
func pin(_ card: Card, on host: Host, match: Pin.Match = .path, follow: Bool = false) -> Pin {
  Pin(
    name: "card", match: match, follow: follow,
    functions: card.functions.map { function in
      PinnedFunction(
        address: function.address, path: function.topologyPath.value, vendorID: function.vendorID.value ?? 0,
        deviceID: function.deviceID.value ?? 0, subsystemVendorID: function.subsystemVendorID.value,
        subsystemDeviceID: function.subsystemDeviceID.value, classCode: function.classCode.value,
        serialNumber: host[function.address]?.countingSerial(in: host))
    })
}
