import Host
import PCI
import Sysfs

/// Memory of a set that the kernel runs on: CXL regions and dax devices on the driver `kmem`, virtio-mem, and whatever
/// `/proc/iomem` shows as System RAM inside them.
struct MemoryArea {
  private let sysfs: any Sysfs
  private let regions: CXLRegions

  init(_ sysfs: any Sysfs) {
    self.sysfs = sysfs
    regions = CXLRegions(sysfs)
  }

  /// Adds what stands below the CXL regions of each function: dax devices and persistent memory. They are not below the
  /// function itself.
  func addDevices(to functions: inout [FunctionWithDevices]) {
    for place in functions.indices {
      let function = functions[place]
      for memory in function.memoryDevices {
        for region in regions.all where regions.uses(region, memory.name) == true {
          functions[place].devices += ChildDevices(sysfs: sysfs).devices(
            below: regions.folder(of: region), chain: memory.chain + [region])
        }
      }
    }
  }

  func gather(_ functions: [FunctionWithDevices], into usage: inout Usage) {
    let concerned = functions.filter {
      $0.isCXLMemory || $0.devices.contains(where: Self.mayBeMemory) || $0.hasCoherentMemory
    }
    guard !concerned.isEmpty else { return }
    let iomem = IOMemory(sysfs)
    for function in concerned {
      let found = uses(of: function, iomem)
      usage.uses += found
      guard found.isEmpty, let reason = doubt(function, iomem) else { continue }
      usage.unknown.append(UnknownUse(function: function.address, area: .memory, reason: reason))
    }
  }

  /// Dax devices on `kmem` that are neither a CXL region's nor below a PCI function: soft-reserved memory that the
  /// firmware told of (`hmem`), which may be a CXL device's.
  private var unassigned: [String] {
    let bus = "/sys/bus/dax/devices"
    return sysfs.names(in: bus).filter { name in
      guard (try? sysfs.linkName("\(bus)/\(name)/driver")) == "kmem",
        let place = try? sysfs.linkTarget("\(bus)/\(name)")
      else { return false }
      return !place.split(separator: "/").contains { $0.hasPrefix("region") || Address($0) != nil }
    }
  }

  private static func mayBeMemory(_ device: ChildDevice) -> Bool {
    ["cxl", "dax", "nd", "virtio"].contains(device.subsystem)
  }

  private func uses(of function: FunctionWithDevices, _ iomem: IOMemory?) -> [Use] {
    let named = function.devices.filter(Self.mayBeMemory)
    var found = named.filter { $0.subsystem == "dax" && (try? sysfs.linkName("\($0.path)/driver")) == "kmem" }
      .map { use($0.name, of: function, chain: $0.chain) }
    guard let iomem, found.isEmpty else { return found }
    // Regions have no device of their own in the list.
    let inRegions = function.memoryDevices.flatMap { memory in
      regions.all.filter { regions.uses($0, memory.name) == true }.map { (name: $0, chain: memory.chain + [$0]) }
    }
    if let name = managed(by: function, iomem), functions(on: function.function.driver.value).count == 1 {
      return [use(name, of: function, chain: ["\(function.address)"])]
    }
    for (name, chain) in named.map({ ($0.name, $0.chain) }) + inRegions where iomem.isSystemRAM(name) {
      found.append(use(name, of: function, chain: chain))
    }
    return found
  }

  /// Memory that the function's driver has given to the kernel under its own name: `System RAM (NVIDIA)` of a GPU that is
  /// coherent with the processor (Grace Hopper). It is in no resource of the function.
  private func managed(by function: FunctionWithDevices, _ iomem: IOMemory) -> String? {
    guard function.hasCoherentMemory, let driver = function.function.driver.value else { return nil }
    return iomem.resources.first { $0.name.lowercased() == "system ram (\(driver.lowercased()))" }?.name
  }

  private func functions(on driver: String?) -> [String] {
    driver.map { sysfs.names(in: "/sys/bus/pci/drivers/\($0)").filter { Address($0) != nil } } ?? []
  }

  private func use(_ name: String, of function: FunctionWithDevices, chain: [String]) -> Use {
    let region = chain.first { $0.hasPrefix("region") && $0.dropFirst("region".utf8.count).allSatisfy(\.isNumber) }
    return Use(.memory(device: name, region: region == name ? nil : region), of: function.address, chain: chain)
  }

  /// Why memory in use may have been missed.
  private func doubt(_ function: FunctionWithDevices, _ iomem: IOMemory?) -> String? {
    if let iomem, let name = managed(by: function, iomem) {
      return "/proc/iomem: \(name), and several functions are on \(function.function.driver.value ?? "?")"
    }
    guard function.isCXLMemory, !function.function.isSetAside else { return nil }
    let windows = iomem?.windowsInUse ?? []
    if let window = windows.first {
      return "/proc/iomem: \(window) has System RAM, and no region shows of which memory device"
    }
    if let device = unassigned.first {
      return "/sys/bus/dax/devices/\(device) is System RAM, and nothing shows of which memory device"
    }
    guard function.isHostDriven else {
      return iomem == nil ? "/proc/iomem could not be read" : nil
    }
    if !regions.isShown { return "/sys/bus/cxl/devices could not be read" }
    guard !function.memoryDevices.isEmpty else { return "\(function.path) shows no memory device of the CXL bus" }
    for memory in function.memoryDevices {
      for region in regions.all {
        switch regions.uses(region, memory.name) {
        case false: continue
        case true: if iomem == nil { return "/proc/iomem could not be read, and \(region) uses \(memory.name)" }
        default:
          if iomem?.isSystemRAM(region) ?? true {
            return "\(region) may use \(memory.name): /sys/bus/cxl/devices/\(region)/target* could not be read"
          }
        }
      }
    }
    return nil
  }
}

extension FunctionWithDevices {
  /// It may have: NVIDIA's driver alone gives a GPU's memory to the kernel.
  fileprivate var hasCoherentMemory: Bool {
    function.driver.value == "nvidia" && function.classCode.value?.isDisplay == true && !function.isSetAside
  }

  /// A CXL memory device by its class, 0502.
  fileprivate var isCXLMemory: Bool { function.classCode.value?.subclass == 0x0502 || !memoryDevices.isEmpty }

  /// `mem0` of the CXL bus.
  fileprivate var memoryDevices: [ChildDevice] {
    devices.filter { $0.subsystem == "cxl" && $0.name.hasPrefix("mem") && $0.name.dropFirst(3).allSatisfy(\.isNumber) }
  }
}
