import Checks

extension Workspace {
  /// What `doctor` finds of the way of the pins to the next boot: the units that apply them, and the initramfs images. The
  /// files are read anew, since a pin was just written or removed.
  func nextBoot() -> [Finding] { Readiness(ofNextBoot: examine()).findings }
}

extension Change {
  /// Makes the host's images anew, if that is requested. If no pin was written or removed, only if an image differs from
  /// the pins: an earlier attempt may have failed. `done`: what stands already.
  func remake(_ maker: InitramfsMaker?, after done: String, hasChanged: Bool) throws(Diagnostic) {
    guard let maker else { return }
    if hasChanged || workspace.nextBoot().contains(where: { $0.code == .initramfsStale && $0.severity != .ok }) {
      try maker.run(after: done, invocation)
    }
  }
}
