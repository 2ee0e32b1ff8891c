"""A GPU is told by its driver's control file."""

from pathlib import Path

from calibrant.gpu_driver import has_gpu_driver


def test_a_driver_is_there_when_its_control_file_is(tmp_path: Path) -> None:
    control = tmp_path / "nvidiactl"
    assert not has_gpu_driver(control)
    control.touch()
    assert has_gpu_driver(control)
