import Host
import PCI
import Sysfs

/// Why there is no inventory at all.
public struct InventoryError: Error, Sendable {
  /// The listing of `/sys/bus/pci/devices` that failed.
  public let cause: SysfsError
}

/// Reads `/sys/bus/pci/devices` and the IOMMU groups into a `Host`.
///
/// In two steps, since attributes cost: all functions as far as `list` needs them, and more of those that matter.
public struct Scanner: Sendable {
  let sysfs: any Sysfs
  static let devices = "/sys/bus/pci/devices"
  static let groups = "/sys/kernel/iommu_groups"

  /// How many functions' attributes are read at a time.
  static let together = 512

  /// Functions with a write under way that may not return.
  private let pending: Set<Address>

  public init(_ sysfs: any Sysfs, pending: Set<Address> = []) {
    self.sysfs = sysfs
    self.pending = pending
  }

  /// Every function, of each only `uevent`, `iommu_group`, `reset_method`, and `boot_vga` of displays.
  ///
  /// If there is no `uevent`, or a read of it might never return, single attributes are read instead.
  public func scan() throws(InventoryError) -> Host {
    let names: [String]
    do { names = try sysfs.entries(Self.devices) } catch { throw InventoryError(cause: error) }
    let groupNames = try? sysfs.entries(Self.groups)
    let vfioDevices = vfioDevices()
    let leaving = functionsBeingUnbound(among: vfioDevices ?? [:]).map { ($0, Unanswered.Reason.unbindPending) }
    var context = Context(
      groupsReadable: groupNames != nil,
      pending: Dictionary(leaving + pending.map { ($0, .writePending) }, uniquingKeysWith: { _, own in own }))
    var functions: [Function] = []
    functions.reserveCapacity(names.count)
    // In pieces, so that what was read need not be kept for all.
    for start in stride(from: 0, to: names.count, by: Self.together) {
      let piece = names[start..<min(start + Self.together, names.count)]
      let asked = piece.filter { name in Address(name).map { !context.pending.keys.contains($0) } ?? false }
      var events = sysfs.read(asked.map { "\(Self.devices)/\($0)/uevent" }).makeIterator()
      for name in piece {
        guard let address = Address(name) else { continue }
        let event = context.pending.keys.contains(address) ? nil : events.next()
        if let function = brief(address, named: name, event: event, in: &context) { functions.append(function) }
      }
    }
    if context.sawResetMethod {
      // This kernel has the attribute (5.15 on): if a function has none, no method was found at enumeration.
      for place in functions.indices
      where functions[place].kernelResetMethods.isUnknown && !context.unreadable.contains(place) {
        functions[place].kernelResetMethods = .absent
      }
    }
    if let vfioDevices {
      for place in functions.indices {
        functions[place].vfioDevice = vfioDevices[functions[place].address].map { .known($0) } ?? .absent
      }
    }
    var groups = Dictionary(
      (groupNames ?? []).compactMap(Self.groupNumber).map {
        ($0, Group(number: $0, functions: [], others: [], reservedRegions: .unknown))
      }, uniquingKeysWith: { first, _ in first })
    for function in functions {
      guard let number = function.iommuGroup.value else { continue }
      groups[number, default: Group(number: number, functions: [], others: [], reservedRegions: .unknown)]
        .functions.append(function.address)
    }
    return Host(functions: functions, groups: groups, groupsReadable: groupNames != nil, rootBuses: rootBuses())
  }

  /// What one pass over all functions learns for the next ones.
  private struct Context {
    let groupsReadable: Bool
    /// Functions of which nothing is read that takes their lock, and why.
    let pending: [Address: Unanswered.Reason]
    var sawResetMethod = false
    /// Places of functions whose `reset_method` is there and could not be read.
    var unreadable: Set<Int> = []
    var count = 0
    /// `/sys/bus/pci/drivers` is there: a tree with drivers and a function without a driver link is an unbound function.
    var hasDrivers: Bool?
  }

  /// Nil if the function went away between listing and reading.
  private func brief(
    _ address: Address, named name: String, event answer: Result<[UInt8], SysfsError>?, in context: inout Context
  ) -> Function? {
    let folder = sysfs.folder(Self.devices + "/" + name)
    var function = Function(address: address)
    if let reason = context.pending[address] { function.note("uevent", reason) }
    var event: UEvent?
    do throws(SysfsError) { event = try answer.map { answer throws(SysfsError) in UEvent(try answer.get()) } } catch {
      if error.errno == .timedOut { function.note("uevent", .silent) }
      if error.errno == .noEntry || error.errno == .noDevice {
        // A link that is gone: unplugged. One that leads nowhere stays, with everything unknown.
        do { _ = try sysfs.linkTarget(folder.path) } catch { if error.errno == .noEntry { return nil } }
        if (try? sysfs.entries(folder.path)) == nil {
          context.unreadable.insert(context.count)
          context.count += 1
          return function
        }
      }
    }
    if let event, event.isComplete {
      function.driver = event.driver.map { .known($0) } ?? .absent
    } else {
      function.driver = driver(folder, &context)
      // The link goes before the driver does.
      if function.isPending, function.driver.isAbsent { function.driver = .unknown }
    }
    let id = event?.id
    function.vendorID = (id?.vendor).map { .known($0) } ?? hex(folder, "vendor")
    function.deviceID = (id?.device).map { .known($0) } ?? hex(folder, "device")
    function.subsystemVendorID = (event?.subsystem?.vendor).map { .known($0) } ?? hex(folder, "subsystem_vendor")
    function.subsystemDeviceID = (event?.subsystem?.device).map { .known($0) } ?? hex(folder, "subsystem_device")
    function.classCode =
      event?.classCode.map { .known($0) } ?? hex(folder, "class", as: UInt32.self).map { ClassCode($0) }
    function.iommuGroup = group(folder, context)
    do {
      function.kernelResetMethods = .known(try words(folder, "reset_method"))
      context.sawResetMethod = true
    } catch {
      if error.errno != .noEntry { context.unreadable.insert(context.count) }
    }
    context.count += 1
    function.bootVGA = bootVGA(folder, function.classCode)
    return function
  }

  private func driver(_ folder: Folder, _ context: inout Context) -> Fact<String> {
    do { return .known(try folder.linkName("driver")) } catch {
      guard error.errno == .noEntry else { return .unknown }
    }
    let hasDrivers = context.hasDrivers ?? ((try? sysfs.entries("/sys/bus/pci/drivers")) != nil)
    context.hasDrivers = hasDrivers
    return hasDrivers && sysfs.exists(folder.path) ? .absent : .unknown
  }

  /// Digits, and no sign: what the kernel calls a group.
  private static func groupNumber(_ name: String) -> Int? {
    name.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(name) : nil
  }

  private func group(_ folder: Folder, _ context: Context) -> Fact<Int> {
    do { return Self.groupNumber(try folder.linkName("iommu_group")).map { .known($0) } ?? .unknown } catch {
      return error.errno == .noEntry && context.groupsReadable ? .absent : .unknown
    }
  }

  /// The kernel shows `boot_vga` for VGA controllers alone.
  private func bootVGA(_ folder: Folder, _ code: Fact<ClassCode>) -> Fact<Bool> {
    guard let code = code.value else { return .unknown }
    guard code.isDisplay else { return .absent }
    switch try? folder.text("boot_vga") {
    case "1": return .known(true)
    case "0": return .known(false)
    default: return code.subclass == 0x0300 ? .unknown : .absent
    }
  }

  private func rootBuses() -> Fact<Set<Bus>> {
    guard let names = try? sysfs.entries("/sys/devices") else { return .unknown }
    let buses = Set(names.compactMap { $0.hasPrefix("pci") ? Bus($0.dropFirst(3)) : nil })
    return buses.isEmpty ? .unknown : .known(buses)
  }

  func words(_ folder: Folder, _ attribute: String) throws(SysfsError) -> [String] {
    try folder.read(attribute).split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
  }

  func hex<Value: FixedWidthInteger & UnsignedInteger>(
    _ folder: Folder, _ attribute: String, as _: Value.Type = UInt16.self
  )
    -> Fact<Value>
  {
    guard let text = try? folder.text(attribute) else { return .unknown }
    return parseHex(text, as: Value.self).map { .known($0) } ?? .unknown
  }
}
