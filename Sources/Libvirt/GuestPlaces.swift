import Host
import PCI

/// The place at which a guest sees a function.
struct GuestPlace: Equatable {
  let address: Address
  /// Function 0 of a slot that has others: without the mark a guest does not look for them.
  let isMultifunction: Bool
}

/// Gives the functions of a set their places in a guest; nil leaves one to libvirt.
///
/// - The functions of one card go to one slot under their own numbers. In a set without function 0 the lowest
///   becomes it: guests ignore a slot without function 0.
/// - A virtual function is a card of its own, whatever its number: it depends on none of its neighbours.
/// - The next card goes to the next bus, same slot: behind a PCI Express port there is one slot. On bus 0, to the
///   next slot.
func guestPlaces(
  of functions: [Function], guest: Address?, separate: Bool
) throws(HostdevError) -> [Address: GuestPlace] {
  var places: [Address: GuestPlace] = [:]
  var next = guest ?? HostdevOptions.defaultGuest
  if next.domain > 0xffff { throw .domainTooLarge(next) }
  var isFirst = true
  for card in cards(functions, separate: separate) {
    guard let lowest = card.first, guest != nil || card.count > 1 else { continue }
    if !isFirst {
      guard let following = slot(after: next) else { throw .noGuestPlace(lowest) }
      next = following
    }
    isFirst = false
    if card.count == 1 {
      places[lowest] = GuestPlace(address: next, isMultifunction: false)
      continue
    }
    guard next.function == 0 else { throw .guestFunctionNotZero(next) }
    for function in card {
      let number = function == lowest ? 0 : function.function
      let place = Address(domain: next.domain, routingID: next.routingID | UInt16(number))
      places[function] = GuestPlace(address: place, isMultifunction: number == 0)
    }
  }
  return places
}

/// The set in the order of addresses, parted into what must share a guest slot.
private func cards(_ functions: [Function], separate: Bool) -> [[Address]] {
  var cards: [[Address]] = []
  var slots: [Slot: Int] = [:]
  for function in functions.sorted(by: { $0.address < $1.address }) {
    let address = function.address
    if !separate, function.physicalFunction.value == nil {
      if let card = slots[address.slot] {
        cards[card].append(address)
        continue
      }
      slots[address.slot] = cards.count
    }
    cards.append([address])
  }
  return cards
}

private func slot(after place: Address) -> Address? {
  if place.bus == 0 { return Address(domain: place.domain, bus: 0, device: place.device + 1, function: 0) }
  guard place.bus < .max else { return nil }
  return Address(domain: place.domain, bus: place.bus + 1, device: place.device, function: 0)
}
