import PCI
import Pins
import System

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

  /// `hostdev=off` on the kernel's command line turns off what would happen by itself, and not what is asked for by hand.
  /// What was taken already is still given back.
  func isTurnedOff(_ root: Root) -> Bool {
    switch self {
    case .now, .noRoot: false
    case .early, .boot, .verify, .appeared, .driven:
      ((try? root.read("/proc/cmdline")) ?? []).split { $0 == 0x20 || $0 == 0x0a }
        .contains { $0.elementsEqual("hostdev=off".utf8) }
    }
  }
}

extension PinFolder {
  /// Whether any pin has a function of this one's kind: udev asks for every function, and hardly any is pinned.
  func mayMean(_ address: Address, _ root: Root) -> Bool {
    func id(_ name: String) -> UInt16? {
      guard let bytes = try? root.read("/sys/bus/pci/devices/\(address)/\(name)") else { return nil }
      return parseHex(String(decoding: bytes.filter { $0 != 0x0a }, as: UTF8.self), as: UInt16.self)
    }
    guard let vendor = id("vendor"), let device = id("device") else { return false }
    let listing = all()
    return !listing.isFolderUsable
      || listing.pins.contains { pin in pin.functions.contains { $0.vendorID == vendor && $0.deviceID == device } }
  }
}
