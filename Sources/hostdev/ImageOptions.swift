import ArgumentParser
import Operations

/// For the commands that change what the next boot's image should know.
struct ImageOptions: ParsableArguments {
  @Flag(help: "Then rebuild the initramfs of this host with update-initramfs or dracut, so that the next boot knows.")
  var updateInitramfs = false

  /// What makes it; nil if none is requested.
  func maker(_ invocation: Invocation) throws(Diagnostic) -> InitramfsMaker? {
    updateInitramfs ? try InitramfsMaker(invocation) : nil
  }
}
