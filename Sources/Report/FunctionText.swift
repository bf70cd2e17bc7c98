import Host
import PCI
import PCINames

/// Vendor and device by name, and the ids as lspci -nn puts them.
func describe(_ function: Function, _ names: FunctionNames) -> String {
  let ids =
    "[\(function.vendorID.text { hexText($0, digits: 4) }):\(function.deviceID.text { hexText($0, digits: 4) })]"
  return [names.vendor, names.device, ids].compactMap { $0 }.joined(separator: " ")
}

extension Fact {
  /// For a person: the value, `-` where there is none, `?` where it is not known.
  func text(_ format: (Value) -> String) -> String {
    switch self {
    case .known(let value): format(value)
    case .absent: "-"
    case .unknown: "?"
    }
  }
}
