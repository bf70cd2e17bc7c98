let overrides =
  row(
    "driver_override: up to 4094 bytes / 4095 and more",
    Case(
      "override of 4094 bytes", override("isolated", String(repeating: "a", count: 4094)), answers: nil,
      after: [Check(kind: .length, path: attribute("isolated", "driver_override"), values: [])]),
    Case(
      "override of 4095 bytes", from: [.write(override("isolated", "kept"))],
      override("isolated", String(repeating: "a", count: 4095)), answers: .invalid,
      after: [text("isolated", "driver_override", is: "kept")]),
    Case(
      "override of 5000 bytes", from: [.write(override("isolated", "kept"))],
      override("isolated", String(repeating: "a", count: 5000)), answers: .invalid,
      after: [text("isolated", "driver_override", is: "kept")]))
  + row(
    "driver_override: an unknown driver's name",
    Case(
      "override with an unknown name", override("isolated", "hostdev-nosuch"), answers: nil,
      after: [text("isolated", "driver_override", is: "hostdev-nosuch")]),
    Case(
      "nothing binds under an unknown name",
      from: [.write(override("isolated", "hostdev-nosuch")), .write(unbind("isolated"))],
      bind("isolated", native("isolated")),
      answers: .noDevice, after: [driver("isolated", is: "none")]))
  + row(
    "driver_override: \"\\n\" (or a NUL) / zero bytes",
    Case(
      "override cleared by a line's end", from: [.write(override("isolated", "vfio-pci"))], override("isolated", "\n"),
      answers: nil, after: [text("isolated", "driver_override", is: "(null)", "")]),
    Case(
      "override cleared by a NUL", from: [.write(override("isolated", "vfio-pci"))], override("isolated", "\0"),
      answers: nil, after: [text("isolated", "driver_override", is: "(null)", "")]),
    Case(
      "override cleared by a line's end before a name", from: [.write(override("isolated", "vfio-pci"))],
      override("isolated", "\nother"), answers: nil, after: [text("isolated", "driver_override", is: "(null)", "")]),
    Case(
      "override of zero bytes changes nothing", from: [.write(override("isolated", "vfio-pci"))],
      override("isolated", ""), answers: nil, after: [text("isolated", "driver_override", is: "vfio-pci")]))
  + row(
    "driver_override: trailing space / text after a newline",
    Case(
      "override keeps a trailing space", override("isolated", "vfio-pci "), answers: nil,
      after: [text("isolated", "driver_override", is: "vfio-pci ")]),
    Case(
      "override drops what follows a line's end", override("isolated", "vfio-pci\nother"), answers: nil,
      after: [text("isolated", "driver_override", is: "vfio-pci")]),
    Case(
      "override keeps a leading space", override("isolated", " vfio-pci"), answers: nil,
      after: [text("isolated", "driver_override", is: " vfio-pci")]))
  + row(
    "driver_override: while bound",
    Case(
      "override while bound", override("isolated", "vfio-pci"), answers: nil,
      after: [driver("isolated", is: native("isolated"))]))
