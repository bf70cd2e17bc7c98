import PCI

/// Do the initramfs images have the pins that there are?
struct InitramfsImages: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let release = examination.surroundings.kernelRelease.value
    let found = examination.images.compactMap { image -> ReadinessCheck? in
      let what = "The initramfs of \(image.kernel)\(image.kernel == release ? ", the kernel that runs," : "")"
      let remedy =
        examination.settings.initramfs.update(kernel: image.kernel) ?? "make the initramfs of \(image.kernel) anew"
      switch image.content {
      case .same: return nil
      case .stale(let differences):
        return ReadinessCheck(
          .initramfsStale, .warning, "\(what) has other pins than /etc/hostdev/pins.d: it is stale.",
          evidence: [image.path] + differences, remedy: remedy)
      case .withoutPins where examination.pins.isEmpty: return nil
      case .withoutPins:
        return ReadinessCheck(
          .initramfsStale, .info,
          "\(what) has no hostdev in it: host drivers come first at boot, and the pins are applied after them.",
          evidence: [image.path], remedy: remedy)
      case .unknown(let reason):
        return ReadinessCheck(
          .initramfsStale, .unknown, "\(what): which pins are in it could not be read.", evidence: [image.path, reason])
      }
    }
    if !found.isEmpty { return found }
    if examination.images.isEmpty, !examination.pins.isEmpty {
      return [ReadinessCheck(.initramfsStale, .unknown, "No initramfs was found.", evidence: ["/boot"])]
    }
    return [
      ReadinessCheck(
        .initramfsStale, .ok,
        examination.pins.isEmpty
          ? "Nothing is pinned, and no initramfs has pins." : "Every initramfs has the pins that there are.",
        evidence: examination.images.map(\.path))
    ]
  }
}
