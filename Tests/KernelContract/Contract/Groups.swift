// There is no flag in sysfs for it: only opening a group tells whether it can be opened.

private let secondIsFree: [Step] = onVFIO("cardFirst") + [.write(unbind("cardSecond"))]

let groups =
  row(
    "Group viability",
    Case(
      "a group with a member on a native driver",
      from: [
        vfio, .write(override("cardFirst", "vfio-pci")),
        .write(unbind("cardFirst")),
      ], bind("cardFirst", "vfio-pci"), answers: nil,
      after: [opening("cardFirst", is: "viable=0 EPERM")]),
    Case(
      "a group with an unbound member", from: onVFIO("cardFirst"), unbind("cardSecond"), answers: nil,
      after: [opening("cardFirst", is: "viable=1")]),
    Case(
      "a group with a member on pci-stub",
      from: secondIsFree + [.module("pci-stub", []), .write(override("cardSecond", "pci-stub"))],
      bind("cardSecond", "pci-stub"), answers: nil, after: [opening("cardFirst", is: "viable=1")]),
    Case(
      "a group with all members on vfio-pci", from: secondIsFree + [.write(override("cardSecond", "vfio-pci"))],
      bind("cardSecond", "vfio-pci"), answers: nil, after: [opening("cardFirst", is: "viable=1")]),
    Case(
      "a group with a member on any other driver",
      from: secondIsFree + [.probesAnswer(nil), .write(override("cardSecond", "hostdev-lab"))],
      bind("cardSecond", "hostdev-lab"), answers: nil, after: [opening("cardFirst", is: "viable=0 EPERM")]),
    Case(
      "a group with its bridge on pcieport", from: onVFIO("stale") + [.write(unbind("companion"))],
      set("stale", "d3cold_allowed", "1"), answers: nil, after: [opening("stale", is: "viable=1")]),
    Case(
      "a group that a guest has open", from: onVFIO("isolated") + [.hold("isolated")],
      set("isolated", "d3cold_allowed", "1"), answers: nil, after: [opening("isolated", is: "EBUSY")]))
