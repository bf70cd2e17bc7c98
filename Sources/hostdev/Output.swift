import Report
import System

/// Prints: results on standard output, progress and errors on standard error.
enum Output {
  static func write(_ rendering: Rendering) { for piece in rendering.pieces { write(piece) } }

  static func write(_ piece: Rendering.Piece) {
    switch piece {
    case .json(let bytes): write(bytes)
    case .text(let text): write(Array(terminalText(text).utf8))
    case .progress(let line): progress(line)
    }
  }

  /// A result that could not be written, as on a full disk, is not a success: the program ends with 2. If it changed
  /// something before that, it prints the error and goes on; the change stays, and `status` shows it.
  private static func write(_ bytes: [UInt8]) {
    do { try StandardOutput.write(bytes) } catch {
      if !hasFailed { progress("hostdev: write \(error.path): \(error.errno)") }
      hasFailed = true
    }
  }

  static func progress(_ text: String) { StandardError.write(Array((terminalText(text) + "\n").utf8)) }

  /// Something could not be printed. One run of the program is single-threaded.
  nonisolated(unsafe) private(set) static var hasFailed = false
}
