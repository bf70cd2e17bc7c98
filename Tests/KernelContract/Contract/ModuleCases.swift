private let drivers = "/sys/bus/pci/drivers"

let modules =
  row(
    "rmmod vfio_pci with idle functions bound succeeds and unbinds them",
    Case(
      "unloading vfio-pci under an idle function", from: onVFIO("isolated") + [.unload("vfio-pci")],
      bind("isolated", "vfio-pci"), answers: .noEntry,
      after: [
        driver("isolated", is: "none"), text("isolated", "driver_override", is: "vfio-pci"),
        existence("\(drivers)/vfio-pci", is: false), existence("/dev/vfio/{isolated.group}", is: false),
      ]))
  + row(
    "While the vfio module is not loaded there is no drivers/vfio-pci",
    Case(
      "unbind from a driver that is not there", from: [vfio, .unload("vfio-pci")],
      Write("{isolated}", to: "\(drivers)/vfio-pci/unbind"), answers: .noEntry,
      after: [driver("isolated", is: native("isolated"))]))
  + row(
    "vfio-pci with ids= claims unbound functions when it is loaded",
    Case(
      "loading vfio-pci with ids",
      from: [
        vfio, .unload("vfio-pci"), .write(unbind("isolated")), .module("vfio-pci", ["ids={isolated.colonid}"]),
      ],
      bind("isolated", "vfio-pci"), answers: .busy, after: [driver("isolated", is: "vfio-pci")],
      restore: [.unload("vfio-pci")]),
    Case(
      "loading vfio-pci with ids leaves what is bound",
      from: [vfio, .unload("vfio-pci"), .module("vfio-pci", ["ids={isolated.colonid}"])],
      bind("isolated", "vfio-pci"), answers: .busy, after: [driver("isolated", is: native("isolated"))],
      restore: [.unload("vfio-pci")]),
    Case(
      "loading vfio-pci with no ids",
      from: [vfio, .unload("vfio-pci"), .write(unbind("isolated")), .module("vfio-pci", ["ids="])],
      bind("isolated", "vfio-pci"), answers: .noDevice, after: [driver("isolated", is: "none")]))
