let unbindings =
  row(
    "drivers/D/unbind: bound",
    Case(
      "unbind from the native driver", Write("{isolated}", to: "/sys/bus/pci/drivers/{isolated.driver}/unbind"),
      answers: nil,
      after: [
        driver("isolated", is: "none"), existence("/sys/bus/pci/drivers/{isolated.driver}/{isolated}", is: false),
        text("isolated", "enable", is: "0"), text("isolated", "driver_override", is: "(null)", ""),
        text("isolated", "power_state", is: "D0", "D3hot", "unknown"),
      ]),
    Case(
      "unbind by the function's link", from: onVFIO("isolated"), unbind("isolated"), answers: nil,
      after: [
        driver("isolated", is: "none"), existence(attribute("isolated", "vfio-dev"), is: false),
        existence("/dev/vfio/{isolated.group}", is: false), text("isolated", "driver_override", is: "vfio-pci"),
        text("isolated", "power_state", is: "D0"),
      ]),
    Case(
      "unbind one of two members on vfio-pci", from: onVFIO("cardFirst") + onVFIO("cardSecond"), unbind("cardFirst"),
      answers: nil, after: [driver("cardSecond", is: "vfio-pci"), existence("/dev/vfio/{cardFirst.group}", is: true)]),
    Case(
      "unbind a PF with VFs",
      from: [.write(set("pf", "sriov_drivers_autoprobe", "0")), .write(set("pf", "sriov_numvfs", "1"))], unbind("pf"),
      answers: nil, after: [text("pf", "sriov_numvfs", is: "1"), existence(attribute("pf", "virtfn0"), is: true)],
      restore: [.write(set("pf", "sriov_drivers_autoprobe", "1"))]))
  + row(
    "drivers/D/unbind: not bound to D, unknown address, short address",
    Case(
      "unbind from another driver", from: [vfio], Write("{isolated}", to: "/sys/bus/pci/drivers/vfio-pci/unbind"),
      answers: .noDevice, after: [driver("isolated", is: native("isolated"))]),
    Case(
      "unbind what is unbound", from: [.write(unbind("isolated"))],
      Write("{isolated}", to: "/sys/bus/pci/drivers/{isolated.driver}/unbind"), answers: .noDevice),
    Case(
      "unbind an unknown address", Write("0000:ff:1f.7", to: "/sys/bus/pci/drivers/{isolated.driver}/unbind"),
      answers: .noDevice),
    Case(
      "unbind a short address", Write("{isolated.short}", to: "/sys/bus/pci/drivers/{isolated.driver}/unbind"),
      answers: .noDevice, after: [driver("isolated", is: native("isolated"))]),
    Case(
      "unbind by the link that an unbound function has not", from: [.write(unbind("isolated"))], unbind("isolated"),
      answers: .noEntry))
