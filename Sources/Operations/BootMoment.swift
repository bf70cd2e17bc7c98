import Inventory
import PCI
import Pins
import Settings
import Sysfs

/// At what moment of a boot `apply` runs. The checks and the writes are the same at each; what differs is what can be seen,
/// what it is run for, and where it is told.
public enum BootMoment: Equatable, Sendable {
  /// By hand.
  case now
  /// In an initramfs, before modules are loaded.
  case early
  /// Before guests are started.
  case boot
  /// Once the network is up.
  case verify
  /// In an initramfs, where the root device does not appear.
  case noRoot
  /// This function has just appeared.
  case appeared(Address)
  /// This function has just got its driver.
  case driven(Address)

  /// What an earlier run of this boot knew is enough; `verify` is there to look again.
  var trustsRecords: Bool { self == .now || self == .boot }

  /// What is looked at has the driver that it gets from the host: not in an initramfs, and not when it just appeared.
  var hasDrivers: Bool {
    switch self {
    case .now, .boot, .verify, .noRoot, .driven: true
    case .early, .appeared: false
    }
  }

  /// The one function that udev reports.
  public var subject: Address? {
    switch self {
    case .appeared(let address), .driven(let address): address
    case .now, .early, .boot, .verify, .noRoot: nil
    }
  }

  /// What turns off what would happen by itself, and not what is asked for by hand: `hostdev=off` on the kernel's command
  /// line, or that this is the kernel that writes a dump after a crash, to a disk or over a network that a pin may have.
  /// What was taken already is still given back.
  func turnedOff(_ sysfs: any Sysfs) -> TurnedOff? {
    switch self {
    case .now, .noRoot: return nil
    case .early, .boot, .verify, .appeared, .driven:
      if KernelCommandLine.read(sysfs).value?.contains(where: KernelCommandLine.turnsOff) ?? false { return .argument }
      // fs/proc/vmcore.c makes it in such a kernel alone.
      return sysfs.exists("/proc/vmcore") ? .crashKernel : nil
    }
  }

  public enum TurnedOff: Sendable, Equatable {
    case argument, crashKernel
  }
}

extension PinFolder {
  /// Whether any pin has a function of this one's kind: udev asks for every function, and hardly any is pinned.
  func mayMean(_ address: Address, _ sysfs: any Sysfs) -> Bool {
    guard let function = Scanner(sysfs).identity(of: address), let vendor = function.vendorID.value,
      let device = function.deviceID.value
    else { return false }
    let listing = all()
    return !listing.isFolderUsable
      || listing.pins.contains { pin in pin.functions.contains { $0.vendorID == vendor && $0.deviceID == device } }
  }
}
