// Drivers that do not do as they are told: the lab's own, which takes whatever an override gives it.

private let onLab: [Step] = [.write(override("isolated", "hostdev-lab")), .write(unbind("isolated"))]

let faults =
  row(
    "With an override any driver probes, whether it knows the device or not",
    Case(
      "bind to a driver that knows no device", from: [.probesAnswer(nil)] + onLab, bind("isolated", "hostdev-lab"),
      answers: nil, after: [driver("isolated", is: "hostdev-lab")]),
    Case(
      "bind to a driver that knows no device, without override",
      from: [.probesAnswer(nil), .write(unbind("isolated"))],
      bind("isolated", "hostdev-lab"), answers: .noDevice, after: [driver("isolated", is: "none")]))
  + row(
    "drivers/D/bind: the driver's own probe errno",
    Case(
      "bind with a probe that fails", from: [.probesAnswer(.io)] + onLab, bind("isolated", "hostdev-lab"),
      answers: .io, after: [driver("isolated", is: "none")], restore: [.probesAnswer(nil)]),
    Case(
      "bind with a probe that finds no device", from: [.probesAnswer(.noDevice)] + onLab,
      bind("isolated", "hostdev-lab"),
      answers: .noDevice, after: [driver("isolated", is: "none")], restore: [.probesAnswer(nil)]),
    Case(
      "probe that fails", from: [.probesAnswer(.io)] + onLab, probe("isolated"), answers: nil,
      after: [driver("isolated", is: "none")], restore: [.probesAnswer(nil)]))
  + row(
    "drivers/D/bind: EAGAIN, probe deferred and not queued again",
    Case(
      "bind with a probe that is deferred", from: [.probesAnswer(.tryAgain)] + onLab, bind("isolated", "hostdev-lab"),
      answers: .tryAgain, after: [driver("isolated", is: "none")], restore: [.probesAnswer(nil)]),
    Case(
      // Any driver that binds makes the kernel try what is queued.
      "a deferred bind is not tried again by the kernel",
      from: [.probesAnswer(.tryAgain)] + onLab + [
        .attempt(bind("isolated", "hostdev-lab")), .probesAnswer(nil), .write(unbind("cardFirst")),
      ],
      bind("cardFirst", native("cardFirst")), answers: nil, after: [driver("isolated", is: "none")]),
    Case(
      "a deferred bind, tried again by us",
      from: [.probesAnswer(.tryAgain)] + onLab + [.attempt(bind("isolated", "hostdev-lab")), .probesAnswer(nil)],
      bind("isolated", "hostdev-lab"), answers: nil, after: [driver("isolated", is: "hostdev-lab")]))
  + row(
    "drivers/D/unbind: consumers by device link are unbound with it",
    Case(
      "unbind a supplier", from: [.link(consumer: "cardFirst", supplier: "isolated")], unbind("isolated"), answers: nil,
      after: [
        driver("isolated", is: "none"), driver("cardFirst", is: "none"), driver("cardSecond", is: native("cardSecond")),
      ]),
    Case(
      "unbind a consumer", from: [.link(consumer: "cardFirst", supplier: "isolated")], unbind("cardFirst"),
      answers: nil, after: [driver("isolated", is: native("isolated")), driver("cardFirst", is: "none")]))
  + row(
    "Unbinding an NVMe driver under a mounted or open disk succeeds",
    Case(
      "unbind under a mounted disk", from: [.mount("disk")], unbind("disk"), answers: nil,
      after: [driver("disk", is: "none")]))
