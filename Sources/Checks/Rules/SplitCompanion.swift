import Host
import PCI

/// What belongs together beyond group and reset: a graphics card's own audio, USB and UCSI functions, and functions with
/// a device link, of which the kernel unbinds the consumer with its supplier.
///
/// Functions of one slot need not be of one card: an APU has the chip's own USB and audio beside its graphics, and a
/// management controller has a display of another maker. What is the card's has the vendor of its display function.
struct SplitCompanion: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    var reported: Set<[Address]> = []
    return situation.candidates.flatMap { function -> [Finding] in
      let left = situation.host.movable(
        Self.companions(of: function, in: situation.host).filter { !situation.set.contains($0.address) },
        with: situation.set)
      guard !left.isEmpty, reported.insert(left.map(\.address)).inserted else { return [] }
      return [
        Finding(
          .splitCompanion, .error, on: left.map(\.address),
          message:
            "\(left.map { "\($0.address)" }.joined(separator: ", ")) \(left.count == 1 ? "belongs" : "belong") with \(function.address). If they are split between host and guest, their drivers disturb each other.",
          evidence: left.map { Self.evidence(function, $0) },
          remedy: situation.completingRemedy)
      ]
    }
  }

  private static func evidence(_ function: Function, _ other: Function) -> Finding.Evidence {
    let folder = "/sys/bus/pci/devices/\(function.address)"
    if function.suppliers.contains(other.address) || other.consumers.contains(function.address) {
      return "\(folder)/supplier:pci:\(other.address)"
    }
    if function.consumers.contains(other.address) || other.suppliers.contains(function.address) {
      return "\(folder)/consumer:pci:\(other.address)"
    }
    let vendor = other.vendorID.value.map { ", vendor \(hexText($0, digits: 4))" } ?? ""
    return "\(other.address): class \(other.classCode.value.map(\.description) ?? "?")\(vendor), of the same card"
  }

  /// In the order of addresses; none of them on a VFIO driver already.
  static func companions(of function: Function, in host: Host) -> [Function] {
    guard function.physicalFunction.value == nil else { return [] }
    let found = Set(linked(to: function, in: host) + GraphicsCard.parts(beside: function, in: host).map(\.address))
    return found.sorted().compactMap { host[$0] }.filter { $0.isEndpoint && !$0.isOnVFIO }
  }

  /// Both ends of its device links. A capture may show only one end's.
  private static func linked(to function: Function, in host: Host) -> [Address] {
    let others = host.functions(onBus: function.address.segment).filter {
      $0.consumers.contains(function.address) || $0.suppliers.contains(function.address)
    }
    return function.consumers + function.suppliers + others.map(\.address)
  }
}
