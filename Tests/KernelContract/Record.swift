import FoundationEssentials
import KernelContract
import KernelSimulator
import System
import TestSupport

/// The recorded answers of one kernel, and the guest that gave them as a tree.
struct Record {
  /// The lines as they were given.
  let lines: [String]
  let answers: [Answer]
  let seal: Seal

  struct Seal: Decodable {
    let kernel: String
    let lines: Int
    let sha256: String
  }

  init(_ series: String) throws {
    let text = String(decoding: try Root(Fixture.folder).read("/kernel/\(series).jsonl"), as: UTF8.self)
    let all = text.split(separator: "\n").map(String.init)
    lines = Array(all.dropLast())
    answers = try lines.map { try JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
    seal = try JSONDecoder().decode(Seal.self, from: Data((all.last ?? "").utf8))
  }
}
