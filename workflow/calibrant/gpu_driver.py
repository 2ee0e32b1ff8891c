"""Whether this machine has a GPU, told without loading torch."""

from pathlib import Path

_CONTROL = Path("/dev/nvidiactl")


def has_gpu_driver(control: Path = _CONTROL) -> bool:
    """Return whether NVIDIA's driver is loaded: its control file is there.

    Args:
        control: Where the driver puts it.
    """
    return control.exists()
