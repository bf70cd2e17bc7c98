import System

// What expectations are written with.

func bind(_ device: String, _ driver: String) -> Write {
  Write("{\(device)}", to: "/sys/bus/pci/drivers/\(driver)/bind")
}
func unbind(_ device: String) -> Write { Write("{\(device)}", to: attribute(device, "driver/unbind")) }
func override(_ device: String, _ driver: String) -> Write { Write(driver, to: attribute(device, "driver_override")) }
func probe(_ device: String) -> Write { Write("{\(device)}", to: "/sys/bus/pci/drivers_probe") }
func set(_ device: String, _ name: String, _ value: String) -> Write { Write(value, to: attribute(device, name)) }
func attribute(_ device: String, _ name: String) -> String { "/sys/bus/pci/devices/{\(device)}/\(name)" }
func native(_ device: String) -> String { "{\(device).driver}" }

func driver(_ device: String, is name: String) -> Check {
  Check(kind: .link, path: attribute(device, "driver"), values: [name])
}
func text(_ device: String, _ name: String, is values: String...) -> Check {
  Check(kind: .text, path: attribute(device, name), values: values)
}
func existence(_ path: String, is value: Bool) -> Check {
  Check(kind: .existence, path: path, values: [value ? "yes" : "no"])
}

/// What the kernel answers to a process that opens the group of this device, as a monitor does.
func opening(_ device: String, is value: String) -> Check {
  Check(kind: .opening, path: "{\(device).group}", values: [value])
}

let vfio: Step = .module("vfio-pci", ["ids="])

/// The function is on vfio-pci.
func onVFIO(_ device: String) -> [Step] {
  [vfio, .write(override(device, "vfio-pci")), .write(unbind(device)), .write(bind(device, "vfio-pci"))]
}

/// A guest has the function, and an unbind of it waits for the guest.
func pending(_ device: String) -> [Step] {
  onVFIO(device) + [
    .hold(device), .begin(Write("{\(device)}", to: "/sys/bus/pci/drivers/vfio-pci/unbind", mayWait: true)),
  ]
}

/// Expectations of one row of kernel.md.
func row(_ row: String, _ cases: Case...) -> [Expectation] {
  cases.map {
    Expectation(
      name: $0.name, row: row, setup: $0.setup, write: $0.write, answers: $0.answers, after: $0.after,
      restore: $0.restore)
  }
}

struct Case {
  let name: String
  let setup: [Step]
  let write: Write
  let answers: [Errno?]
  let after: [Check]
  let restore: [Step]

  init(
    _ name: String, from setup: [Step] = [], _ write: Write, answers: Errno?..., after: [Check] = [],
    restore: [Step] = []
  ) {
    self.name = name
    self.setup = setup
    self.write = write
    self.answers = answers
    self.after = after
    self.restore = restore
  }
}
