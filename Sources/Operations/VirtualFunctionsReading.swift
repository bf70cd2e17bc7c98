import Host
import Inventory
import Links
import PCI
import System

/// Where the virtual functions of a request stand, and what their card keeps of them.
struct VirtualFunctionsReading {
  private let workspace: Workspace
  private let layout: VirtualLayout
  private let request: VirtualFunctionsRequest
  private let aliases: ModuleAliases?
  /// All that there are go.
  private let isRenewal: Bool

  init(
    _ workspace: Workspace, _ layout: VirtualLayout, request: VirtualFunctionsRequest, aliases: ModuleAliases?,
    isRenewal: Bool
  ) {
    self.workspace = workspace
    self.layout = layout
    self.request = request
    self.aliases = aliases
    self.isRenewal = isRenewal
  }

  /// Those that there are and those that are to be, by their index; and what a user should know.
  func functions(of physical: Function) throws(Diagnostic) -> ([VirtualFunction], notes: [String]) {
    let (kept, notes) = try settings()
    let indices = Set(layout.present.keys).union(0..<request.count).sorted()
    let functions = try indices.map { index throws(Diagnostic) in
      guard let forecast = layout.forecast(index, of: physical) else {
        throw Diagnostic(
          .missing, "make virtual function \(index) of \(physical.address): where it would be is not to be told",
          path: "/sys/bus/pci/devices/\(physical.address)/sriov_offset", state: "nothing was changed",
          next: "look at sriov_offset and sriov_stride there, and how many buses are left: lspci -t; pci=assign-busses")
      }
      let now = layout.present[index].flatMap { workspace.host[$0] }
      let asked = request.settings[index] ?? [:]
      // What is put back after all of them went, or what is changed.
      let settings = (kept[index] ?? [:]).filter { isRenewal ? now != nil : asked[$0.key] != nil }
      return VirtualFunction(
        address: forecast.address, place: layout.place(index), now: now, forecast: forecast, settings: settings,
        asked: asked, driver: request.driver(for: now ?? forecast, aliases))
    }
    return (functions, notes)
  }

  private func settings() throws(Diagnostic) -> ([Int: [VirtualSetting: String]], notes: [String]) {
    let isAsked = !request.settings.isEmpty
    guard isAsked || (isRenewal && !layout.present.isEmpty) else { return ([:], []) }
    guard let interface = layout.interface else {
      if !isAsked { return ([:], []) }
      throw Diagnostic(
        .usage,
        "\(layout.physical) has no network interface, and MAC, VLAN, spoof check and trust are a network card's",
        path: "/sys/bus/pci/devices/\(layout.physical)/net", next: "leave --mac, --vlan, --spoof-check and --trust out")
    }
    do { return (try workspace.links.settings(on: interface), []) } catch {
      let isMissing = error.errno == .noEntry
      if !isAsked {
        return (
          [:],
          [
            "\(interface): what it keeps of its virtual functions (MAC, VLAN, spoof check, trust) could not be read and will not be put back, should that be needed: \(error.words)"
          ]
        )
      }
      throw Diagnostic(
        isMissing ? .missing : error.errno == .timedOut ? .timeout : .rolledBack,
        isMissing
          ? "there is no ip to set MAC, VLAN, spoof check and trust with; it is of the package iproute2"
          : "read what \(interface) keeps of its virtual functions: \(error.words)",
        path: isMissing ? "/sbin/ip" : "/sys/class/net/\(interface)",
        errno: error.errno.name, state: "nothing was changed",
        next: isMissing ? "apt-get install iproute2" : "ip link show dev \(interface)")
    }
  }
}
