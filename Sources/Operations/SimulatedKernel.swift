import KernelSimulator
import Sysfs
import System
import Transactions

/// The kernel that answers writes to a capture.
struct SimulatedKernel {
  let loop: WriterLoop

  /// Nil where there is a running kernel's sysfs below the root: that is never written through a capture's name.
  init?(_ root: Root, clock: Clock, hasWaitedEnough: @escaping @Sendable () -> Bool = { false }) {
    if root.isHost || root.hasRealSysfs { return nil }
    let simulated = SimulatedSysfs(root: root, clock: clock, hasWaitedEnough: hasWaitedEnough)
    loop = WriterLoop(sysfs: simulated, links: SimulatedLinks(simulated), clock: clock) { arguments in
      guard let module = arguments.first else { return (.invalid, "no module is named") }
      do throws(ModuleError) {
        try simulated.loadModule(module, arguments: Array(arguments.dropFirst()))
        return nil
      } catch { return (.noDevice, error.message) }
    }
  }
}

/// Writers in this very process, on the simulated kernel of a capture.
public final class SimulatedWriters: WriterSource {
  private let root: Root
  private let clock: Clock
  private let identify: () -> ProcessIdentity?
  /// All that were started, in order.
  public private(set) var started: [LocalWriter] = []

  /// `identify`: whom the next one is taken for.
  public init(_ root: Root, clock: Clock, identify: @escaping () -> ProcessIdentity?) {
    self.root = root
    self.clock = clock
    self.identify = identify
  }

  public func start() throws(SystemError) -> any Writer {
    let deadline = WriterDeadline(clock)
    guard let kernel = SimulatedKernel(root, clock: clock, hasWaitedEnough: { deadline.isOver }) else {
      throw SystemError(call: "start", path: root.path, errno: .notPermitted)
    }
    let writer = LocalWriter(kernel.loop, as: identify(), deadline: deadline)
    started.append(writer)
    return writer
  }
}
