import KernelSimulator
import Links
import Sysfs
import System
import Transactions

/// The other half of every run: the process that writes to the kernel, or to the simulator. Started by ourselves only.
public enum WriterProgram {
  public static let name = "__writer"

  /// `arguments`: empty for this host, else the capture. Answers what standard input asks, to the end of it. False where
  /// the arguments are not a writer's.
  public static func run(_ arguments: [String]) -> Bool {
    guard let root = try? Root(arguments.first ?? "/", waitsForLocks: true), arguments.isEmpty == root.isHost,
      let loop = root.isHost ? hostLoop(root) : SimulatedKernel(root, clock: .system)?.loop
    else { return false }
    // An answer that is waited for no more is lost without harm.
    loop.run(next: StandardInput.line, answer: { try? StandardOutput.write($0) })
    return true
  }

  static func started(by program: String, on root: Root, clock: Clock) -> ProcessWriters {
    ProcessWriters(
      path: program, arguments: ["hostdev", name] + (root.isHost ? [] : [root.pathForChildren]), clock: clock)
  }

  private static func hostLoop(_ root: Root) -> WriterLoop {
    let links: any VirtualLinks = IPRoute(root, within: nil, clock: .system) ?? NoLinks()
    return WriterLoop(sysfs: TreeSysfs(root, isWritable: true), links: links, clock: .system) { arguments in
      let path =
        ["/sbin/modprobe", "/usr/sbin/modprobe", "/bin/modprobe"].first { root.exists($0) } ?? "/sbin/modprobe"
      do throws(SystemError) {
        let (status, output) = try Child.run(path, ["modprobe"] + arguments, clock: .system)
        let words = output.split(separator: "\n").joined(separator: "; ")
        return status == 0 ? nil : (.noDevice, words.isEmpty ? "exit status \(status)" : words)
      } catch { return (error.errno, "it could not be started") }
    }
  }
}
