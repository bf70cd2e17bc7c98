import Glibc

/// Sleeps, `usleep(3)`; a signal ends it early.
public func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
