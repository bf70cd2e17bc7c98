import Host
import PCI

/// `<hostdev>` elements, one a function in the order of addresses, for a domain's `<devices>` or `virsh attach-device`.
///
/// Elements and attributes are in the order in which libvirt prints them (`virDomainHostdevDefFormat`).
public func hostdevXML(_ functions: [Function], _ options: HostdevOptions) throws(HostdevError) -> String {
  try check(options)
  var set: [Address: Function] = [:]
  for function in functions {
    if function.address.domain > 0xffff { throw .domainTooLarge(function.address) }
    set[function.address] = function
  }
  let places = try guestPlaces(of: Array(set.values), guest: options.guest, separate: options.separate)
  return set.keys.sorted().enumerated().map { index, address in
    element(of: address, at: places[address], options: options, index: index, of: set.count)
  }.joined()
}

private func element(
  of address: Address, at place: GuestPlace?, options: HostdevOptions, index: Int, of count: Int
) -> String {
  var lines: [String] = []
  if options.iommufd || options.driverModel != nil {
    let model = options.driverModel.map { " model='\(escaped($0))'" } ?? ""
    lines.append("<driver name='vfio'\(model)\(options.iommufd ? " iommufd='yes'" : "")/>")
  }
  lines += ["<source>", "  <address \(attributes(of: address))/>", "</source>"]
  if let order = options.bootOrder { lines.append("<boot order='\(order + index)'/>") }
  if let alias = options.alias {
    let name = alias.hasPrefix("ua-") ? alias : "ua-" + alias
    lines.append("<alias name='\(escaped(count > 1 ? "\(name)-\(index)" : name))'/>")
  }
  let bar = options.romBar.map { " bar='\($0 ? "on" : "off")'" } ?? ""
  let file = index == 0 ? options.romFile.map { " file='\(escaped($0))'" } ?? "" : ""
  if !(bar + file).isEmpty { lines.append("<rom\(bar)\(file)/>") }
  if let place {
    let mark = place.isMultifunction ? " multifunction='on'" : ""
    lines.append("<address type='pci' \(attributes(of: place.address))\(mark)/>")
  }
  let isManaged = options.managed && !options.unmanaged.contains(address)
  return "<hostdev mode='subsystem' type='pci' managed='\(isManaged ? "yes" : "no")'>\n"
    + lines.map { "  \($0)\n" }.joined() + "</hostdev>\n"
}

/// A place as libvirt prints it: `domain='0x0000' bus='0x01' slot='0x00' function='0x0'`.
func attributes(of address: Address) -> String {
  "domain='0x\(hexText(address.domain, digits: 4))' bus='0x\(hexText(address.bus, digits: 2))' "
    + "slot='0x\(hexText(address.device, digits: 2))' function='0x\(address.function)'"
}

private func check(_ options: HostdevOptions) throws(HostdevError) {
  if let order = options.bootOrder, order < 1 { throw .bootOrder(order) }
  if let alias = options.alias, !isName(alias, besides: "_-.") { throw .alias(alias) }
  if let model = options.driverModel, !isName(model, besides: "_-") { throw .driverModel(model) }
  if let path = options.romFile,
    !path.hasPrefix("/") || path.utf8.count < 2 || !path.unicodeScalars.allSatisfy(isAllowedInXML)
  {
    throw .romFile(path)
  }
}

/// The schemas' `aliasName` and `genericName`.
private func isName(_ text: String, besides others: String) -> Bool {
  !text.isEmpty
    && text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || others.unicodeScalars.contains($0))
    }
}
