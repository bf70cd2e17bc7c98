import Host
import Libvirt
import PCI
import Testing

private func functions(_ addresses: String...) throws -> [Function] {
  try addresses.map { Function(address: try #require(Address($0))) }
}

@Suite struct HostdevElementTests {
  @Test func oneFunctionToAGivenPlace() throws {
    let xml = try hostdevXML(
      try functions("0000:01:00.1"), HostdevOptions(managed: true, guest: Address("0000:07:00.0")))
    #expect(
      xml == """
        <hostdev mode='subsystem' type='pci' managed='yes'>
          <source>
            <address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/>
          </source>
          <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
        </hostdev>

        """)
  }

  @Test func everythingInLibvirtsOrder() throws {
    let options = HostdevOptions(
      managed: false, guest: Address("0000:06:00.0"), driverModel: "mlx5_vfio_pci", iommufd: true, romBar: false,
      romFile: "/tmp/a&'b.rom", bootOrder: 2, alias: "card")
    #expect(
      try hostdevXML(try functions("0000:01:00.0"), options) == """
        <hostdev mode='subsystem' type='pci' managed='no'>
          <driver name='vfio' model='mlx5_vfio_pci' iommufd='yes'/>
          <source>
            <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
          </source>
          <boot order='2'/>
          <alias name='ua-card'/>
          <rom bar='off' file='/tmp/a&amp;&apos;b.rom'/>
          <address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
        </hostdev>

        """)
  }

  @Test func oneFunctionWithoutAPlaceIsLeftToLibvirt() throws {
    let xml = try hostdevXML(try functions("0000:01:00.0"), HostdevOptions(managed: true))
    #expect(!xml.contains("type='pci' domain"))
  }

  @Test func namesAndBootOrdersAreUsedOnceAndTheROMIsTheFirstFunctions() throws {
    let xml = try hostdevXML(
      try functions("0000:01:00.1", "0000:01:00.0"),
      HostdevOptions(managed: true, romBar: true, romFile: "/rom", bootOrder: 3, alias: "ua-x"))
    let lines = xml.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines.filter { $0.hasPrefix("<boot") } == ["<boot order='3'/>", "<boot order='4'/>"])
    #expect(lines.filter { $0.hasPrefix("<alias") } == ["<alias name='ua-x-0'/>", "<alias name='ua-x-1'/>"])
    #expect(lines.filter { $0.hasPrefix("<rom") } == ["<rom bar='on' file='/rom'/>", "<rom bar='on'/>"])
  }

  @Test func whatCannotBeSaidIsRefused() throws {
    let card = try functions("0000:01:00.0")
    let far = try functions("10000:e1:00.0")
    #expect(throws: HostdevError.domainTooLarge(far[0].address)) {
      try hostdevXML(far, HostdevOptions(managed: true))
    }
    for path in ["rom.bin", "", "/", "/a\u{1}b"] {
      #expect(throws: HostdevError.romFile(path)) { try hostdevXML(card, HostdevOptions(managed: true, romFile: path)) }
    }
    #expect(throws: HostdevError.alias("a b")) { try hostdevXML(card, HostdevOptions(managed: true, alias: "a b")) }
    #expect(throws: HostdevError.driverModel("é")) {
      try hostdevXML(card, HostdevOptions(managed: true, driverModel: "é"))
    }
    #expect(throws: HostdevError.bootOrder(0)) { try hostdevXML(card, HostdevOptions(managed: true, bootOrder: 0)) }
  }
}

/// Every combination of options, in a domain, is what libvirt's schema takes.
@Suite struct HostdevSchemaTests {
  @Test func everyCombinationIsValid() throws {
    let card = try functions("0000:01:00.0", "0000:01:00.1", "0000:03:10.2", "ffff:ff:1f.7")
    var plain = ""
    var driver = ""
    var cases = 0
    for bits in 0..<512 {
      let has = { (bit: Int) in bits & 1 << bit != 0 }
      let options = HostdevOptions(
        managed: has(0), guest: has(1) ? Address("0000:06:00.0") : nil, separate: has(2),
        driverModel: has(3) ? "mlx5_vfio_pci" : nil, iommufd: has(4), romBar: has(5) ? has(0) : nil,
        romFile: has(6) ? "/usr/share/a 'b' & <c>.rom" : nil, bootOrder: has(7) ? 1 : nil,
        alias: has(8) ? "card.0_a-b" : nil)
      let xml = try hostdevXML(card, options)
      if has(3) || has(4) { driver += xml } else { plain += xml }
      cases += 1
    }
    try expectValid(plain)
    try expectValidLater(plain + driver)
    #expect(cases == 512)
  }

  @Test func theSchemaIsNotTakingEverything() throws {
    let xml = try hostdevXML(try functions("0000:01:00.0"), HostdevOptions(managed: true))
    let (status, _) = try run(
      "/usr/bin/xmllint", ["--noout", "--relaxng", laterSchema],
      input: domain(xml.replacing("slot='0x00'", with: "slot='0x20'")))
    #expect(status != 0)
  }
}

@Suite struct GuestPlaceTests {
  /// `source function → guest place`, with a `+` if it is marked.
  private func places(_ functions: [Function], _ guest: String?, separate: Bool = false) throws -> [String] {
    let xml = try hostdevXML(
      functions, HostdevOptions(managed: true, guest: guest.flatMap { Address($0) }, separate: separate))
    return xml.split(separator: "\n").filter { $0.contains("<address type='pci'") }.map { line in
      let numbers = line.split(separator: "'").filter { $0.hasPrefix("0x") }.map { $0.dropFirst(2) }
      return "\(numbers[1]):\(numbers[2]).\(numbers[3])" + (line.contains("multifunction='on'") ? "+" : "")
    }
  }

  @Test func oneCardOneSlot() throws {
    let card = try functions("0000:01:00.0", "0000:01:00.1", "0000:01:00.3")
    #expect(try places(card, "0000:06:00.0") == ["06:00.0+", "06:00.1", "06:00.3"])
    #expect(try places(card, nil) == ["0a:00.0+", "0a:00.1", "0a:00.3"])
  }

  @Test func theLowestFunctionBecomesFunction0() throws {
    #expect(try places(try functions("0000:01:00.2", "0000:01:00.1"), "0000:06:00.0") == ["06:00.0+", "06:00.2"])
  }

  @Test func separateFunctionsGetABusEach() throws {
    let card = try functions("0000:01:00.0", "0000:01:00.1")
    #expect(try places(card, "0000:06:00.0", separate: true) == ["06:00.0", "07:00.0"])
    #expect(try places(card, nil, separate: true) == [])
    #expect(try places(card, "0000:00:05.0", separate: true) == ["00:05.0", "00:06.0"])
  }

  @Test func cardsFollowOneAnother() throws {
    let cards = try functions("0000:01:00.0", "0000:01:00.1", "0000:02:00.0", "0000:03:00.0", "0000:03:00.1")
    #expect(try places(cards, "0000:06:00.0") == ["06:00.0+", "06:00.1", "07:00.0", "08:00.0+", "08:00.1"])
    // Without a place given the card of one function is left to libvirt.
    #expect(try places(cards, nil) == ["0a:00.0+", "0a:00.1", "0b:00.0+", "0b:00.1"])
  }

  @Test func virtualFunctionsAreCardsOfTheirOwn() throws {
    var two = try functions("0000:03:10.0", "0000:03:10.2")
    for index in two.indices { two[index].physicalFunction = .known(try #require(Address("0000:03:00.0"))) }
    #expect(try places(two, "0000:06:00.0") == ["06:00.0", "07:00.0"])
  }

  @Test func placesThatThereAreNotAreRefused() throws {
    let card = try functions("0000:01:00.0", "0000:01:00.1")
    let odd = try #require(Address("0000:06:00.1"))
    #expect(throws: HostdevError.guestFunctionNotZero(odd)) { try places(card, "0000:06:00.1") }
    #expect(try places(try functions("0000:01:00.0"), "0000:06:00.1") == ["06:00.1"])
    #expect(throws: HostdevError.noGuestPlace(card[1].address)) { try places(card, "0000:ff:00.0", separate: true) }
    #expect(throws: HostdevError.noGuestPlace(card[1].address)) { try places(card, "0000:00:1f.0", separate: true) }
  }
}
