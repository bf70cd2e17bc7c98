import PCI

/// Who waits while a write waits for a holder: the locks that the kernel keeps meanwhile.
extension Kernel {
  /// The device lock: an unbind keeps that of its function, and taking VFs away that of their PF.
  func waitForLock(_ device: SimulatedDevice) throws(Refusal) {
    if let waited = lockedFor(device.address) { throw .waits(waited) }
  }

  /// The held function that the owner of this one's device lock waits for; nil if the lock is free.
  func lockedFor(_ address: Address) -> Address? {
    hidden.pending(address) != nil || hidden.isProbing(address) ? address : hidden.leaving(address)
  }

  /// True while a process holds the function that the device lock's owner waits for, or while its probe runs.
  func isLocked(_ address: Address) -> Bool {
    lockedFor(address).map { hidden.isHeld($0) || hidden.isProbing($0) } ?? false
  }

  /// Attributes that the kernel answers under the device lock: as measured on Debian's 6.1.192 and 6.12.117, see the
  /// contract. `config`, `reset_method`, `power_state` and the like are answered all the same.
  func isReadUnderLock(_ attribute: String) -> Bool {
    switch attribute {
    case "sriov_numvfs": true
    case "driver_override": overrideTakesLock
    case "uevent": ueventTakesLock
    default: false
    }
  }

  /// `pci_lock_rescan_remove`: one lock for the whole host, held while a function is removed from the bus.
  func waitForBus(_ own: Address? = nil) throws(Refusal) {
    for address in hidden.allLeaving where address != own {
      if let waited = hidden.leaving(address) { throw .waits(waited) }
    }
  }

  /// Does `body`, which takes this function or its VFs off the bus, and notes whom it waits for.
  func leaving(_ device: SimulatedDevice, _ body: () throws(Refusal) -> Void) throws(Refusal) {
    do throws(Refusal) { try body() } catch {
      if case .waits(let waited) = error { try hidden.setLeaving(device.address, waitsFor: waited) }
      throw error
    }
    try hidden.setLeaving(device.address, waitsFor: nil)
  }
}
