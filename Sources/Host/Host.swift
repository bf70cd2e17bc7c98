import PCI

/// The PCI functions, groups and topology of one host at one moment.
public struct Host: Sendable, Equatable {
  /// In the order of their addresses.
  public private(set) var functions: [Function]
  public var groups: [Int: Group]
  /// Whether `/sys/kernel/iommu_groups` could be read: without it a missing group is unknown, with it empty the IOMMU is off.
  public var groupsReadable: Bool
  /// Root buses, from `/sys/devices/pciDDDD:BB`; unknown if that folder is not there.
  public var rootBuses: Fact<Set<Bus>>
  private var index: HostIndex

  public init(functions: [Function], groups: [Int: Group], groupsReadable: Bool, rootBuses: Fact<Set<Bus>>) {
    // Listings come sorted by their bytes, which is the order of addresses unless domains differ in length.
    let isSorted = functions.indices.dropFirst().allSatisfy { functions[$0 - 1].address < functions[$0].address }
    self.functions = isSorted ? functions : functions.sorted { $0.address < $1.address }
    self.groups = groups
    self.groupsReadable = groupsReadable
    self.rootBuses = rootBuses
    index = HostIndex(of: self.functions)
  }

  public subscript(address: Address) -> Function? {
    get { index.places[address].map { functions[$0] } }
    set {
      guard let place = index.places[address], let newValue else { return }
      index.replace(functions[place], by: newValue, at: place)
      functions[place] = newValue
    }
  }

  /// No function has a group and the kernel's folder of groups could be read.
  public var hasNoGroups: Bool {
    groupsReadable && groups.isEmpty && index.members.isEmpty
  }

  public func functions(inSlot slot: Slot) -> ArraySlice<Function> {
    functions(onBus: Bus(domain: slot.domain, number: slot.bus)).filter { $0.address.slot == slot }[...]
  }

  /// Functions of one bus stand together, since the list is in the order of addresses.
  public func functions(onBus bus: Bus) -> ArraySlice<Function> {
    let start = place { $0 >= bus }
    return functions[start..<place(from: start) { $0 > bus }]
  }

  /// The first function whose bus has what all buses after it have; by halving.
  private func place(from start: Int = 0, where isThere: (Bus) -> Bool) -> Int {
    var low = start
    var high = functions.count
    while low < high {
      let middle = (low + high) / 2
      if isThere(functions[middle].address.segment) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// PCI members of a group, in the order of their addresses.
  public func functions(inGroup group: Int) -> [Function] {
    let listed = (groups[group]?.functions ?? []).compactMap { index.places[$0] }
    return functions(at: Set(index.members[group] ?? []).union(listed))
  }

  /// Whether nothing but the root complex is above this bus; unknown if neither the root buses nor the path is.
  ///
  /// `/sys/devices` itself does not show every root: a VMD's stands below the VMD, a platform's below its controller. So
  /// a path that was read says more than a list without the bus, and a list says nothing of a domain that it does not have.
  public func isRootBus(_ bus: Bus) -> Fact<Bool> {
    if let listed = rootBuses.value, listed.contains(bus) { return .known(true) }
    for place in index.located[bus] ?? [] {
      let parent = functions[place].parent
      if !parent.isUnknown { return .known(parent.isAbsent) }
    }
    return rootBuses.flatMap { buses in buses.contains { $0.domain == bus.domain } ? .known(false) : .unknown }
  }

  /// Functions on the buses below a bridge, at any depth.
  public func functions(below bridge: Address) -> [Function] {
    functions(at: index.below[bridge] ?? [])
  }

  /// Whether others may go with this function's driver.
  func mayRemove(_ function: Address) -> Bool {
    index.removers.contains(function) || index.rooted[function] != nil
  }

  /// Functions on buses whose root is below this function, as VMD's: `…/0000:00:0e.0/pci10000:e0/10000:e0:06.0/…`.
  func functions(onRootBusesOf function: Address) -> [Function] {
    functions(at: index.rooted[function] ?? [])
  }

  private func functions(at places: some Sequence<Int>) -> [Function] {
    places.sorted().map { functions[$0] }
  }
}

/// One IOMMU group: the unit that VFIO can isolate.
public struct Group: Sendable, Equatable {
  public let number: Int
  public var functions: [Address]
  /// Members that are not PCI functions, by their names.
  public var others: [String]
  public var reservedRegions: Fact<[ReservedRegion]>

  public init(number: Int, functions: [Address], others: [String], reservedRegions: Fact<[ReservedRegion]>) {
    self.number = number
    self.functions = functions
    self.others = others
    self.reservedRegions = reservedRegions
  }
}

/// One line of a group's `reserved_regions`: first and last byte, and the kernel's word for the kind.
public struct ReservedRegion: Sendable, Equatable {
  public let first: UInt64
  public let last: UInt64
  /// `direct`, `direct-relaxable`, `msi`, `reserved`.
  public let kind: String

  public init(first: UInt64, last: UInt64, kind: String) {
    self.first = first
    self.last = last
    self.kind = kind
  }
}
