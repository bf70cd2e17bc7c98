import Host
import Sysfs

extension Use.Process {
  /// Of a folder of `/proc` by its name; nil if that is not a number.
  init?(_ sysfs: any Sysfs, _ process: String) {
    guard let pid = UInt32(process) else { return nil }
    let folder = "/proc/\(process)"
    let arguments = ((try? sysfs.read("\(folder)/cmdline")) ?? []).split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
    var command = sysfs.fact("\(folder)/comm").value ?? ""
    if command.isEmpty { command = arguments.first.map(lastName) ?? "unknown command" }
    let group = ControlGroup(sysfs.lines("\(folder)/cgroup"))
    let guest = GuestReading(sysfs, arguments, in: group).guest
    let owner: Owner? =
      if let guest { .guest(guest) } else if let container = group.container(sysfs) { .container(container) } else {
        group.unit.map { .unit($0, user: group.user) }
      }
    self.init(pid, command: command, owner: owner)
  }
}
