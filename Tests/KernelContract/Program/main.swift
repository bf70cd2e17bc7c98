import KernelContract
import Sysfs
import System

// Runs the contract on the running kernel: one line of JSON per answer. It unbinds, resets and removes devices, so it
// runs only if the kernel's command line says that this is a lab.

let root: Root
do { root = try Root("/", waitsForLocks: true) } catch { Ending.exit(2, saying: "kernel-contract: /: \(error.errno)") }
let sysfs = TreeSysfs(root, isWritable: true)

let words = ((try? sysfs.text("/proc/cmdline")) ?? "").split(whereSeparator: \.isWhitespace)
guard words.contains("hostdev-lab") else {
  Ending.exit(64, saying: "kernel-contract: the kernel was not booted with hostdev-lab: this is not a lab guest")
}

// The process that makes one write or one read and can be left behind: see `SeparateProcess`.
if let process = SeparateProcess(CommandLine.arguments) { process.run(sysfs) }

let answers = run(contract, on: sysfs, devices: TestDevices(scanning: sysfs), machine: LabMachine(sysfs: sysfs))
for answer in answers { print(answer.line) }
let unmet = answers.filter { !$0.isMet }
Ending.exit(
  unmet.isEmpty ? 0 : 1,
  saying: unmet.isEmpty ? nil : "kernel-contract: \(unmet.count) of \(answers.count) answers are not as expected")
