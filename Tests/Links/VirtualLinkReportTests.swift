import Host
import System
import Testing

@testable import Links

/// What `ip -j link show` prints, as iproute2 6.1 does it.
@Suite struct VirtualLinkReportTests {
  private static let report = """
    [{"ifindex":3,"ifname":"enp1s0f0","flags":["BROADCAST","MULTICAST"],"mtu":1500,"operstate":"DOWN","address":"52:54:00:00:01:00",
    "vfinfo_list":[
    {"vf":0,"link_type":"ether","address":"52:54:00:00:02:00","broadcast":"ff:ff:ff:ff:ff:ff","vlan_list":[{"vlan":100,"qos":3}],"spoofchk":true,"link-state":"auto","trust":false,"query_rss_en":false},
    {"vf":3,"link_type":"ether","address":"52:54:00:00:02:03","broadcast":"ff:ff:ff:ff:ff:ff","vlan_list":[{}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":false,"link_state":"auto","trust":true},
    {"vf":1,"mac":"52:54:00:00:02:01","spoofchk":false,"trust":true},
    {"vf":2,"link_type":"ether","address":"00:00:00:00:00:00","vlan_list":[{"vlan":7,"protocol":"802.1ad"}]}]}]
    """

  @Test func everySettingIsRead() throws {
    let found = try #require(VirtualLinkReport.settings(Self.report))
    #expect(found[0] == [.mac: "52:54:00:00:02:00", .vlan: "100 qos 3", .spoofCheck: "on", .trust: "off"])
    #expect(found[1] == [.mac: "52:54:00:00:02:01", .vlan: "0", .spoofCheck: "off", .trust: "on"])
    // What the card does not tell is left out.
    #expect(found[2] == [.mac: "00:00:00:00:00:00", .vlan: "7 proto 802.1ad"])
    // As the igb of 6.12 has it without a VLAN.
    #expect(found[3] == [.mac: "52:54:00:00:02:03", .vlan: "0", .spoofCheck: "off", .trust: "on"])
    #expect(found.count == 4)
  }

  @Test func aCardWithoutVirtualFunctionsHasNone() {
    #expect(VirtualLinkReport.settings(#"[{"ifname":"lo"}]"#) == [:])
    #expect(VirtualLinkReport.settings("[]") == [:])
  }

  @Test(arguments: ["", "Device \"x\" does not exist.", "[{\"vfinfo_list\":[{\"vf\":\"0\"}]}]", "{}"])
  func whatIsNoReportIsNone(text: String) { #expect(VirtualLinkReport.settings(text) == nil) }

  @Test func aHostWithoutIPSaysWhatIsMissing() throws {
    let root = try Root("/proc")
    #expect(IPRoute(root, clock: .system) == nil)
    let error = #expect(throws: LinkError.self) { try NoLinks().settings(on: "eth0") }
    #expect(error?.errno == .noEntry && error?.words.contains("iproute2") == true)
  }
}

@Suite struct VirtualSettingTests {
  @Test(arguments: [
    (VirtualSetting.mac, "52:54:00:AB:cd:01", "52:54:00:ab:cd:01"), (.vlan, "0100", "100"), (.vlan, "0", "0"),
    (.vlan, "100  qos 03 proto 802.1q", "100 qos 3 proto 802.1Q"), (.spoofCheck, "on", "on"), (.trust, "off", "off"),
  ])
  func aValueHasOneSpelling(setting: VirtualSetting, text: String, value: String) {
    #expect(setting.value(text) == value)
    #expect(setting.isSound(value))
  }

  @Test(arguments: [
    (VirtualSetting.mac, "52:54:00:ab:cd"), (.mac, "52:54:00:ab:cd:0g"), (.mac, "5254:00:ab:cd:01:"), (.vlan, "4095"),
    (.vlan, "-1"), (.vlan, "1 qos 8"), (.vlan, "1 qos"), (.vlan, "1 proto x"), (.vlan, "1 vf 2"), (.vlan, ""),
    (.spoofCheck, "yes"), (.trust, ""), (.trust, "on on"),
  ])
  func whatIsNoValueIsNone(setting: VirtualSetting, text: String) { #expect(setting.value(text) == nil) }
}
