import KernelContract
import Sysfs
import System

// Plays the contract on the running kernel, one line of JSON an answer. It unbinds, resets and removes devices, so it
// runs only where the kernel's command line says that this is a lab.

let root: Root
do { root = try Root("/") } catch { Ending.exit(2, saying: "kernel-contract: /: \(error.errno)") }
let sysfs = TreeSysfs(root, isWritable: true)

let words = ((try? sysfs.text("/proc/cmdline")) ?? "").split(whereSeparator: \.isWhitespace)
guard words.contains("hostdev-lab") else {
  Ending.exit(64, saying: "kernel-contract: the kernel was not booted with hostdev-lab: this is no lab guest")
}

/// `modprobe`, where the kernel itself would look for it.
func loadModule(_ name: String, _ arguments: [String]) throws {
  let program = (try? sysfs.text("/proc/sys/kernel/modprobe")) ?? "/sbin/modprobe"
  let path = root.exists(program) ? program : "/usr/sbin/modprobe"
  let (status, _) = try Child.run(path, ["modprobe", name] + arguments)
  if status != 0 { throw SystemError(call: "modprobe", path: name, errno: .noEntry) }
}

/// The lab's program opens the group and the function, says `held` and ends by itself.
func hold(_ address: String, _ group: String) throws -> () -> Void {
  let holder = try Child("/usr/bin/viable", ["viable", "-d", address, "-w", "2", group], ignoringSignals: false)
  let deadline = ContinuousClock.now + .seconds(10)
  while let line = try holder.line(until: deadline) {
    if String(decoding: line, as: UTF8.self) == "held" { return { holder.wait() } }
  }
  throw SystemError(call: "open", path: "/dev/vfio/\(group)", errno: .timedOut)
}

let answers = play(
  contract, on: sysfs, roles: Roles(scanning: sysfs), loadModule: loadModule, hold: hold)
for answer in answers { print(answer.line) }
let unmet = answers.filter { !$0.isMet }
Ending.exit(
  unmet.isEmpty ? 0 : 1,
  saying: unmet.isEmpty ? nil : "kernel-contract: \(unmet.count) of \(answers.count) answers are not as expected")
