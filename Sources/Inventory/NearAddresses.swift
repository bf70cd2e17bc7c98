import Host
import PCI

/// What is near to a place, an id or a group. A place with another number is another place, so it takes more than a likeness.
extension Resolver {
  /// Another function of the device; the one device of the bus; the same place in another domain, or on the bus with its
  /// digits exchanged.
  func near(_ address: Address) -> Candidate? {
    let siblings = host.functions(inSlot: address.slot).map(\.address)
    let sibling = siblings.min { $0.distance(to: address) < $1.distance(to: address) }
    if let found = sibling ?? near(address.slot, having: address.function) {
      return Candidate(text: "\(found)", functions: [found])
    }
    return nil
  }

  func near(_ slot: Slot) -> Candidate? {
    near(slot, having: nil).map { found in
      Candidate(text: "\(found.slot)", functions: host.functions(inSlot: found.slot).map(\.address))
    }
  }

  /// `function`: nil for any.
  private func near(_ slot: Slot, having function: UInt8?) -> Address? {
    func found(_ address: Address) -> Bool { function.map { $0 == address.function } ?? true }
    let neighbours = host.functions(onBus: Bus(domain: slot.domain, number: slot.bus)).map(\.address)
    if Set(neighbours.map(\.slot)).count == 1 { return neighbours.first(where: found) ?? neighbours.first }
    let exchanged = slot.bus >> 4 | slot.bus << 4
    return host.functions.map(\.address).first { address in
      guard address.device == slot.device, found(address) else { return false }
      return address.bus == slot.bus || (address.domain == slot.domain && address.bus == exchanged)
    }
  }

  /// The same vendor's, with one digit another; or the two in the other order.
  func near(_ id: DeviceID) -> Candidate? {
    let ids = host.functions.compactMap(\.id)
    let own = ids.filter { $0.vendor == id.vendor }
    let device = suggestion(for: hexText(id.device, digits: 4), among: own.map { hexText($0.device, digits: 4) })
    let exchanged = DeviceID(vendor: id.device, device: id.vendor)
    guard
      let found = own.first(where: { hexText($0.device, digits: 4) == device })
        ?? (ids.contains(exchanged) ? exchanged : nil)
    else { return nil }
    return Candidate(text: "\(found)", functions: host.functions.filter { $0.id == found }.map(\.address))
  }

  /// The one before or after it: any two groups of a host look alike.
  func near(group number: Int) -> Candidate? {
    guard let found = host.groups.keys.sorted().first(where: { abs($0 - number) == 1 }) else { return nil }
    return Candidate(text: "group:\(found)", functions: host.functions(inGroup: found).map(\.address))
  }
}

extension Address {
  /// Between functions of one device.
  fileprivate func distance(to other: Address) -> Int { abs(Int(function) - Int(other.function)) }
}
