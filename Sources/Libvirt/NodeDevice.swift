import Host
import PCI

/// Why a function has no node-device XML: libvirt does not list one whose ids it cannot read.
public struct NodeDeviceError: Error, Equatable, Sendable, CustomStringConvertible {
  public let address: Address

  public var description: String { "\(address): vendor and device id could not be read" }
}

/// A function as `virsh nodedev-dumpxml` prints it to root, in the order of `virNodeDeviceCapPCIDefFormat`.
///
/// Left out are VPD, which some cards take seconds to read or hang on, and types of mediated devices.
public func nodeDeviceXML(
  _ function: Function, in host: Host, vendorName: String?, productName: String?
) throws(NodeDeviceError) -> String {
  guard let id = function.id else { throw NodeDeviceError(address: function.address) }
  var xml = Indented()
  xml.element("device") { xml in
    xml.line("<name>\(function.address.libvirtName)</name>")
    if let path = function.devicePath.value {
      xml.line("<path>\(escaped(path))</path>")
      xml.line("<parent>\(parent(of: function.address, path))</parent>")
    }
    if let driver = function.driver.value {
      xml.element("driver") { $0.line("<name>\(escaped(driver))</name>") }
    }
    xml.element("capability", attributes: "type='pci'") { xml in
      if let code = function.classCode.value { xml.line("<class>\(code)</class>") }
      xml.line("<domain>\(function.address.domain)</domain>")
      xml.line("<bus>\(function.address.bus)</bus>")
      xml.line("<slot>\(function.address.device)</slot>")
      xml.line("<function>\(function.address.function)</function>")
      xml.named("product", id: id.device, name: productName)
      xml.named("vendor", id: id.vendor, name: vendorName)
      xml.virtualisation(of: function)
      xml.bridge(function)
      xml.group(of: function, in: host)
      if let node = function.numaNode.value { xml.line("<numa node='\(node)'/>") }
      xml.express(function)
    }
  }
  return xml.text
}

/// The nearest ancestor that libvirt lists: a PCI function, also above a VMD's own root bus, else the machine.
private func parent(of address: Address, _ path: String) -> String {
  path.split(separator: "/").lazy.reversed().compactMap { Address($0) }.first { $0 != address }?.libvirtName
    ?? "computer"
}

extension Indented {
  fileprivate mutating func named(_ element: String, id: UInt16, name: String?) {
    let start = "<\(element) id='0x\(hexText(id, digits: 4))'"
    line(name.map { "\(start)>\(escaped($0))</\(element)>" } ?? "\(start)/>")
  }

  fileprivate mutating func virtualisation(of function: Function) {
    if let physical = function.physicalFunction.value {
      element("capability", attributes: "type='phys_function'") { $0.line("<address \(attributes(of: physical))/>") }
    }
    let most = function.configuration.flatMap(\.totalVFs).value ?? 0
    let label = "type='virt_functions'" + (most > 0 ? " maxCount='\(most)'" : "")
    if !function.virtualFunctions.isEmpty {
      element("capability", attributes: label) { xml in
        for address in function.virtualFunctions { xml.line("<address \(attributes(of: address))/>") }
      }
    } else if most > 0 {
      line("<capability \(label)/>")
    }
  }

  fileprivate mutating func bridge(_ function: Function) {
    switch function.headerType {
    case .known(1): line("<capability type='pci-bridge'/>")
    case .known(2): line("<capability type='cardbus-bridge'/>")
    default: break
    }
  }

  fileprivate mutating func group(of function: Function, in host: Host) {
    guard let number = function.iommuGroup.value else { return }
    let members = host.functions(inGroup: number)
    if members.isEmpty { return }
    element("iommuGroup", attributes: "number='\(number)'") { xml in
      for member in members { xml.line("<address \(attributes(of: member.address))/>") }
    }
  }

  fileprivate mutating func express(_ function: Function) {
    guard case .known = function.configuration.flatMap({ $0.capability(.pciExpress) }) else { return }
    guard let link = function.configuration.flatMap(\.link).value else { return line("<pci-express/>") }
    element("pci-express") { xml in
      xml.line("<link validity='cap' port='\(link.port)'\(speed(link.maxSpeed)) width='\(link.maxWidth)'/>")
      xml.line("<link validity='sta'\(speed(link.speed)) width='\(link.width)'/>")
    }
  }
}

/// GT/s without the unit, from tenths: `2.5`, `8`. libvirt leaves out a speed that it has no word for.
private func speed(_ tenths: Int?) -> String {
  guard let tenths else { return "" }
  return " speed='\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)")'"
}
