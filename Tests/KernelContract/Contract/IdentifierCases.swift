private let stub: Step = .module("pci-stub", [])
private let drivers = "/sys/bus/pci/drivers"

let identifiers =
  row(
    "drivers/D/new_id: again, or an id it has",
    Case(
      "new_id again", from: [stub, .write(Write("abcd 1234", to: "\(drivers)/pci-stub/new_id"))],
      Write("abcd 1234", to: "\(drivers)/pci-stub/new_id"), answers: .exists,
      restore: [.write(Write("abcd 1234", to: "\(drivers)/pci-stub/remove_id"))]),
    Case(
      "new_id that the driver has", Write("{isolated.id}", to: "\(drivers)/{isolated.driver}/new_id"), answers: .exists),
    Case("new_id of one field", from: [stub], Write("abcd", to: "\(drivers)/pci-stub/new_id"), answers: .invalid),
    Case("new_id that is no number", from: [stub], Write("zz zz", to: "\(drivers)/pci-stub/new_id"), answers: .invalid))
  + row(
    "drivers/D/new_id: a driverless device with that id is about",
    Case(
      "new_id takes a driverless function", from: [stub, .write(unbind("isolated"))],
      Write("{isolated.id}", to: "\(drivers)/pci-stub/new_id"), answers: nil,
      after: [driver("isolated", is: "pci-stub")],
      restore: [.write(Write("{isolated.id}", to: "\(drivers)/pci-stub/remove_id"))]),
    Case(
      "new_id does not take what an override gives to another",
      from: [stub, .write(override("isolated", "vfio-pci")), .write(unbind("isolated"))],
      Write("{isolated.id}", to: "\(drivers)/pci-stub/new_id"), answers: nil, after: [driver("isolated", is: "none")],
      restore: [.write(Write("{isolated.id}", to: "\(drivers)/pci-stub/remove_id"))]))
  + row(
    "drivers/D/remove_id",
    Case(
      "remove_id of an id that was not told", from: [stub], Write("abcd 1234", to: "\(drivers)/pci-stub/remove_id"),
      answers: .noDevice),
    Case(
      "remove_id leaves what is bound",
      from: [stub, .write(unbind("isolated")), .write(Write("{isolated.id}", to: "\(drivers)/pci-stub/new_id"))],
      Write("{isolated.id}", to: "\(drivers)/pci-stub/remove_id"), answers: nil,
      after: [driver("isolated", is: "pci-stub")]))
