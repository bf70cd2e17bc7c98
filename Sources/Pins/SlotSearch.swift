import Host
import PCI

/// What was found of the pinned functions of one slot.
struct SlotResolution {
  let status: Resolution.Status
  var functions: [Address] = []
  let reason: String
  let evidence: [String]
  var concerned: [Address] = []

  init(
    _ status: Resolution.Status, _ reason: String = "", functions: [Address] = [], evidence: [String] = [],
    concerned: [Address] = []
  ) {
    self.status = status
    self.reason = reason
    self.functions = functions
    self.evidence = evidence
    self.concerned = concerned.isEmpty ? functions : concerned
  }
}

/// Looks for the pinned functions of one slot.
struct SlotSearch {
  /// Of one slot, at least one.
  let functions: [PinnedFunction]
  let pin: Pin
  let host: Host
  let places: Places
  let vpd: [Address: Fact<String>]

  func resolve() -> SlotResolution {
    let here = functions.map { atPlace($0) }
    let concerned = here.compactMap { $0 }
    if let slots = slotsWithSerial() {
      if slots.count == 1, let slot = slots.first {
        guard concerned.first?.slot == slot else { return elsewhere(slot, concerned) }
        let found = place(here)
        return stranger(among: found) ?? found
      }
      // On several slots the number says nothing any more: place and ids decide.
      if slots.count > 1 { return byPlaceAndIDs(here) }
      return withoutSerial(here)
    }
    return byPlaceAndIDs(here)
  }

  // MARK: Serial numbers

  /// Slots on which the numbers that were recorded stand now, as far as each stands anywhere; nil where none was recorded.
  private func slotsWithSerial() -> Set<Slot>? {
    let recorded = functions.filter(\.hasSerial)
    guard !recorded.isEmpty else { return nil }
    var common: Set<Slot>?
    for function in recorded {
      let slots = Set(alike(function).filter { serial(of: $0, is: function) == true }.map(\.address.slot))
      if !slots.isEmpty { common = common?.intersection(slots) ?? slots }
    }
    return common ?? []
  }

  /// Whether a function has the pinned one's serial numbers; nil where one could not be read.
  private func serial(of other: Function, is pinned: PinnedFunction) -> Bool? {
    var answer: Bool? = true
    let registers = places.serialNumber(of: other.address)
    for (wanted, found) in [
      (pinned.serialNumber, registers), (pinned.vpdSerialNumber, vpd[other.address] ?? .unknown),
    ] {
      guard let wanted else { continue }
      switch found {
      case .known(let text): if text != wanted { return false }
      case .absent: return false
      case .unknown: answer = nil
      }
    }
    return answer
  }

  /// The one slot that has the serial number is not where the pin says.
  private func elsewhere(_ slot: Slot, _ concerned: [Address]) -> SlotResolution {
    let found = functions.map { pinned in
      host.functions(inSlot: slot).first { $0.address.function == pinned.address.function && has(pinned, $0) }
    }
    let evidence = functions.filter(\.hasSerial).prefix(1).map { pinned in
      "\(slot): serial number \(pinned.serialNumber ?? pinned.vpdSerialNumber ?? "")"
    }
    guard pin.follow else {
      return SlotResolution(
        .mismatch, "the card with the pinned serial number is at \(slot), not at \(functions[0].slotPlace)",
        evidence: evidence, concerned: concerned + host.functions(inSlot: slot).map(\.address))
    }
    let addresses = found.compactMap { $0?.address }
    guard addresses.count == functions.count else {
      return SlotResolution(
        .mismatch, "the card with the pinned serial number is at \(slot), but lacks some of the pinned functions",
        evidence: evidence, concerned: host.functions(inSlot: slot).map(\.address))
    }
    return SlotResolution(
      .moved, "the card moved to \(slot), found by its serial number", functions: addresses, evidence: evidence)
  }

  /// The recorded number stands nowhere that could be seen.
  private func withoutSerial(_ here: [Address?]) -> SlotResolution {
    let found = byPlaceAndIDs(here)
    guard found.status.isFound else { return found }
    if let stranger = stranger(among: found) { return stranger }
    let unread = zip(functions, found.functions).filter { $0.0.hasSerial }.map { pinned, address in
      "/sys/bus/pci/devices/\(address)/\(pinned.serialNumber == nil ? "vpd" : "config"): not read"
    }
    return SlotResolution(
      .unverified, "place and ids match, but the serial number could not be read", functions: found.functions,
      evidence: unread)
  }

  /// A function at its place that has another serial number than the pinned one.
  private func stranger(among found: SlotResolution) -> SlotResolution? {
    for (pinned, address) in zip(functions, found.functions) where pinned.hasSerial {
      guard let function = host[address], serial(of: function, is: pinned) == false else { continue }
      let number = places.serialNumber(of: address).value ?? vpd[address]?.value
      return SlotResolution(
        .mismatch, "\(address) is another device of the same kind, with another serial number",
        evidence: [
          "\(address): serial number \(number ?? "none")",
          "pinned: \(pinned.serialNumber ?? pinned.vpdSerialNumber ?? "")",
        ], concerned: found.functions)
    }
    return nil
  }

  // MARK: Place and ids

  /// What stands at a pinned function's place now, whatever it is.
  private func atPlace(_ pinned: PinnedFunction) -> Address? {
    guard let path = pinned.path else { return host[pinned.address].map(\.address) }
    // A bus that virtual functions spilled over to hangs below the same port: then the pinned one is told by its ids.
    let there = places.functions(at: path).compactMap { host[$0] }
    let fitting = there.filter { has(pinned, $0) }
    if let found = fitting.first(where: { $0.address == pinned.address }) ?? fitting.first ?? there.first {
      return found.address
    }
    // A capture may not show where its functions stand.
    return host[pinned.address].flatMap { $0.topologyPath.isUnknown ? $0.address : nil }
  }

  /// The same kind of device, as far as both were read.
  private func has(_ pinned: PinnedFunction, _ function: Function) -> Bool { pinned.isOfSameKind(as: function) }

  /// Functions of the pinned one's kind, wherever they stand.
  private func alike(_ pinned: PinnedFunction) -> [Function] {
    places.functions(ofKind: pinned.id).compactMap { host[$0] }.filter { has(pinned, $0) }
  }

  /// Functions of the pinned one's kind at its place: two only where virtual functions fill more than one bus.
  private func twins(_ pinned: PinnedFunction) -> [Address] {
    guard let path = pinned.path else { return [] }
    return places.functions(at: path).filter { host[$0].map { has(pinned, $0) } ?? false }
  }

  /// Every function stands at its place, by its ids.
  private func stand(_ here: [Address?]) -> Bool {
    zip(functions, here).allSatisfy { pinned, address in
      address.flatMap { host[$0] }.map { has(pinned, $0) } ?? false
    }
  }

  private func byPlaceAndIDs(_ here: [Address?]) -> SlotResolution {
    if stand(here) { return place(here) }
    let others = slotsByIDs()
    if pin.match == .ids {
      if others.count == 1, let (slot, addresses) = others.first {
        return SlotResolution(
          .moved, "the only device of its kind is now at \(slot)", functions: addresses,
          evidence: ["\(slot): \(functions.map { "\($0.id)" }.joined(separator: " "))"])
      }
      if others.count > 1 {
        return SlotResolution(
          .ambiguous, "\(others.count) devices of its kind match",
          evidence: others.map { "\($0.0): \(functions.map { "\($0.id)" }.joined(separator: " "))" },
          concerned: others.flatMap(\.1))
      }
    }
    return notThere(here, others)
  }

  private func place(_ here: [Address?]) -> SlotResolution {
    let addresses = here.compactMap { $0 }
    guard stand(here) else { return notThere(here, []) }
    for pinned in functions where twins(pinned).count > 1 {
      return SlotResolution(
        .ambiguous, "two functions of the same kind are at \(pinned.path ?? "")",
        evidence: twins(pinned).map { "\($0): \(pinned.id)" }, concerned: addresses)
    }
    let isSame = zip(functions, addresses).allSatisfy { $0.address == $1 }
    return isSame
      ? SlotResolution(.inPlace, functions: addresses)
      : SlotResolution(
        .renumbered, "the buses have new numbers: \(functions[0].address) is now \(addresses[0])",
        functions: addresses, evidence: functions.map { "\($0.path ?? "")" })
  }

  private func notThere(_ here: [Address?], _ others: [(Slot, [Address])]) -> SlotResolution {
    let hints = others.map { "\($0.0) is of the same kind, and nothing says that it is the pinned one" }
    for (pinned, address) in zip(functions, here) {
      guard let address, let function = host[address], !has(pinned, function) else { continue }
      let isUnknown = function.vendorID.isUnknown || function.deviceID.isUnknown
      return SlotResolution(
        .mismatch,
        isUnknown
          ? "the ids of \(address) could not be read"
          : "another device is at its place: \(address) is \(function.id.map { "\($0)" } ?? "?"), not the pinned \(pinned.id)",
        evidence: ["\(pinned.slotPlace): \(address)"] + hints, concerned: here.compactMap { $0 })
    }
    let gone = zip(functions, here).filter { $0.1 == nil }.map(\.0)
    return SlotResolution(
      .absent,
      "\(gone.map { "\($0.address) (\($0.id))" }.joined(separator: ", ")) \(gone.count == 1 ? "does" : "do") not exist",
      evidence: gone.map { "\($0.path ?? "\($0.address)"): nothing" } + hints, concerned: here.compactMap { $0 })
  }

  /// Slots that have all of the pinned functions by their ids, each with those.
  private func slotsByIDs() -> [(Slot, [Address])] {
    let slots = Set(alike(functions[0]).map(\.address.slot)).sorted()
    return slots.compactMap { slot in
      let there = host.functions(inSlot: slot)
      let found = functions.compactMap { pinned in
        there.first { $0.address.function == pinned.address.function && has(pinned, $0) }?.address
      }
      return found.count == functions.count ? (slot, found) : nil
    }
  }
}
