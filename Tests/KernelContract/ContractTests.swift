import Testing

@testable import KernelContract

@Suite struct ContractTests {
  @Test func namesAreDistinct() {
    #expect(Set(contract.map(\.name)).count == contract.count)
  }
}
