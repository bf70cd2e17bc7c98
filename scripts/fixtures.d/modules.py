"""Kernel modules: which one has a driver, its path in modules.dep, and what it needs."""

BUILT_IN = {"pcieport": "pcieportdrv", "shpchp": "shpchp"}
# Drivers whose name is not their module's name.
OF_DRIVER = {"vfio-pci": "vfio_pci", "i801_smbus": "i2c_i801", "intel-lpss": "intel_lpss_pci",
             "nvidia-gpu": "i2c_nvidia_gpu", "skl_uncore": "intel_uncore", "xhci_hcd": "xhci_pci",
             "proc_thermal": "processor_thermal_device_pci_legacy"}
# Their paths in modules.dep.
FILES = {
    "ahci": "kernel/drivers/ata/ahci", "firewire_ohci": "kernel/drivers/firewire/firewire-ohci",
    "i2c_i801": "kernel/drivers/i2c/busses/i2c-i801",
    "i2c_nvidia_gpu": "kernel/drivers/i2c/busses/i2c-nvidia-gpu", "i915": "kernel/drivers/gpu/drm/i915/i915",
    "igb": "kernel/drivers/net/ethernet/intel/igb/igb", "igbvf": "kernel/drivers/net/ethernet/intel/igbvf/igbvf",
    "intel_lpss_pci": "kernel/drivers/mfd/intel-lpss-pci",
    "intel_uncore": "kernel/arch/x86/events/intel/intel-uncore", "mei_me": "kernel/drivers/misc/mei/mei-me",
    "nouveau": "kernel/drivers/gpu/drm/nouveau/nouveau", "nvme": "kernel/drivers/nvme/host/nvme",
    "processor_thermal_device_pci_legacy":
        "kernel/drivers/thermal/intel/int340x_thermal/processor_thermal_device_pci_legacy",
    "snd_ens1371": "kernel/sound/pci/snd-ens1371", "snd_hda_intel": "kernel/sound/pci/hda/snd-hda-intel",
    "vfio": "kernel/drivers/vfio/vfio", "vfio_iommu_type1": "kernel/drivers/vfio/vfio_iommu_type1",
    "vfio_pci": "kernel/drivers/vfio/pci/vfio-pci", "vfio_pci_core": "kernel/drivers/vfio/pci/vfio-pci-core",
    "vmd": "kernel/drivers/pci/controller/vmd", "xclmgmt": "updates/dkms/xclmgmt",
    "xhci_pci": "kernel/drivers/usb/host/xhci-pci", "xocl": "updates/dkms/xocl",
}
NEEDS = {"vfio_pci": ("vfio_pci_core", "vfio"), "vfio_pci_core": ("vfio",), "vfio_iommu_type1": ("vfio",)}
VFIO_MODULES = ("vfio", "vfio_pci_core", "vfio_iommu_type1")


def file_of(module: str) -> str:
    """Its path below /lib/modules/RELEASE."""
    return f"{FILES[module]}.ko.xz"
