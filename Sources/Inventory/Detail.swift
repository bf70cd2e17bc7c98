import Host
import PCI
import Sysfs

extension Scanner {
  /// Everything else that is known of these functions, put into the host.
  ///
  /// `wake`: read configuration space of functions in D3cold too, which powers them up.
  public func detail(_ addresses: some Sequence<Address>, of host: inout Host, wake: Bool = false) {
    let functions = addresses.compactMap { host[$0] }.filter { !$0.isDetailed }
    for start in stride(from: 0, to: functions.count, by: Self.together) {
      var piece = Array(functions[start..<min(start + Self.together, functions.count)])
      for place in piece.indices { lookAround(&piece[place]) }
      readTogether("driver_override", of: &piece, if: { !$0.isPending }) {
        $0.driverOverride = FunctionAttributes.driverOverride($1)
      }
      readTogether("config", of: &piece, if: { wake || $0.powerState.value != "D3cold" }) { function, bytes in
        function.configuration = bytes.map { .known(ConfigurationSpace($0)) } ?? .unknown
      }
      for place in piece.indices { lookInside(&piece[place]) }
      readTogether("sriov_numvfs", of: &piece, if: { $0.virtualFunctionCount.isUnknown && !$0.isPending }) {
        $0.virtualFunctionCount = $1.flatMap { Int(trimmed: $0) }.map { .known($0) } ?? .unknown
      }
      for function in piece { host[function.address] = function }
    }
  }

  /// Asks for one attribute of several functions at once, since an answer may have to be given up.
  private func readTogether(
    _ attribute: String, of functions: inout [Function], if isWanted: (Function) -> Bool,
    then take: (inout Function, [UInt8]?) -> Void
  ) {
    let places = functions.indices.filter { isWanted(functions[$0]) }
    let answers = sysfs.read(places.map { "\(Self.devices)/\(functions[$0].address)/\(attribute)" })
    for (place, answer) in zip(places, answers) {
      if case .failure(let error) = answer, error.errno == .timedOut { functions[place].note(attribute, .silent) }
      take(&functions[place], try? answer.get())
    }
  }

  /// Members that are not PCI functions, and reserved regions, of these groups.
  public func detailGroups(_ numbers: some Sequence<Int>, of host: inout Host) {
    for number in numbers {
      guard var group = host.groups[number] else { continue }
      let folder = Self.groups + "/\(number)"
      for name in (try? sysfs.entries(folder + "/devices")) ?? [] {
        if let address = Address(name), host[address] != nil {
          if !group.functions.contains(address) { group.functions.append(address) }
        } else if !group.others.contains(name) {
          group.others.append(name)
        }
      }
      group.functions.sort()
      group.reservedRegions =
        (try? sysfs.text(folder + "/reserved_regions")).map { .known(Self.regions($0)) } ?? .unknown
      host.groups[number] = group
    }
  }

  /// Lines `0x00000000fee00000 0x00000000feefffff msi`.
  private static func regions(_ text: String) -> [ReservedRegion] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let first = parseHex(words[0], as: UInt64.self),
        let last = parseHex(words[1], as: UInt64.self)
      else { return nil }
      return ReservedRegion(first: first, last: last, kind: String(words[2]))
    }
  }

  /// What the kernel tells without the device lock.
  private func lookAround(_ function: inout Function) {
    let folder = sysfs.folder(Self.devices + "/\(function.address)")
    function.isDetailed = true
    if let driver = function.driver.value, isLeaving(function.address, driver) {
      function.note("driver_override", .unbindPending)
      function.driver = .unknown
    }
    function.devicePath = devicePath(folder.path)
    function.revision = hex(folder, "revision", as: UInt8.self)
    function.numaNode = integer(folder, "numa_node").flatMap { $0 < 0 ? .unknown : .known($0) }
    function.powerState =
      (try? folder.text("power_state")).flatMap { $0.hasPrefix("D") ? .known($0) : nil } ?? .unknown
    if let first = function.unanswered.first, first.attribute == "uevent" {
      function.note("driver_override", first.reason)
    }
  }

  /// What follows from configuration space, and the names in the function's folder.
  private func lookInside(_ function: inout Function) {
    let folder = sysfs.folder(Self.devices + "/\(function.address)")
    fillFromConfiguration(&function)
    function.bridgeBuses = bridgeBuses(folder)
    children(of: &function, folder)
  }

  /// `driver_override` of all functions of the host; that of one with a write under way is not asked for.
  public func readOverrides(of host: inout Host) {
    for start in stride(from: 0, to: host.functions.count, by: Self.together) {
      var piece = Array(host.functions[start..<min(start + Self.together, host.functions.count)])
      readTogether("driver_override", of: &piece, if: { !$0.isPending }) {
        $0.driverOverride = FunctionAttributes.driverOverride($1)
      }
      for function in piece { host[function.address] = function }
    }
  }

  /// The `driver` link now; absent while unbound.
  public func driver(_ address: Address) -> Fact<String> { FunctionAttributes(sysfs, of: address).driver }

  func devicePath(_ folder: String) -> Fact<String> {
    guard let target = try? sysfs.linkTarget(folder) else { return .unknown }
    let parts = target.split(separator: "/").drop { $0 == ".." }
    guard parts.first == "devices", !parts.contains("..") else { return .unknown }
    return .known("/sys/" + parts.joined(separator: "/"))
  }

  private func bridgeBuses(_ folder: Folder) -> Fact<BridgeBuses> {
    guard case .known(let secondary) = integer(folder, "secondary_bus_number"),
      case .known(let subordinate) = integer(folder, "subordinate_bus_number"),
      let first = UInt8(exactly: secondary), let last = UInt8(exactly: subordinate)
    else { return .unknown }
    return .known(BridgeBuses(secondary: first, subordinate: last))
  }

  /// The registers stand in for attributes that a capture lacks. A VF's own id registers read all ones: no id.
  private func fillFromConfiguration(_ function: inout Function) {
    let registers = function.configuration
    function.vendorID = function.vendorID.or(
      registers.flatMap(\.vendorID).flatMap { $0 == 0xffff ? .unknown : .known($0) })
    function.deviceID = function.deviceID.or(
      registers.flatMap(\.deviceID).flatMap { $0 == 0xffff ? .unknown : .known($0) })
    function.classCode = function.classCode.or(registers.flatMap(\.classCode))
    function.revision = function.revision.or(registers.flatMap(\.revision))
    let subsystem = registers.flatMap(\.subsystem)
    function.subsystemVendorID = function.subsystemVendorID.or(subsystem.map(\.vendor))
    function.subsystemDeviceID = function.subsystemDeviceID.or(subsystem.map(\.device))
  }

  private func children(of function: inout Function, _ folder: Folder) {
    guard let names = try? sysfs.entries(folder.path) else { return }
    var virtual: [(Int, Address)] = []
    for name in names {
      if name.hasPrefix("virtfn"), let index = Int(name.dropFirst(6)), let address = link(folder, name) {
        virtual.append((index, address))
      } else if name.hasPrefix("consumer:pci:"), let address = Address(name.dropFirst(13)) {
        function.consumers.append(address)
      } else if name.hasPrefix("supplier:pci:"), let address = Address(name.dropFirst(13)) {
        function.suppliers.append(address)
      } else if name.utf8.count == 36, sysfs.exists("\(folder.path)/\(name)/mdev_type") {
        // A mediated device is a folder named by its UUID.
        function.mediatedDevices.append(name)
      }
    }
    function.virtualFunctions = virtual.sorted { $0.0 < $1.0 }.map(\.1)
    function.physicalFunction =
      names.contains("physfn") ? link(folder, "physfn").map { .known($0) } ?? .unknown : .absent
    countVirtualFunctions(of: &function, hasCount: names.contains("sriov_numvfs"))
    function.virtualFunctionLimit = names.contains("sriov_totalvfs") ? integer(folder, "sriov_totalvfs") : .unknown
    function.vfioDevice =
      ((try? sysfs.entries(folder.path + "/vfio-dev")) ?? [])
      .first { $0.hasPrefix("vfio") }.map { .known($0) } ?? .absent
  }

  /// Links and the register tell the number without the device lock, which a read of `sriov_numvfs` waits for
  /// (`sriov_numvfs_show` of drivers/pci/pci-sysfs.c). Unknown if only that file tells it.
  private func countVirtualFunctions(of function: inout Function, hasCount: Bool) {
    let linked = function.virtualFunctions.count
    guard hasCount else {
      function.virtualFunctionCount = countWithoutAttribute(of: function, linked)
      return
    }
    // A capture's file is as good as the kernel's answer was, and the links may be missing from it.
    guard sysfs.isKernel else { return }
    switch function.configuration.flatMap(\.enabledVFs) {
    case .known(let enabled) where Int(enabled) > linked:
      // `sriov_disable` takes the links away one by one, and clears VF Enable last.
      function.virtualFunctionCount = .known(Int(enabled))
      function.note("sriov_numvfs", .removalPending)
    case .known: function.virtualFunctionCount = .known(linked)
    case .absent, .unknown: if linked > 0 { function.virtualFunctionCount = .known(linked) }
    }
  }

  /// The kernel shows `sriov_numvfs` of every function with the capability. A capture may lack it, and the links too: then
  /// VF Enable and NumVFs of the capability tell.
  private func countWithoutAttribute(of function: Function, _ linked: Int) -> Fact<Int> {
    if linked > 0 { return .known(linked) }
    if sysfs.isKernel || function.physicalFunction.value != nil { return .absent }
    return function.configuration.flatMap(\.enabledVFs).map { Int($0) }
  }

  private func link(_ folder: Folder, _ name: String) -> Address? {
    (try? folder.linkName(name)).flatMap { Address($0) }
  }

  private func integer(_ folder: Folder, _ attribute: String) -> Fact<Int> {
    guard let text = try? folder.text(attribute) else { return .unknown }
    return Int(text).map { .known($0) } ?? .unknown
  }
}

extension Scanner {
  /// Ids of one function alone; nil if it is not there.
  public func identity(of address: Address) -> Function? {
    let attributes = FunctionAttributes(sysfs, of: address)
    guard attributes.exists else { return nil }
    var function = Function(address: address)
    function.vendorID = attributes.vendorID
    function.deviceID = attributes.deviceID
    function.subsystemVendorID = attributes.subsystemVendorID
    function.subsystemDeviceID = attributes.subsystemDeviceID
    return function
  }
}
