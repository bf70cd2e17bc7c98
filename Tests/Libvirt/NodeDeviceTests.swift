import Host
import Libvirt
import PCI
import Testing

/// Configuration space with a PCI Express capability of this type at 0x40.
private func space(
  portType: UInt8 = 0, header: UInt8 = 0, linkCapability: UInt32 = 0x103, linkStatus: UInt16 = 0x83,
  totalVFs: UInt8? = nil
) -> ConfigurationSpace {
  var bytes = [UInt8](repeating: 0, count: 4096)
  bytes[0x00] = 0xee
  bytes[0x01] = 0x10
  bytes[0x06] = 0x10
  bytes[0x0e] = header
  bytes[0x34] = 0x40
  bytes[0x40] = 0x10
  bytes[0x42] = portType << 4 | 2
  for index in 0..<4 { bytes[0x4c + index] = UInt8(linkCapability >> (8 * UInt32(index)) & 0xff) }
  bytes[0x52] = UInt8(linkStatus & 0xff)
  bytes[0x53] = UInt8(linkStatus >> 8)
  if let totalVFs {
    bytes[0x100] = 0x10
    bytes[0x102] = 0x01
    bytes[0x10e] = totalVFs
  }
  return ConfigurationSpace(bytes)
}

private func function(_ address: String, _ change: (inout Function) -> Void = { _ in }) throws -> Function {
  var function = Function(address: try #require(Address(address)))
  function.vendorID = .known(0x10ee)
  function.deviceID = .known(0x5000)
  function.classCode = .known(ClassCode(0x120000))
  function.driver = .absent
  function.iommuGroup = .absent
  function.numaNode = .absent
  change(&function)
  return function
}

private func xml(
  _ function: Function, with others: [Function] = [], vendor: String? = nil, product: String? = nil
) throws -> String {
  let host = Host(functions: [function] + others, groups: [:], groupsReadable: true, rootBuses: .unknown)
  let xml = try nodeDeviceXML(function, in: host, vendorName: vendor, productName: product)
  let (status, said) = try run(
    "/usr/bin/xmllint", ["--noout", "--relaxng", "/usr/share/libvirt/schemas/nodedev.rng"], input: xml)
  #expect(status == 0, "\(said)\(xml)")
  return xml
}

@Suite struct NodeDeviceTests {
  @Test func theCardOfTheStory() throws {
    let card = try function("0000:01:00.0") {
      $0.driver = .known("vfio-pci")
      $0.iommuGroup = .known(12)
      $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0")
      $0.configuration = .known(space())
    }
    #expect(
      try xml(card, vendor: "Xilinx Corporation") == """
        <device>
          <name>pci_0000_01_00_0</name>
          <path>/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0</path>
          <parent>pci_0000_00_01_0</parent>
          <driver>
            <name>vfio-pci</name>
          </driver>
          <capability type='pci'>
            <class>0x120000</class>
            <domain>0</domain>
            <bus>1</bus>
            <slot>0</slot>
            <function>0</function>
            <product id='0x5000'/>
            <vendor id='0x10ee'>Xilinx Corporation</vendor>
            <iommuGroup number='12'>
              <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
            </iommuGroup>
            <pci-express>
              <link validity='cap' port='0' speed='8' width='16'/>
              <link validity='sta' speed='8' width='8'/>
            </pci-express>
          </capability>
        </device>

        """)
  }

  @Test func aConventionalDriverlessFunctionOnARootBus() throws {
    let plain = try function("0000:00:1f.3") {
      $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:1f.3")
      $0.numaNode = .known(1)
      $0.configuration = .known(ConfigurationSpace([UInt8](repeating: 0, count: 256)))
    }
    #expect(
      try xml(plain, product: "A & B's <card>") == """
        <device>
          <name>pci_0000_00_1f_3</name>
          <path>/sys/devices/pci0000:00/0000:00:1f.3</path>
          <parent>computer</parent>
          <capability type='pci'>
            <class>0x120000</class>
            <domain>0</domain>
            <bus>0</bus>
            <slot>31</slot>
            <function>3</function>
            <product id='0x5000'>A &amp; B&apos;s &lt;card&gt;</product>
            <vendor id='0x10ee'/>
            <numa node='1'/>
          </capability>
        </device>

        """)
  }

  @Test func aBridgeAndAnEndpointInsideTheRootComplex() throws {
    let port = try function("0000:00:01.0") { $0.configuration = .known(space(portType: 4, header: 1)) }
    #expect(try xml(port).contains("    <capability type='pci-bridge'/>\n    <pci-express>\n"))
    let inside = try function("0000:00:02.0") { $0.configuration = .known(space(portType: 9)) }
    #expect(try xml(inside).contains("    <pci-express/>\n"))
  }

  @Test func physicalAndVirtualFunctions() throws {
    let physical = try #require(Address("0000:03:00.0"))
    let first = try #require(Address("0000:03:10.0"))
    let parent = try function("0000:03:00.0") {
      $0.configuration = .known(space(linkCapability: 0x41, linkStatus: 0x41, totalVFs: 7))
      $0.virtualFunctions = [first]
    }
    #expect(
      try xml(parent).contains(
        """
            <capability type='virt_functions' maxCount='7'>
              <address domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
            </capability>
            <pci-express>
              <link validity='cap' port='0' speed='2.5' width='4'/>
        """))
    let idle = try function("0000:03:00.0") { $0.configuration = .known(space(totalVFs: 7)) }
    #expect(try xml(idle).contains("<capability type='virt_functions' maxCount='7'/>"))
    let child = try function("0000:03:10.0") {
      $0.physicalFunction = .known(physical)
      $0.configuration = .known(space(linkCapability: 0, linkStatus: 0))
    }
    #expect(
      try xml(child).contains(
        """
            <capability type='phys_function'>
              <address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
            </capability>
            <pci-express>
              <link validity='cap' port='0' width='0'/>
              <link validity='sta' width='0'/>
        """))
  }

  @Test func theGroupListsAllItsFunctions() throws {
    let first = try function("0000:01:00.0") { $0.iommuGroup = .known(3) }
    let second = try function("0000:01:00.1") { $0.iommuGroup = .known(3) }
    let other = try function("0000:02:00.0") { $0.iommuGroup = .known(4) }
    #expect(
      try xml(first, with: [other, second]).contains(
        """
            <iommuGroup number='3'>
              <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
              <address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/>
            </iommuGroup>
        """))
  }

  @Test func belowAVMDTheParentIsTheControllerAndTheDomainDecimal() throws {
    let disk = try function("10000:e0:06.0") {
      $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0")
    }
    let text = try xml(disk)
    #expect(text.contains("<parent>pci_0000_00_0e_0</parent>"))
    #expect(text.contains("<domain>65536</domain>"))
  }

  @Test func withoutIdsThereIsNone() throws {
    let nameless = try function("0000:01:00.0") { $0.deviceID = .unknown }
    #expect(throws: NodeDeviceError.self) { try xml(nameless) }
  }
}
