private let noProbe: Step = .write(set("pf", "sriov_drivers_autoprobe", "0"))
private let one: [Step] = [noProbe, .write(set("pf", "sriov_numvfs", "1"))]
private func virtual(_ value: String, _ name: String) -> Step { .write(Write(value, to: attribute("pf", name))) }
private let again: [Step] = [.write(set("pf", "sriov_drivers_autoprobe", "1"))]

let virtualFunctions =
  row(
    "sriov_numvfs: too many / garbage / N to M / same N",
    Case(
      "more VFs than there can be", set("pf", "sriov_numvfs", "1000"), answers: .range,
      after: [text("pf", "sriov_numvfs", is: "0")]),
    Case("more VFs than 16 bits count", set("pf", "sriov_numvfs", "70000"), answers: .invalid),
    Case("VFs that are no number", set("pf", "sriov_numvfs", "two"), answers: .invalid),
    Case(
      "another number of VFs", from: [noProbe, .write(set("pf", "sriov_numvfs", "1"))], set("pf", "sriov_numvfs", "2"),
      answers: .busy, after: [text("pf", "sriov_numvfs", is: "1")], restore: again),
    Case(
      "the same number of VFs", from: [noProbe, .write(set("pf", "sriov_numvfs", "1"))], set("pf", "sriov_numvfs", "1"),
      answers: nil, after: [text("pf", "sriov_numvfs", is: "1")], restore: again),
    Case("no VFs where there are none", set("pf", "sriov_numvfs", "0"), answers: nil),
    Case(
      "two VFs, offered to no driver", from: [noProbe], set("pf", "sriov_numvfs", "2\n"), answers: nil,
      after: [
        text("pf", "sriov_numvfs", is: "2"), existence(attribute("pf", "virtfn1"), is: true),
        existence(attribute("pf", "virtfn2"), is: false),
        Check(kind: .link, path: attribute("pf", "virtfn0/physfn"), values: ["{pf}"]),
        Check(kind: .link, path: attribute("pf", "virtfn0/driver"), values: ["none"]),
        Check(kind: .text, path: attribute("pf", "virtfn0/driver_override"), values: ["(null)", ""]),
        Check(kind: .text, path: attribute("pf", "virtfn0/reset_method"), values: ["flr"]),
        Check(kind: .text, path: attribute("pf", "virtfn0/vendor"), values: []),
        Check(kind: .text, path: attribute("pf", "virtfn0/device"), values: []),
        Check(kind: .text, path: attribute("pf", "virtfn0/class"), values: []),
        Check(kind: .bytes, path: attribute("pf", "virtfn0/config"), values: []),
        Check(kind: .count, path: attribute("pf", "virtfn0/iommu_group/devices"), values: ["1"]),
        existence(attribute("pf", "virtfn0/reset"), is: true),
        existence(attribute("pf", "virtfn0/remove"), is: false),
        existence(attribute("pf", "virtfn0/rescan"), is: false),
      ], restore: again),
    Case(
      "a VF is offered to the host's driver", set("pf", "sriov_numvfs", "1"), answers: nil,
      // Whether it takes the VF is the driver's business, and it may say so late.
      after: [existence(attribute("pf", "virtfn0"), is: true)]),
    Case(
      "VFs go", from: [noProbe, .write(set("pf", "sriov_numvfs", "2"))], set("pf", "sriov_numvfs", "0"), answers: nil,
      after: [text("pf", "sriov_numvfs", is: "0"), existence(attribute("pf", "virtfn0"), is: false)], restore: again))
  + row(
    "sriov_numvfs: no driver on the PF, or vfio-pci without enable_sriov",
    Case("VFs of a PF without driver", from: [.write(unbind("pf"))], set("pf", "sriov_numvfs", "1"), answers: .noEntry),
    Case("VFs of a PF on vfio-pci", from: onVFIO("pf"), set("pf", "sriov_numvfs", "1"), answers: .noEntry),
    Case("no VFs of a PF without driver", from: [.write(unbind("pf"))], set("pf", "sriov_numvfs", "0"), answers: nil))
  + row(
    "A PF on vfio-pci captures its VFs: the kernel sets their override itself",
    Case(
      "VFs of a PF on vfio-pci with enable_sriov",
      from: [vfio, .unload("vfio-pci"), .module("vfio-pci", ["ids=", "enable_sriov=1"])] + onVFIO("pf").dropFirst(),
      set("pf", "sriov_numvfs", "1"), answers: nil,
      after: [
        text("pf", "sriov_numvfs", is: "1"),
        Check(kind: .text, path: attribute("pf", "virtfn0/driver_override"), values: ["vfio-pci"]),
        Check(kind: .link, path: attribute("pf", "virtfn0/driver"), values: ["vfio-pci"]),
      ], restore: [.write(set("pf", "sriov_numvfs", "0")), .unload("vfio-pci")]))
  + row(
    "A VF made while sriov_drivers_autoprobe is 1 is offered to the host's VF driver",
    Case(
      "sriov_drivers_autoprobe that is no truth value", set("pf", "sriov_drivers_autoprobe", "x"), answers: .invalid))
  + row(
    "A VF made while sriov_drivers_autoprobe is 0 goes to no driver but the one that its override names",
    Case(
      "a VF that is offered to no driver, bound by hand", from: one,
      Write("{pf.vf}", to: "/sys/bus/pci/drivers/{pf.driver}/bind"), answers: .noDevice,
      after: [Check(kind: .link, path: attribute("pf", "virtfn0/driver"), values: ["none"])], restore: again),
    Case(
      "a VF that is offered to no driver, probed", from: one, Write("{pf.vf}", to: "/sys/bus/pci/drivers_probe"),
      answers: nil, after: [Check(kind: .link, path: attribute("pf", "virtfn0/driver"), values: ["none"])],
      restore: again),
    Case(
      "a VF that is offered to no driver, bound to its override",
      from: [vfio] + one + [virtual("vfio-pci", "virtfn0/driver_override")],
      Write("{pf.vf}", to: "/sys/bus/pci/drivers/vfio-pci/bind"), answers: nil,
      after: [Check(kind: .link, path: attribute("pf", "virtfn0/driver"), values: ["vfio-pci"])], restore: again),
    Case(
      "VFs that drivers have go",
      from: [vfio] + one + [
        virtual("vfio-pci", "virtfn0/driver_override"),
        .write(Write("{pf.vf}", to: "/sys/bus/pci/drivers/vfio-pci/bind")),
      ], set("pf", "sriov_numvfs", "0"), answers: nil,
      after: [
        existence(attribute("pf", "virtfn0"), is: false), existence("/sys/bus/pci/devices/{pf.vf}", is: false),
      ], restore: again))
