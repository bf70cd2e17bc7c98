import PCI

/// Where the functions of a host stand in its list, by what rules ask for: each rule asks for each function, so a search
/// of the whole list would cost the square of it.
struct HostIndex: Sendable, Equatable {
  private(set) var places: [Address: Int] = [:]
  /// By the group that the function's own link names.
  private(set) var members: [Int: [Int]] = [:]
  /// By each function that the device path goes through.
  private(set) var below: [Address: [Int]] = [:]
  /// By each function below which a root bus on the device path is.
  private(set) var rooted: [Address: [Int]] = [:]
  /// By bus, those whose place in the tree was read.
  private(set) var located: [Bus: [Int]] = [:]
  /// Those whose driver may take others away as it goes, but for root buses.
  private(set) var removers: Set<Address> = []

  init(of functions: [Function]) {
    places.reserveCapacity(functions.count)
    for (place, function) in functions.enumerated() where places[function.address] == nil {
      places[function.address] = place
    }
    for (place, function) in functions.enumerated() {
      if function.mayRemove { removers.insert(function.address) }
      add(function, at: place)
    }
  }

  mutating func replace(_ old: Function, by new: Function, at place: Int) {
    if new.mayRemove { removers.insert(new.address) } else { removers.remove(new.address) }
    guard old.iommuGroup != new.iommuGroup || old.devicePath != new.devicePath else { return }
    remove(old, at: place)
    add(new, at: place)
  }

  private mutating func add(_ function: Function, at place: Int) {
    if let group = function.iommuGroup.value { members[group, default: []].append(place) }
    if !function.devicePath.isUnknown { located[function.address.segment, default: []].append(place) }
    let above = Above(function)
    for bridge in above.functions { below[bridge, default: []].append(place) }
    for bridge in above.ownersOfRoots { rooted[bridge, default: []].append(place) }
  }

  private mutating func remove(_ function: Function, at place: Int) {
    func without(_ list: [Int]?) -> [Int]? {
      let rest = list?.filter { $0 != place } ?? []
      return rest.isEmpty ? nil : rest
    }
    if let group = function.iommuGroup.value { members[group] = without(members[group]) }
    let bus = function.address.segment
    if !function.devicePath.isUnknown { located[bus] = without(located[bus]) }
    let above = Above(function)
    for bridge in above.functions { below[bridge] = without(below[bridge]) }
    for bridge in above.ownersOfRoots { rooted[bridge] = without(rooted[bridge]) }
  }
}

extension Function {
  fileprivate var mayRemove: Bool {
    !virtualFunctions.isEmpty || ["vmd", "yenta_cardbus", "thunderbolt"].contains(driver.value)
  }
}

/// What a device path goes through; nothing where it was not read.
private struct Above {
  var functions: Set<Address> = []
  var ownersOfRoots: Set<Address> = []

  init(_ function: Function) {
    guard let path = function.devicePath.value else { return }
    var last: Address?
    for part in path.split(separator: "/") {
      let address = part.contains(".") ? Address(part) : nil
      if let address, address != function.address { functions.insert(address) }
      if let last, part.hasPrefix("pci") { ownersOfRoots.insert(last) }
      last = address
    }
  }
}
