import KernelSimulator
import TestSupport
import Testing

@testable import KernelContract

@Suite struct ContractTests {
  static let kernels = ["6.12", "6.1"]

  @Test func namesAreDistinct() {
    #expect(Set(contract.map(\.name)).count == contract.count)
  }

  @Test(arguments: kernels) func recordIsAsTheGuestMadeIt(series: String) throws {
    let record = try Record(series)
    #expect(record.seal.lines == record.lines.count)
    #expect(record.seal.sha256 == sha256(Array(record.lines.map { $0 + "\n" }.joined().utf8)))
    #expect(record.seal.kernel.hasPrefix(series + "."))
  }

  @Test(arguments: kernels) func recordHasEveryExpectation(series: String) throws {
    #expect(try Record(series).answers.map(\.name) == contract.map(\.name))
  }

  @Test(arguments: kernels) func simulatorAnswersAsTheKernel(series: String) throws {
    let record = try Record(series)
    let guest = try Scratch(Fixture("kernel/\(series)"))
    let sysfs = SimulatedSysfs(root: guest.root, clock: .system)
    let answers = run(
      contract, on: sysfs, devices: TestDevices(scanning: sysfs),
      machine: SimulatedMachine(sysfs: sysfs, root: guest.root))
    for (answer, recorded) in zip(answers, record.answers) {
      #expect(answer == recorded)
    }
    #expect(answers.count == record.answers.count)
  }
}
