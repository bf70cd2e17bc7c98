// PCINames
