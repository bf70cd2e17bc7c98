import System

/// The program that makes this host's initramfs anew.
public struct InitramfsMaker {
  /// An image takes a minute or two; it is a host with many kernels and a slow disk that takes long.
  private static let minutes = 30

  let path: String
  let words: [String]

  /// The host's own. All images of the host are made, since which of them boots next is the boot loader's to say.
  public init(_ invocation: Invocation) throws(Diagnostic) {
    let root = try Workspace.open(invocation)
    guard root.isHost else {
      throw Diagnostic(
        .usage, "cannot rebuild the initramfs of a capture", path: root.path,
        next: "omit --update-initramfs; to see what an initramfs gets: hostdev image DIR")
    }
    let makers = [
      ("/usr/sbin/update-initramfs", ["update-initramfs", "-u", "-k", "all"]),
      ("/usr/bin/dracut", ["dracut", "--force", "--regenerate-all"]),
      ("/usr/sbin/dracut", ["dracut", "--force", "--regenerate-all"]),
    ]
    guard let found = makers.first(where: { root.exists($0.0) }) else {
      throw Diagnostic(
        .missing, "cannot rebuild the initramfs: neither update-initramfs nor dracut is installed",
        path: "/usr/sbin/update-initramfs", state: "nothing was changed",
        next: "omit --update-initramfs, and rebuild the initramfs with this host's own tool")
    }
    (path, words) = found
  }

  public var line: String { words.joined(separator: " ") }

  /// Makes it; `done` is what stands already, for the error.
  func run(after done: String, _ invocation: Invocation) throws(Diagnostic) {
    invocation.report(.note("\(line) …"))
    let next = "read its output, then: \(line)"
    let status: Int32
    let output: String
    // Why it failed stands at the end of what it says, which may be warnings for each image.
    do {
      (status, output) = try Child.run(
        path, words, limit: 1 << 24, within: .seconds(60 * Self.minutes), clock: invocation.runtime.clock)
    } catch {
      let isLate = error.errno == .timedOut
      throw Diagnostic(
        .partial,
        isLate ? "\(line): not done after \(Self.minutes) minutes, so hostdev ended it" : "cannot start \(line)",
        path: path,
        errno: error.errno.name, state: "\(done); \(isLate ? Self.halfDone : "no initramfs was rebuilt")",
        leavesChange: true, next: next)
    }
    if status == 0 { return }
    let said = output.split(separator: "\n").suffix(5).joined(separator: "; ")
    throw Diagnostic(
      .partial, "\(line): exit status \(status)\(said.isEmpty ? "" : ": \(said)")", path: path,
      state: "\(done); \(Self.halfDone)", leavesChange: true, next: next)
  }

  /// They are made one after the other, and which one it was that failed is known to that program alone.
  private static let halfDone = "some initramfs images may be new, some old, and one incomplete"
}
