import Testing

@testable import Host

@Suite("Parameters as the kernel takes them apart")
struct KernelParameterTests {
  @Test(arguments: [
    ("vfio-pci.ids=10de:1e87", "vfio_pci.ids", "10de:1e87"),
    ("ids=\"10de:1e87,10de:10f8\"", "ids", "10de:1e87,10de:10f8"),
    ("\"vfio-pci.ids=10de:1e87 x\"", "vfio_pci.ids", "10de:1e87 x"), ("ids='10de:1e87'", "ids", "'10de:1e87'"),
    ("ids=10de:\"1e87\"", "ids", "10de:\"1e87\""), ("ids=\"a\",\"b\"", "ids", "a\",\"b"), ("ids=", "ids", ""),
  ])
  func one(text: String, name: String, value: String) {
    let found = KernelParameter.all("  \(text)\t\n")
    #expect(found.map(\.name) == [name] && found.first?.value == value && found.first?.text == text)
  }

  @Test func blanksEndAParameterUnlessTheyAreQuoted() {
    let found = KernelParameter.all("quiet  ids=\"a, b\" c=d\te")
    #expect(found.map(\.text) == ["quiet", "ids=\"a, b\"", "c=d", "e"])
    #expect(found.map(\.value) == [nil, "a, b", "d", nil])
  }
}
