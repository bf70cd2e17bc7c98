import Host
import PCI

/// What a function does for the host's own chipset or processor. VFIO passes most of its registers to the guest as they
/// are (`unassigned_perms` of drivers/vfio/pci/vfio_pci_config.c), and they decode the host's addresses, route its
/// interrupts or write its flash.
enum ChipsetFunction: String, Sendable {
  case isaBridge = "ISA, LPC or eSPI bridge"
  case bridge = "bridge"
  case memory = "memory controller"
  case interruptController = "interrupt controller (I/O APIC)"
  case timer = "timer or clock"
  case iommu = "IOMMU"
  case errorCollector = "event collector"
  case systemManagement = "system management function"
  case smbus = "SMBus controller"
  case serialBus = "serial bus controller (I2C or SPI, also of the firmware's flash)"
  case securityProcessor = "security processor"
  case managementEngine = "management engine"
  case telemetry = "performance counter or trace hub"
}

extension ChipsetFunction {
  /// Nil of any other function: of a card, or of one that the chipset has for a guest as well as for the host (USB, audio,
  /// network, disks, graphics).
  init?(_ function: Function, in host: Host) {
    guard let code = function.classCode.value, function.isEndpoint, function.physicalFunction.value == nil else {
      return nil
    }
    let vendor = function.vendorID.value
    // AMD's and Hygon's, which is behind an internal bridge.
    if code.subclass == 0x1080, let vendor, Self.processorMakers.contains(vendor) {
      self = .securityProcessor
      return
    }
    // A card is behind a port. Bus 0 of a capture that does not show its root buses is one.
    let segment = function.address.segment
    guard host.isRootBus(segment).value ?? (segment.number == 0) else { return nil }
    if let vendor, Self.emulated.contains(vendor), code.subclass != 0x0601 { return nil }
    if vendor == 0x8086, let device = function.deviceID.value, Self.isAccelerator(device) { return nil }
    guard let role = Self.role(code) ?? (vendor == 0x8086 ? Self.intelsRole(code, function.address) : nil) else {
      return nil
    }
    self = role
  }

  private static func role(_ code: ClassCode) -> Self? {
    switch code.subclass {
    case 0x0601, 0x0602, 0x0603: .isaBridge
    case 0x0680: .bridge
    // 0502 is memory of a CXL device.
    case 0x0500, 0x0501, 0x0580: .memory
    case 0x0800: .interruptController
    case 0x0802, 0x0803: .timer
    case 0x0806: .iommu
    case 0x0807: .errorCollector
    // 0805 is a controller of SD cards.
    case 0x0801, 0x0804, 0x0880: .systemManagement
    case 0x0c05: .smbus
    case 0x0c80: .serialBus
    default: nil
    }
  }

  private static func intelsRole(_ code: ClassCode, _ address: Address) -> Self? {
    switch code.subclass {
    case 0x0780: .managementEngine
    // Its serial line is beside it: device 16h, and 3 on chipsets before 2010.
    case 0x0700: [0x03, 0x16].contains(address.device) ? .managementEngine : nil
    case 0x1101, 0x1300: .telemetry
    default: nil
    }
  }

  private static let processorMakers: Set<UInt16> = [0x1022, 0x1d94]

  /// QEMU's and virtio's own: `ivshmem` is of class 0500, `pvpanic` of class 0880.
  private static let emulated: Set<UInt16> = [0x1af4, 0x1b36, 0x1234]

  /// Engines of Intel's processors for DMA and analytics (QuickData, DSA, IAX), which user space drives through VFIO, and
  /// for neural networks (GMM, GNA).
  private static func isAccelerator(_ device: UInt16) -> Bool {
    switch device {
    case 0x0b00, 0x0b25, 0x0cfe, 0x1212, 0x1216, 0x2021, 0x0c50...0x0c53, 0x6f50...0x6f53: true
    // Channels 0 to 7, and two more; 28 to 2d are system management.
    case 0x0e20...0x0e27, 0x0e2e, 0x0e2f, 0x2f20...0x2f27, 0x2f2e, 0x2f2f, 0x3c20...0x3c27, 0x3c2e, 0x3c2f,
      0x6f20...0x6f27, 0x6f2e, 0x6f2f:
      true
    case 0x1911, 0x3190, 0x4511, 0x464f, 0x5911, 0x8a11, 0x9a11, 0xa74f: true
    case 0x3429...0x342c, 0x3430...0x3433, 0x360b, 0x402f, 0x1a38: true
    default: false
    }
  }
}
