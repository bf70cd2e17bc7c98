// An unbind that waits for a guest to give the function up: what else waits then, and what answers.

private let vfioUnbind = "/sys/bus/pci/drivers/vfio-pci/unbind"

private let rescan = Write("1", to: "/sys/bus/pci/rescan")

/// A guest has a VF.
private let heldVirtual: [Step] = [
  vfio, .write(set("pf", "sriov_drivers_autoprobe", "0")), .write(set("pf", "sriov_numvfs", "1")),
  .write(Write("vfio-pci", to: attribute("pf", "virtfn0/driver_override"))),
  .write(Write("{pf.vf}", to: "/sys/bus/pci/drivers/vfio-pci/bind")), .hold("pf.vf"),
]

/// And a write that removes the VFs waits for it.
private let going: [Step] = heldVirtual + [.begin(Write("0", to: attribute("pf", "sriov_numvfs"), mayWait: true))]
private let again: [Step] = [.write(set("pf", "sriov_drivers_autoprobe", "1"))]

/// An attribute whose reading may wait; which does is the kernel's to say.
private func blocking(_ device: String, _ name: String) -> Check {
  Check(kind: .blockingText, path: attribute(device, name), values: [])
}

let waiting =
  row(
    "Unbinding a function that a process holds through VFIO waits for it",
    Case(
      "unbind under a guest waits", from: onVFIO("isolated") + [.hold("isolated")],
      Write("{isolated}", to: vfioUnbind, mayWait: true), answers: .timedOut,
      after: [
        driver("isolated", is: "none"), existence("/sys/bus/pci/drivers/vfio-pci/{isolated}", is: false),
        text("isolated", "vendor", is: "0x8086"), existence("/dev/vfio/{isolated.group}", is: true),
      ]),
    Case(
      "reset while an unbind waits", from: pending("isolated"), set("isolated", "reset", "1"), answers: .timedOut),
    Case(
      "bind while an unbind waits", from: pending("isolated"), bind("isolated", "vfio-pci"), answers: .timedOut),
    Case(
      "unbind again while an unbind waits", from: pending("isolated"), Write("{isolated}", to: vfioUnbind),
      answers: .timedOut),
    Case(
      "power/control while an unbind waits", from: pending("isolated"), set("isolated", "power/control", "on"),
      answers: .timedOut),
    Case(
      "an attribute without the device's lock while an unbind waits", from: pending("isolated"),
      set("isolated", "d3cold_allowed", "1"), answers: nil, after: [text("isolated", "d3cold_allowed", is: "1")]),
    Case(
      "another function while an unbind waits", from: pending("isolated") + [.write(unbind("cardFirst"))],
      bind("cardFirst", native("cardFirst")), answers: nil, after: [driver("cardFirst", is: native("cardFirst"))]),
    Case(
      "remove of a held function waits", from: onVFIO("isolated") + [.hold("isolated")],
      Write("1", to: attribute("isolated", "remove"), mayWait: true), answers: .timedOut))
  + row(
    "driver_override while an unbind waits",
    Case(
      "override while an unbind waits", from: pending("isolated"), override("isolated", "hostdev-nosuch"),
      answers: .timedOut, nil),
    Case(
      "reading the override while an unbind waits", from: pending("isolated"), set("isolated", "d3cold_allowed", "1"),
      answers: nil,
      after: [
        Check(kind: .blockingText, path: attribute("isolated", "driver_override"), values: ["waits", "vfio-pci"])
      ]))
  + row(
    "uevent, driver_override and sriov_numvfs wait for the device lock; others do not",
    Case(
      "what answers while an unbind waits", from: pending("isolated"), set("isolated", "d3cold_allowed", "1"),
      answers: nil,
      after: [
        blocking("isolated", "uevent"), Check(kind: .existence, path: attribute("isolated", "vfio-dev"), values: []),
      ]
        + ["reset_method", "power_state", "numa_node", "class"].map { blocking("isolated", $0) }),
    Case(
      "what of a PF answers while its unbind waits", from: pending("pf"), set("pf", "d3cold_allowed", "1"),
      answers: nil,
      after: ["sriov_numvfs", "sriov_totalvfs", "sriov_drivers_autoprobe", "uevent"].map { blocking("pf", $0) }),
    Case(
      "what of a PF answers while its VFs wait to go", from: going, set("pf", "d3cold_allowed", "1"), answers: nil,
      after: ["sriov_numvfs", "driver_override", "uevent", "sriov_totalvfs"].map { blocking("pf", $0) },
      restore: again))
  + row(
    "Disabling VFs while a guest holds one never comes back",
    Case(
      "no VFs while a guest holds one", from: heldVirtual,
      Write("0", to: attribute("pf", "sriov_numvfs"), mayWait: true), answers: .timedOut,
      after: [Check(kind: .link, path: "/sys/bus/pci/devices/{pf.vf}/driver", values: ["none"])], restore: again),
    Case(
      "reset of the PF while its VFs wait to go", from: going, set("pf", "reset", "1"), answers: .timedOut,
      restore: again),
    Case(
      "unbind of the PF while its VFs wait to go", from: going, unbind("pf"), answers: .timedOut, restore: again),
    Case(
      "another function while VFs wait to go", from: going + [.write(unbind("cardFirst"))],
      bind("cardFirst", native("cardFirst")), answers: nil, after: [driver("cardFirst", is: native("cardFirst"))],
      restore: again),
    Case("rescan while VFs wait to go", from: going, rescan, answers: .timedOut, restore: again),
    Case(
      "rescan while a remove waits",
      from: onVFIO("isolated") + [
        .hold("isolated"), .begin(Write("1", to: attribute("isolated", "remove"), mayWait: true)),
      ], rescan, answers: .timedOut),
    Case(
      "remove of another function while VFs wait to go", from: going, Write("1", to: attribute("isolated", "remove")),
      answers: .timedOut, restore: again))
