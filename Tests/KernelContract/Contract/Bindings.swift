let bindings =
  row(
    "drivers/D/bind: override or id matches, unbound",
    Case(
      "bind to vfio-pci by override",
      from: [vfio, .write(override("isolated", "vfio-pci")), .write(unbind("isolated"))],
      bind("isolated", "vfio-pci"), answers: nil,
      after: [
        driver("isolated", is: "vfio-pci"), text("isolated", "driver_override", is: "vfio-pci"),
        existence("/sys/bus/pci/drivers/vfio-pci/{isolated}", is: true),
        existence("/sys/bus/pci/drivers/{isolated.driver}/{isolated}", is: false),
        Check(kind: .count, path: attribute("isolated", "vfio-dev"), values: ["1"]),
        existence("/dev/vfio/{isolated.group}", is: true), existence("/dev/vfio/vfio", is: true),
        text("isolated", "power_state", is: "D3hot"), text("isolated", "enable", is: "0"),
        Check(kind: .text, path: attribute("isolated", "uevent"), values: []),
      ]),
    Case(
      "bind to the native driver by id", from: [.write(unbind("isolated"))], bind("isolated", native("isolated")),
      answers: nil,
      after: [
        driver("isolated", is: native("isolated")), text("isolated", "enable", is: "1"),
        text("isolated", "power_state", is: "D0"),
      ]),
    Case(
      "bind to the native driver by override",
      from: onVFIO("isolated") + [.write(override("isolated", native("isolated"))), .write(unbind("isolated"))],
      bind("isolated", native("isolated")), answers: nil,
      after: [driver("isolated", is: native("isolated")), existence("/dev/vfio/{isolated.group}", is: false)]),
    Case(
      "bind to pci-stub by override",
      from: [.module("pci-stub", []), .write(override("isolated", "pci-stub")), .write(unbind("isolated"))],
      bind("isolated", "pci-stub"), answers: nil, after: [driver("isolated", is: "pci-stub")]),
    Case(
      "bind with a line's end", from: [.write(unbind("isolated"))],
      Write("{isolated}\n", to: "/sys/bus/pci/drivers/{isolated.driver}/bind"), answers: nil,
      after: [driver("isolated", is: native("isolated"))]),
    Case(
      "bind beside a sibling that is idle on vfio-pci", from: onVFIO("cardSecond") + [.write(unbind("cardFirst"))],
      bind("cardFirst", native("cardFirst")), answers: nil, after: [driver("cardFirst", is: native("cardFirst"))]),
    Case(
      "both of a card on vfio-pci",
      from: onVFIO("cardSecond") + [.write(override("cardFirst", "vfio-pci")), .write(unbind("cardFirst"))],
      bind("cardFirst", "vfio-pci"), answers: nil,
      after: [
        driver("cardFirst", is: "vfio-pci"), driver("cardSecond", is: "vfio-pci"),
        existence("/dev/vfio/{cardFirst.group}", is: true),
      ]))
  + row(
    "drivers/D/bind: no override and no id match; or native driver while the override names another",
    Case(
      "bind to vfio-pci without override", from: [vfio, .write(unbind("isolated"))], bind("isolated", "vfio-pci"),
      answers: .noDevice, after: [driver("isolated", is: "none")]),
    Case(
      "bind to the native driver against the override",
      from: [.write(override("isolated", "vfio-pci")), .write(unbind("isolated"))],
      bind("isolated", native("isolated")),
      answers: .noDevice, after: [driver("isolated", is: "none")]),
    Case(
      "bind to the native driver of another function", from: [.write(unbind("isolated"))],
      bind("isolated", native("pf")),
      answers: .noDevice, after: [driver("isolated", is: "none")]))
  + row(
    "drivers/D/bind: already bound",
    Case(
      "bind while bound, override matches", from: [vfio, .write(override("isolated", "vfio-pci"))],
      bind("isolated", "vfio-pci"), answers: .busy, after: [driver("isolated", is: native("isolated"))]),
    Case(
      "bind while bound, override does not match", from: [vfio], bind("isolated", "vfio-pci"), answers: .noDevice,
      after: [driver("isolated", is: native("isolated"))]),
    Case("bind to the driver that has it", bind("isolated", native("isolated")), answers: .busy))
  + row(
    "drivers/D/bind: a bridge or root port to vfio-pci",
    Case(
      "bind a root port to vfio-pci", from: [vfio, .write(override("bridge", "vfio-pci")), .write(unbind("bridge"))],
      bind("bridge", "vfio-pci"), answers: .invalid, after: [driver("bridge", is: "none")]))
  + row(
    "drivers/D/bind: PF with VFs enabled, to vfio-pci",
    Case(
      "bind a PF with VFs to vfio-pci",
      from: [
        vfio, .write(set("pf", "sriov_drivers_autoprobe", "0")), .write(set("pf", "sriov_numvfs", "1")),
        .write(override("pf", "vfio-pci")), .write(unbind("pf")),
      ],
      bind("pf", "vfio-pci"), answers: .busy,
      after: [
        driver("pf", is: "none"), text("pf", "sriov_numvfs", is: "1"), existence(attribute("pf", "virtfn0"), is: true),
      ],
      restore: [.write(set("pf", "sriov_drivers_autoprobe", "1"))]))
  + row(
    "A bind or unbind write wants the whole address",
    Case(
      "bind a short address", from: [.write(unbind("isolated"))],
      Write("{isolated.short}", to: "/sys/bus/pci/drivers/{isolated.driver}/bind"), answers: .noDevice),
    Case(
      "bind an unknown address", Write("0000:ff:1f.7", to: "/sys/bus/pci/drivers/{isolated.driver}/bind"),
      answers: .noDevice),
    Case(
      "bind with a trailing space", from: [.write(unbind("isolated"))],
      Write("{isolated} ", to: "/sys/bus/pci/drivers/{isolated.driver}/bind"), answers: .noDevice),
    Case(
      "bind nothing", from: [.write(unbind("isolated"))], Write("", to: "/sys/bus/pci/drivers/{isolated.driver}/bind"),
      answers: nil, after: [driver("isolated", is: "none")]),
    Case(
      "bind to a driver that is not there", Write("{isolated}", to: "/sys/bus/pci/drivers/hostdev-nosuch/bind"),
      answers: .noEntry))
