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
          .missing, "cannot create virtual function \(index) of \(physical.address): its address is not known",
          path: "/sys/bus/pci/devices/\(physical.address)/sriov_offset", state: "nothing was changed",
          next:
            "check sriov_offset and sriov_stride there, and the bus numbers that are left: lspci -t; boot with pci=assign-busses"
        )
      }
      let now = layout.present[index].flatMap { workspace.host[$0] }
      let asked = request.settings[index]
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
        "\(layout.physical) has no network interface; MAC, VLAN, spoof check and trust need one",
        path: "/sys/bus/pci/devices/\(layout.physical)/net", next: "omit --mac, --vlan, --spoof-check and --trust")
    }
    do { return (try workspace.links.settings(on: interface), []) } catch {
      let isMissing = error.errno == .noEntry
      if !isAsked {
        return (
          [:],
          [
            "\(interface): the settings of its virtual functions (MAC, VLAN, spoof check, trust) could not be read; hostdev cannot restore them: \(error.words)"
          ]
        )
      }
      throw Diagnostic(
        isMissing ? .missing : error.errno == .timedOut ? .timeout : .rolledBack,
        isMissing
          ? "the program ip, which sets MAC, VLAN, spoof check and trust, is not installed"
          : "cannot read the settings of the virtual functions of \(interface): \(error.words)",
        path: isMissing ? "/sbin/ip" : "/sys/class/net/\(interface)",
        errno: error.errno.name, state: "nothing was changed",
        next: isMissing ? "apt-get install iproute2" : "ip link show dev \(interface)")
    }
  }
}
