import Foundation
import Host
import System
import TestSupport
import Testing

@testable import Links

/// `ip` as a program: a long answer is an answer, and none at all is an error that names the command.
@Suite struct IPRouteTests {
  /// A program in its place.
  private func withProgram(_ script: String, within time: Duration, _ body: (IPRoute) throws -> Void) throws {
    let scratch = try Scratch()
    try scratch.program("/ip", "#!/bin/sh\n\(script)\n")
    try body(IPRoute(path: scratch.path + "/ip", within: time, clock: .system))
  }

  @Test func aCardWithManyVirtualFunctionsIsReadToTheEnd() throws {
    // 256 of 350 bytes: more than a pipe holds.
    let script = #"""
      printf '[{"ifname": "%s", "vfinfo_list": [' "$5"
      for index in $(seq 0 255); do
        printf '%s{"vf": %d, "spoofchk": true, "trust": false, "other": "%0300d"}' "$comma" "$index" 0
        comma=,
      done
      printf ']}]'
      """#
    try withProgram(script, within: .seconds(120)) { ip in
      let found = try ip.settings(on: "enp1s0f0")
      #expect(found.count == 256)
      #expect(found[255]?[.spoofCheck] == "on")
    }
  }

  /// The words of a dry run, one by one.
  @Test(arguments: [
    (VirtualSetting.mac, "52:54:00:00:00:01"), (.vlan, "100 qos 3 proto 802.1ad"), (.spoofCheck, "off"),
  ])
  func whatIsShownIsWhatRuns(setting: VirtualSetting, value: String) throws {
    let scratch = try Scratch()
    let command = LinkCommand(interface: "enp1s0f0", index: 3, setting: setting, value: value)
    try scratch.program("/ip", "#!/bin/sh\nprintf '%s\\n' ip \"$@\" > \(scratch.path)/said\n")
    try IPRoute(path: scratch.path + "/ip", within: .seconds(60), clock: .system).run(command)
    #expect(try scratch.text("/said").split(separator: "\n").map(String.init) == command.words)
    #expect(command.text == "ip link set dev enp1s0f0 vf 3 \(setting.keyword) \(value)")
  }

  @Test func noAnswerNamesTheCommand() throws {
    try withProgram("sleep 600", within: .seconds(1)) { ip in
      #expect(
        throws: LinkError(
          interface: "enp1s0f0", errno: .timedOut,
          words: "ip -j link show dev enp1s0f0: no answer for 1 s")
      ) { try ip.settings(on: "enp1s0f0") }
    }
  }
}
