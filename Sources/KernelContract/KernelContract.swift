// KernelContract
