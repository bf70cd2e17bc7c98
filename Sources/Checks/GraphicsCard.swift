import Host
import PCI

/// Which functions are parts of one graphics card.
enum GraphicsCard {
  /// The other parts of the card that this function is a part of; none if it is not a part of one.
  static func parts(beside function: Function, in host: Host) -> [Function] {
    // The processor's own graphics has no card.
    guard isPart(function), host.isRootBus(function.address.segment).value != true else { return [] }
    let virtual = Set(host.functions(inSlot: function.address.slot).flatMap(\.virtualFunctions))
    if function.physicalFunction.value != nil || virtual.contains(function.address) { return [] }
    let slot = host.functions(inSlot: function.address.slot).filter { other in
      other.address != function.address && isPart(other) && isSameVendor(other, function)
        && other.physicalFunction.value == nil && !virtual.contains(other.address)
    }
    let hasDisplay = function.isDisplay || slot.contains(where: \.isDisplay)
    return (hasDisplay ? slot : []) + behindSwitch(of: function, in: host)
  }

  /// Drivers of these talk to each other: display, audio, USB, and the USB-C controller (UCSI, 0c80).
  private static func isPart(_ function: Function) -> Bool {
    guard let code = function.classCode.value else { return false }
    return code.isDisplay || code.isAudio || code.isUSBController || code.subclass == 0x0c80
  }

  private static func isSameVendor(_ one: Function, _ other: Function) -> Bool {
    guard let first = one.vendorID.value, let second = other.vendorID.value else { return true }
    return first == second
  }

  /// A card with a switch of its own has its audio behind another port of that switch (Intel Arc).
  private static func behindSwitch(of function: Function, in host: Host) -> [Function] {
    guard let buses = switchBuses(above: function, in: host) else { return [] }
    let wanted: (Function) -> Bool = { function.isDisplay ? $0.isAudio : function.isAudio && $0.isDisplay }
    let domain = function.address.domain
    return buses.filter { $0 != function.address.bus }.flatMap {
      host.functions(onBus: Bus(domain: domain, number: $0))
    }
    .filter { other in
      wanted(other) && other.vendorID.value == function.vendorID.value && other.physicalFunction.value == nil
    }
  }

  /// Buses below the topmost port above the function that is of its vendor and no root port.
  private static func switchBuses(above function: Function, in host: Host) -> ClosedRange<UInt8>? {
    guard let vendor = function.vendorID.value, let path = function.devicePath.value else { return nil }
    var top: Function?
    // Without the function itself, and without the root port, which is the host's.
    for port in path.split(separator: "/").compactMap({ Address($0) }).dropFirst().dropLast().reversed() {
      guard let bridge = host[port], bridge.vendorID.value == vendor else { break }
      top = bridge
    }
    guard let top, let buses = top.configuration.flatMap(\.bridgeBuses).or(top.bridgeBuses).value,
      buses.secondary <= buses.subordinate
    else { return nil }
    return buses.secondary...buses.subordinate
  }
}

extension Function {
  fileprivate var isDisplay: Bool { classCode.value?.isDisplay ?? false }
  fileprivate var isAudio: Bool { classCode.value?.isAudio ?? false }
}
