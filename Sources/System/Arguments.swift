import CSystem

/// What this program was started with.
public enum Arguments {
  /// The program's name first, as it was typed.
  ///
  /// Swift's `CommandLine.arguments` reads `/proc/self/cmdline` and is empty where `/proc` is not mounted, as in the chroot
  /// of an image builder or in a rescue shell. These come from the C library.
  public static let all: [String] = {
    var words: [String] = []
    // The list ends with NULL: execve(2).
    while let word = hostdev_argument(Int32(words.count)) { words.append(String(cString: word)) }
    return words
  }()
}
