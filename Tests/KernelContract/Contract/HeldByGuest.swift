// A guest that has the group open is a process that holds it: see `Step.hold`.

private let held: [Step] = onVFIO("cardSecond") + [.write(unbind("cardFirst")), .hold("cardSecond")]

let heldByGuest =
  row(
    "drivers/D/bind: native driver while VFIO owns a sibling of the group",
    Case(
      "bind beside a held sibling", from: held, bind("cardFirst", native("cardFirst")), answers: .busy,
      after: [driver("cardFirst", is: "none"), driver("cardSecond", is: "vfio-pci")]),
    Case(
      "bind to vfio-pci beside a held sibling", from: [.write(override("cardFirst", "vfio-pci"))] + held,
      bind("cardFirst", "vfio-pci"), answers: nil, after: [driver("cardFirst", is: "vfio-pci")]))
  + row(
    "drivers_probe: native driver, group owned by VFIO",
    Case(
      "probe beside a held sibling", from: held, probe("cardFirst"), answers: .invalid,
      after: [driver("cardFirst", is: "none")]))
  + row(
    "reset: a guest holds the device through VFIO, or a native driver is bound",
    Case(
      "reset under a guest", from: onVFIO("isolated") + [.hold("isolated")], set("isolated", "reset", "1"),
      answers: nil,
      after: [driver("isolated", is: "vfio-pci")]))
  + row(
    "driver_override: while bound",
    Case(
      "override under a guest that nothing is taken from", from: onVFIO("isolated") + [.hold("isolated")],
      override("isolated", "hostdev-nosuch"), answers: nil,
      after: [
        text("isolated", "driver_override", is: "hostdev-nosuch"), text("isolated", "power_state", is: "D0"),
        text("isolated", "enable", is: "1"),
      ]))
