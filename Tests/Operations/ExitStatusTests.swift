import Operations
import Testing

struct ExitStatusTests {
  @Test func theStatusOfSeveralIsThatOfWhatWasNotPutBack() {
    #expect(Diagnostic.Status.worst(of: [.timeout, .partial, .refused]) == .partial)
    #expect(Diagnostic.Status.worst(of: [.refused, .timeout, .rolledBack]) == .timeout)
    #expect(Diagnostic.Status.worst(of: [.malformed, .rolledBack, .notRoot]) == .rolledBack)
  }

  @Test func withoutThoseItIsTheLargest() {
    #expect(Diagnostic.Status.worst(of: [.done, .refused, .malformed, .notFound]) == .notFound)
    #expect(Diagnostic.Status.worst(of: [] as [Diagnostic.Status]) == .done)
  }
}
