import Planning
import Host
import Inventory
import KernelSimulator
import PCI
import Sysfs
import System
import Transactions

extension CaptureTree {
  /// Reads a capture made of these bytes, and does to it all that a changing command does: the simulator's writes, and the
  /// lock and the records of `/run/hostdev`. Whatever is refused, nothing outside is touched.
  static func play(_ bytes: [UInt8]) {
    let tree = CaptureTree(bytes)
    defer { tree.remove() }
    guard let root = try? Root(tree.root) else { fatalError("\(tree.root) is not there") }
    rehearse(root)
    if let complaint = tree.complaint() { fatalError(complaint) }
  }

  private static func rehearse(_ root: Root) {
    let records = Records(root, .system)
    let lock = try? records.lock(wait: .zero, label: "fuzz")
    defer { withExtendedLifetime(lock) {} }
    for journal in (try? records.openJournals()) ?? [] { try? records.close(journal) }
    for hold in (try? records.held()) ?? [] { try? records.forget(hold.function) }
    guard var host = try? Scanner(TreeSysfs(root, isWritable: false)).scan() else { return }
    Scanner(TreeSysfs(root, isWritable: false)).detail(host.functions.map(\.address), of: &host)
    let kernel = SimulatedSysfs(root: root, clock: .system)
    for function in host.functions { move(function, kernel, records) }
    for path in ["drivers_probe", "rescan", "drivers/vfio-pci/new_id"] {
      try? kernel.write(Array("10ee 5000".utf8), to: "/sys/bus/pci/\(path)")
    }
  }

  private static func move(_ function: Function, _ kernel: SimulatedSysfs, _ records: Records) {
    let now = Placement(function.address, State(driver: function.driver.value, override: function.driverOverride.value))
    let away = Placement(function.address, State(driver: VFIODriver.generic, override: VFIODriver.generic))
    let hold = Hold(
      function: function.address, identity: Identity(function), state: away.state, home: now.state, since: 1,
      command: ["fuzz"], forced: [])
    let journal = Journal(
      id: "3-4", kind: .bind, command: ["fuzz"], owner: nil, begun: 3,
      identities: [function.address: Identity(function)], prior: [now], target: [away], plan: [], forced: [],
      holds: [hold])
    try? records.save(journal)
    try? kernel.loadModule("vfio-pci")
    for steps in [converge(from: [now], to: [away]), converge(from: [away], to: [now])] {
      for step in steps where step.operation == .write {
        try? kernel.write(Array((step.value ?? "\n").utf8), to: step.path)
      }
      try? records.save(hold)
    }
    let folder = "/sys/bus/pci/devices/\(function.address)"
    for (attribute, value) in [("reset_method", "flr"), ("reset", "1"), ("sriov_numvfs", "2"), ("remove", "1")] {
      try? kernel.write(Array(value.utf8), to: "\(folder)/\(attribute)")
    }
    try? records.forget(function.address)
    try? records.close(journal)
  }
}
