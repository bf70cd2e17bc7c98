extension Unicode.Scalar {
  /// What a terminal would take for a command, would show in another order than it is written, or would not show: C0, DEL
  /// and C1, the marks of direction, and what has no width.
  public var isHarmful: Bool {
    switch value {
    case 0..<0x20, 0x7f...0x9f, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
      0xfff9...0xfffb, 0xe0000...0xe007f:
      true
    default: false
    }
  }
}
