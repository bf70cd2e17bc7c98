let attributes =
  row(
    "enable while bound; group type while bound",
    Case("enable while bound", set("isolated", "enable", "1"), answers: .busy),
    Case(
      "enable while unbound", from: [.write(unbind("isolated"))], set("isolated", "enable", "1"), answers: nil,
      after: [text("isolated", "enable", is: "1")], restore: [.write(set("isolated", "enable", "0"))]),
    Case(
      "disable what is not enabled", from: [.write(unbind("isolated"))], set("isolated", "enable", "0"), answers: .io),
    Case("group type while bound", set("isolated", "iommu_group/type", "identity"), answers: .notPermitted, .busy),
    Case("group type that is none", set("isolated", "iommu_group/type", "hostdev-nosuch"), answers: .invalid))
  + row(
    "attributes that the kernel shows and does not take",
    Case("write to a read-only attribute", set("isolated", "vendor", "1"), answers: .accessDenied),
    Case("write to an attribute that is not there", set("isolated", "hostdev-nosuch", "1"), answers: .noEntry),
    Case(
      "write to a function that is not there", Write("1", to: "/sys/bus/pci/devices/0000:ff:1f.7/reset"),
      answers: .noEntry),
    Case("power/control that is no word of its", set("isolated", "power/control", "off"), answers: .invalid))

let hotPlug =
  row(
    "remove and rescan lose the override",
    Case(
      "remove", from: [.write(override("isolated", "hostdev-nosuch"))], set("isolated", "remove", "1"), answers: nil,
      after: [
        existence("/sys/bus/pci/devices/{isolated}", is: false),
        existence("/sys/bus/pci/drivers/{isolated.driver}/{isolated}", is: false),
      ]),
    Case(
      "rescan", from: [.write(override("isolated", "hostdev-nosuch")), .write(set("isolated", "remove", "1"))],
      Write("1", to: "/sys/bus/pci/rescan"), answers: nil,
      after: [driver("isolated", is: native("isolated")), text("isolated", "driver_override", is: "(null)", "")]),
    Case(
      "remove with 0", set("isolated", "remove", "0"), answers: nil, after: [driver("isolated", is: native("isolated"))]
    ),
    Case("remove with a word", set("isolated", "remove", "yes"), answers: .invalid),
    Case("rescan with a word", Write("yes", to: "/sys/bus/pci/rescan"), answers: .invalid))
