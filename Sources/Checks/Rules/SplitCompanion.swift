import Host
import PCI

/// What belongs together beyond group and reset: a GPU and its audio, USB and UCSI functions, and device-link consumers,
/// which the kernel unbinds with their supplier.
struct SplitCompanion: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    var reported: Set<Slot> = []
    return situation.candidates.flatMap { function -> [Finding] in
      let left = Self.companions(of: function, in: situation.host).filter { !situation.set.contains($0.address) }
      guard !left.isEmpty, reported.insert(function.address.slot).inserted else { return [] }
      return [
        Finding(
          .splitCompanion, .error, on: left.map(\.address),
          message:
            "\(left.map { "\($0.address)" }.joined(separator: ", ")) \(left.count == 1 ? "belongs" : "belong") with \(function.address). If they are split between host and guest, their drivers disturb each other.",
          evidence: left.map { other in
            other.consumers.contains(function.address)
              ? "/sys/bus/pci/devices/\(function.address)/supplier:pci:\(other.address)"
              : function.consumers.contains(other.address)
                ? "/sys/bus/pci/devices/\(function.address)/consumer:pci:\(other.address)"
                : "\(other.address): class \(other.classCode.value.map(\.description) ?? "?") beside a display function"
          },
          remedy: situation.remedy(with: left.map(\.address)))
      ]
    }
  }

  static func companions(of function: Function, in host: Host) -> [Function] {
    guard function.physicalFunction.value == nil else { return [] }
    var found = function.consumers.compactMap { host[$0] }
    // Its suppliers, of which the kernel knows it to be a consumer: unbound on the host, they take it from the guest.
    found += host.functions(onBus: function.address.segment).filter { other in
      other.consumers.contains(function.address) && !found.contains { $0.address == other.address }
    }
    let slot = host.functions(inSlot: function.address.slot)
    if slot.contains(where: { $0.classCode.value?.isDisplay ?? false }),
      host.isRootBus(function.address.segment).value != true
    {
      found += slot.filter { other in
        guard let code = other.classCode.value, other.address != function.address,
          !found.contains(where: { $0.address == other.address })
        else { return false }
        return code.isDisplay || code.isAudio || code.isUSBController || code.subclass == 0x0c80
      }
    }
    return found.filter { $0.isEndpoint && !VFIODriver.isVFIO($0.driver.value ?? "") }
  }
}
