import Host
import PCI
import Testing

@testable import Libvirt

private func read(_ text: String) throws(XMLError) -> [String] {
  try readHostdevs(Array(text.utf8), name: "vm.xml").map(\.description)
}

private func hostdev(_ address: String, type: String = "pci") -> String {
  "<hostdev mode='subsystem' type='\(type)'><source><address \(address)/></source></hostdev>"
}

@Suite struct ReadHostdevsTests {
  @Test func aWholeDomain() throws {
    #expect(
      try read(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- edited -->
        <domain type='kvm'>
          <metadata><tool:x xmlns:tool='urn:x'>\(hostdev("bus='9' slot='9'"))</tool:x></metadata>
          <devices>
            <disk type='nvme'><source type='pci'><address domain='0' bus='4' slot='0' function='0'/></source></disk>
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <driver name='vfio'/>
              <source writeFiltering='yes'><address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></source>
              <alias name='ua-card'/>
              <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
            </hostdev>
            <hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>
            <hostdev mode='capabilities' type='net'><source><interface>eth0</interface></source></hostdev>
            <interface type='hostdev'>
              <source><address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x2'/></source>
            </interface>
            <interface type='network'><source network='default'/><address type='pci' bus='1' slot='0'/></interface>
          </devices>
        </domain>
        """) == ["0000:04:00.0", "0000:01:00.1", "0000:03:10.2"])
  }

  /// libvirt detaches the controller of such a disk as it does the function of a `<hostdev>`.
  @Test func anNVMeDiskIsAFunction() throws {
    func disk(_ type: String, _ source: String) -> [String] {
      let text =
        "<disk type='\(type)'><source \(source)><address bus='4' slot='0'/></source><address bus='9' slot='0'/></disk>"
      return ((try? readGivenFunctions(Array(text.utf8), name: "vm.xml")) ?? []).map {
        "\($0.function) \($0.way) \($0.isManaged)"
      }
    }
    #expect(disk("nvme", "type='pci' managed='yes' namespace='1'") == ["0000:04:00.0 disk true"])
    #expect(disk("nvme", "type='pci' managed='no'") == ["0000:04:00.0 disk false"])
    #expect(disk("nvme", "type='pci'") == ["0000:04:00.0 disk false"])
    #expect(disk("block", "dev='/dev/nvme0n1'") == [])
    // What another program keeps in <metadata> is its own.
    let foreign =
      "<metadata><disk type='nvme'><source type='pci'><address bus='4' slot='0'/></source></disk></metadata>"
    #expect(try read(foreign) == [])
  }

  @Test func aNetworkMayHandOutFunctions() throws {
    func network(_ text: String) throws -> ForwardedNetwork? {
      try readForwardedNetwork(Array(text.utf8), name: "net.xml")
    }
    let found = try network(
      """
      <network><name>vfs</name>
        <forward mode='hostdev' managed='yes'>
          <pf dev='eth3'/><address type='pci' domain='0' bus='0x3' slot='0x10' function='0x2'/>
        </forward>
      </network>
      """)
    #expect(found?.isManaged == true && found?.physical.map(\.interface) == ["eth3"] && found?.line == 2)
    #expect(found?.functions.map(\.description) == ["0000:03:10.2"])
    #expect(try network("<network><forward mode='nat'><interface dev='eth3'/></forward></network>") == nil)
    #expect(try network("<network><bridge name='virbr0'/></network>") == nil)
  }

  @Test func piecesOfADomain() throws {
    let one = hostdev("domain='0' bus='1' slot='0' function='0'")
    let two = hostdev("domain='0' bus='1' slot='0' function='1'")
    #expect(try read(one) == ["0000:01:00.0"])
    #expect(try read("<devices>\(one)\(two)</devices>") == ["0000:01:00.0", "0000:01:00.1"])
    #expect(try read("\n\(one)\n<!-- and -->\n\(two)\n\n") == ["0000:01:00.0", "0000:01:00.1"])
    #expect(try read("\u{feff}<?xml version='1.0'?>\(two)\(one)\(two)") == ["0000:01:00.1", "0000:01:00.0"])
    #expect(try read("<domain/>") == [])
  }

  @Test func whatWeWriteIsRead() throws {
    let address = try #require(Address("0000:af:1f.7"))
    let card = try #require(Address("0000:01:00.0"))
    let xml = try hostdevXML(
      [Function(address: address), Function(address: card)],
      HostdevOptions(managed: true, guest: Address("0000:06:00.0"), romFile: "/a&b"))
    #expect(try readHostdevs(Array(xml.utf8), name: "-") == [card, address])
  }

  @Test(arguments: [
    ("bus='0x1f' slot='0x1f' function='7'", "0000:1f:1f.7"), ("bus='31' slot='31'", "0000:1f:1f.0"),
    ("bus='037' slot='01'", "0000:1f:01.0"), ("domain='0x10000' bus='0XE1' slot='00'", "10000:e1:00.0"),
  ]) func numbersAreReadAsLibvirtReadsThem(_ attributes: String, _ address: String) throws {
    #expect(try read(hostdev(attributes)) == [address])
  }

  @Test(arguments: [
    ("bus='0x' slot='0'", "bus='0x' is not a number"), ("bus='' slot='0'", "bus='' is not a number"),
    ("bus='+1' slot='0'", "bus='+1' is not a number"), ("bus='08' slot='0'", "bus='08' is not a number"),
    ("bus='1g' slot='0'", "bus='1g' is not a number"), ("bus='256' slot='0'", "bus='256' is more than 0xff"),
    ("bus='1' slot='32'", "slot='32' is more than 0x1f"),
    ("bus='1' slot='0' function='8'", "function='8' is more than 0x7"),
    ("bus='99999999999999999999' slot='0'", "bus='99999999999999999999' is not a number"),
    ("slot='0'", "<address> has no bus"), ("bus='1'", "<address> has no slot"),
  ]) func numbersThatAreNoneAreErrors(_ attributes: String, _ reason: String) {
    #expect(throws: XMLError(file: "vm.xml", line: 1, column: 46, reason: reason)) { try read(hostdev(attributes)) }
  }

  @Test(arguments: [
    ("", 1, 1, "no element found"), ("   \n ", 2, 2, "no element found"), ("hostdev", 1, 1, "syntax error"),
    ("<domain>\n  <devices>\n  </domain>", 3, 5, "mismatched tag"), ("<a><b>", 1, 7, "no element found"),
    ("<a/>\n<b/> text", 2, 6, "syntax error"), ("<a/><b", 1, 5, "unclosed token"),
    ("<a x='1' x='2'/>", 1, 10, "duplicate attribute"), ("<a>&nothing;</a>", 1, 4, "undefined entity"),
    ("<a/>\n\n  <hostdev type='pci'>\n</hostdev>", 4, 1, "a PCI <hostdev> without <source><address …/></source>"),
    ("<!DOCTYPE a [<!ENTITY b 'bb'>]><a/>", 1, 13, "a document type declaration is not allowed"),
    ("<a/><!DOCTYPE a SYSTEM 'x'><a/>", 1, 27, "a document type declaration is not allowed"),
    ("<a><?xml version='1.0'?></a>", 1, 4, "XML or text declaration not at start of entity"),
  ]) func aMalformedFileSaysWhere(_ text: String, _ line: Int, _ column: Int, _ reason: String) {
    #expect(throws: XMLError(file: "vm.xml", line: line, column: column, reason: reason)) { try read(text) }
  }

  @Test func bytesThatAreNotTextAreAnError() {
    #expect(throws: XMLError(file: "-", line: 1, column: 4, reason: "not well-formed (invalid token)")) {
      try readHostdevs(Array("<a>".utf8) + [0xff] + Array("</a>".utf8), name: "-")
    }
  }

  @Test func thereAreLimits() {
    #expect(throws: XMLError.self) { try readHostdevs([UInt8](repeating: 0x20, count: 10_000_001), name: "-") }
    #expect(throws: XMLError.self) { try read(String(repeating: "<a>", count: 100)) }
    #expect(throws: XMLError.self) { try read(String(repeating: "<a/>", count: 300)) }
  }

  @Test("an argument for QEMU gives a function away, unmanaged")
  func commandLine() throws {
    let text = """
      <domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline>
      <qemu:arg value='-device'/><qemu:arg value='vfio-pci,host=0000:01:00.0,id=a'/>
      <qemu:arg value='{"driver":"vfio-pci","host":"02:00.0"}'/>
      <qemu:arg value='vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:03:00.1'/>
      <qemu:arg value='e1000,host=0000:04:00.0'/>
      </qemu:commandline></domain>
      """
    let found = try readGivenFunctions(Array(text.utf8), name: "a")
    #expect(found.map { "\($0.function) \($0.line)" } == ["0000:01:00.0 2", "0000:02:00.0 3", "0000:03:00.1 4"])
    #expect(found.allSatisfy { !$0.isManaged && $0.way == .commandLine })
  }
}
