import Host
import PCI

extension Pin {
  /// Who the pin's functions are on this host: by serial number where that counts, else by place and ids together, by ids
  /// alone only where the pin allows it and one device fits.
  ///
  /// `host` must know the topology path of every function, and configuration space of those that have the ids of a
  /// function with a serial number. `places`: those of the same host, for who resolves many pins. `vpd`: serial numbers of
  /// vital product data, of the same functions.
  public func resolve(in host: Host, places: Places? = nil, vpd: [Address: Fact<String>] = [:]) -> Resolution {
    let places = places ?? Places(host)
    var found: [Address] = []
    var concerned: [Address] = []
    var worst = SlotResolution(.inPlace)
    for slot in slots {
      let resolution = SlotSearch(functions: slot, pin: self, host: host, places: places, vpd: vpd).resolve()
      found += resolution.functions
      concerned += resolution.concerned
      if resolution.status > worst.status { worst = resolution }
    }
    if worst.status.isFound, Set(found).count != functions.count {
      worst = SlotResolution(.ambiguous, "two functions of the pin match the same function of the host")
    }
    return Resolution(
      status: worst.status, functions: worst.status.isFound ? found : [], reason: worst.reason,
      evidence: worst.evidence, concerned: Set(concerned).sorted())
  }

  /// The pin's functions, those of one slot together: a card moves with all that is on it.
  private var slots: [[PinnedFunction]] {
    var slots: [[PinnedFunction]] = []
    for function in functions {
      if slots.last?.last?.slotPlace == function.slotPlace {
        slots[slots.count - 1].append(function)
      } else {
        slots.append([function])
      }
    }
    return slots
  }
}

extension PinnedFunction {
  /// Its place without the function's number.
  var slotPlace: String { path.map(slotPath) ?? "\(address.slot)" }
}

/// `0000:00/01.0/00` of `0000:00/01.0/00.0`.
func slotPath(_ path: String) -> String { String(path.dropLast(2)) }

/// Serial numbers that say nothing: cheap cards have nothing but zeros or ones.
public enum SerialNumber {
  public static func counts(_ text: String) -> Bool {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
    guard let first = digits.first else { return false }
    let isFiller = first == UInt8(ascii: "0") || first == UInt8(ascii: "f") || first == UInt8(ascii: "F")
    return !(isFiller && digits.allSatisfy { $0 | 0x20 == first | 0x20 })
  }
}
