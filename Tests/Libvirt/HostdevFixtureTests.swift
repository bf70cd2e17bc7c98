import Foundation
import Host
import Inventory
import Libvirt
import PCI
import PCINames
import Sysfs
import System
import TestSupport
import Testing

// Foundation has a Host too.
import struct Host.Host

/// A fixture as the program sees it.
private struct Scanned {
  let host: Host
  let names: Names

  init(_ fixture: Fixture) throws {
    let root = try Root(fixture.path)
    let scanner = Scanner(TreeSysfs(root, isWritable: false))
    var host = try scanner.scan()
    scanner.detail(host.functions.map(\.address), of: &host)
    self.host = host
    names = Names(root: root)
  }

  func xml(_ function: Function) throws -> String {
    try nodeDeviceXML(
      function, in: host, vendorName: function.vendorID.value.flatMap { names.vendor($0) },
      productName: function.id.flatMap { names.device($0) })
  }
}

@Suite struct HostdevFixtureTests {
  @Test func theCardOfTheStoryOnVFIO() throws {
    let fixture = try Scanned(Fixture("alveo"))
    var card = try #require(Address("0000:01:00.0").flatMap { fixture.host[$0] })
    #expect(card.driver == .known("xclmgmt"))
    card.driver = .known(VFIODriver.generic)
    #expect(
      try fixture.xml(card) == """
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

  @Test func everyFunctionsXMLIsValid() throws {
    var cases = 0
    let scratch = try Scratch()
    for fixture in try Fixture.plain {
      let scanned = try Scanned(fixture)
      for function in scanned.host.functions {
        try scratch.file("/\(fixture.name)-\(function.address).xml", try scanned.xml(function))
        cases += 1
      }
    }
    let files = scratch.names("/").map { "\(scratch.path)/\($0)" }
    let (status, said) = try run(
      "/usr/bin/xmllint", ["--noout", "--relaxng", "/usr/share/libvirt/schemas/nodedev.rng"] + files, input: "<device/>"
    )
    // The one that is none of ours is not valid: the schema was looked at. 3 is xmllint's word for that.
    #expect(status == 3)
    #expect(said.split(separator: "\n").filter { $0.hasSuffix(" validates") }.count == cases, "\(said)")
    print("node-device XML: \(cases) cases")
    #expect(cases >= 100)
  }

  @Test func hostdevsOfEveryFixtureAreReadBack() throws {
    for fixture in try Fixture.plain {
      let functions = try Scanned(fixture).host.functions.filter { $0.isEndpoint && $0.address.domain <= 0xffff }
      let xml = try hostdevXML(functions, HostdevOptions(managed: true))
      try expectValid(xml)
      #expect(try readHostdevs(Array(xml.utf8), name: fixture.name) == functions.map(\.address))
    }
  }
}
