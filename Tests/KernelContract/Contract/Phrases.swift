import System

// What expectations are written with.

func bind(_ role: String, _ driver: String) -> Write { Write("{\(role)}", to: "/sys/bus/pci/drivers/\(driver)/bind") }
func unbind(_ role: String) -> Write { Write("{\(role)}", to: attribute(role, "driver/unbind")) }
func override(_ role: String, _ driver: String) -> Write { Write(driver, to: attribute(role, "driver_override")) }
func probe(_ role: String) -> Write { Write("{\(role)}", to: "/sys/bus/pci/drivers_probe") }
func set(_ role: String, _ name: String, _ value: String) -> Write { Write(value, to: attribute(role, name)) }
func attribute(_ role: String, _ name: String) -> String { "/sys/bus/pci/devices/{\(role)}/\(name)" }
func home(_ role: String) -> String { "{\(role).driver}" }

func driver(_ role: String, is name: String) -> Look {
  Look(kind: .link, path: attribute(role, "driver"), values: [name])
}
func text(_ role: String, _ name: String, is values: String...) -> Look {
  Look(kind: .text, path: attribute(role, name), values: values)
}
func existence(_ path: String, is value: Bool) -> Look {
  Look(kind: .existence, path: path, values: [value ? "yes" : "no"])
}

/// What is told who opens the group of this role, as a monitor does.
func opening(_ role: String, is value: String) -> Look {
  Look(kind: .opening, path: "{\(role).group}", values: [value])
}

let vfio: Step = .module("vfio-pci", ["ids="])

/// The function is on vfio-pci.
func onVFIO(_ role: String) -> [Step] {
  [vfio, .write(override(role, "vfio-pci")), .write(unbind(role)), .write(bind(role, "vfio-pci"))]
}

/// A guest has the function, and somebody takes it: the unbind waits for the guest.
func pending(_ role: String) -> [Step] {
  onVFIO(role) + [.hold(role), .begin(Write("{\(role)}", to: "/sys/bus/pci/drivers/vfio-pci/unbind", mayWait: true))]
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
  let after: [Look]
  let restore: [Step]

  init(
    _ name: String, from setup: [Step] = [], _ write: Write, answers: Errno?..., after: [Look] = [],
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
