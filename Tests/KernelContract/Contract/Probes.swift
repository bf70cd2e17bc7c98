let probes =
  row(
    "drivers_probe: unknown address",
    Case("probe an unknown address", Write("0000:ff:1f.7", to: "/sys/bus/pci/drivers_probe"), answers: .noDevice),
    Case("probe a short address", Write("{isolated.short}", to: "/sys/bus/pci/drivers_probe"), answers: .noDevice))
  + row(
    "drivers_probe: nothing matched, already bound, or probe failed",
    Case(
      "probe what the native driver knows", from: [.write(unbind("isolated"))], probe("isolated"), answers: nil,
      after: [driver("isolated", is: native("isolated"))]),
    Case("probe what is bound", probe("isolated"), answers: nil, after: [driver("isolated", is: native("isolated"))]),
    Case(
      "probe with an override that names no driver",
      from: [.write(override("isolated", "hostdev-nosuch")), .write(unbind("isolated"))], probe("isolated"),
      answers: nil,
      after: [driver("isolated", is: "none")]),
    Case(
      "probe with an override for vfio-pci",
      from: [vfio, .write(override("isolated", "vfio-pci")), .write(unbind("isolated"))],
      probe("isolated"), answers: nil, after: [driver("isolated", is: "vfio-pci")]),
    Case(
      "probe a root port for vfio-pci, which fails",
      from: [vfio, .write(override("bridge", "vfio-pci")), .write(unbind("bridge"))],
      probe("bridge"), answers: nil, after: [driver("bridge", is: "none")]),
    Case(
      "probe beside a sibling that is idle on vfio-pci", from: onVFIO("cardSecond") + [.write(unbind("cardFirst"))],
      probe("cardFirst"), answers: nil, after: [driver("cardFirst", is: native("cardFirst"))]))
  + row(
    "drivers_probe: drivers_autoprobe is 0",
    Case(
      "probe without autoprobe",
      from: [.write(Write("0", to: "/sys/bus/pci/drivers_autoprobe")), .write(unbind("isolated"))],
      probe("isolated"), answers: nil,
      after: [
        driver("isolated", is: native("isolated")),
        Check(kind: .text, path: "/sys/bus/pci/drivers_autoprobe", values: ["0"]),
      ],
      restore: [.write(Write("1", to: "/sys/bus/pci/drivers_autoprobe"))]))
