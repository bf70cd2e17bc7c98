import PCI
import System

/// Why a write did not simply succeed.
enum Refusal: Error, Equatable {
  /// The kernel's answer.
  case errno(Errno)
  /// The kernel sleeps until the process that holds this function closes it; the write is tried again later.
  case waits(Address)

  /// What the disk below the capture answered: a full or read-only file system answers for the kernel.
  init(_ error: SystemError) { self = .errno(error.errno) }
}
