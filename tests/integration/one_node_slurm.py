"""Slurm on this machine: munged, slurmctld and slurmd for one node that only pretends to be large."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun")
# The executor plugin takes SLURM_CONF away from jobs, so nothing but Slurm's own place is found by srun.
CONFIGURATION = Path("/etc/slurm")
FILES = ("slurm.conf", "cgroup.conf", "gres.conf")
CPUS, MEMORY, GPUS = 64, 512_000, 1

_SLURM = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/completed.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
MinJobAge=300
ReturnToService=2
PropagateResourceLimits=NONE
MpiDefault=none
GresTypes=gpu
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:{gpus} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
_CGROUP = """\
CgroupPlugin=cgroup/v1
CgroupAutomount=no
ConstrainCores=no
ConstrainDevices=no
ConstrainRAMSpace=no
ConstrainSwapSpace=no
"""
_GRES = "NodeName={host} Name=gpu File=/dev/null\n"


def can_run() -> str | None:
    """Return why there can be no Slurm here, or None."""
    if os.environ.get("CALIBRANT_SLURM") != "1":
        return "CALIBRANT_SLURM=1 asks for it: it needs root and writes to /etc/slurm"
    if os.geteuid() != 0:
        return "Slurm's daemons are started by root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (apt-get install slurm-wlm munge)"
    there = [name for name in FILES if (CONFIGURATION / name).exists()]
    return f"{CONFIGURATION} has a configuration already: {', '.join(there)}" if there else None


class OneNodeSlurm:
    """A running Slurm with the partition ``main``; use as a context.

    Args:
        folder: An empty folder for keys, sockets, states and logs.

    Attributes:
        completed: Slurm's own list of the jobs that ended, one line each.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.completed = folder / "completed.txt"

    def __enter__(self) -> "OneNodeSlurm":
        self._write_configuration()
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _write_configuration(self) -> None:
        host = os.uname().nodename
        values = {
            "host": host,
            "folder": self._folder,
            "cpus": CPUS,
            "memory": MEMORY,
            "gpus": GPUS,
        }
        for name, text in zip(FILES, (_SLURM, _CGROUP, _GRES), strict=True):
            (CONFIGURATION / name).write_text(text.format(**values), encoding="utf-8")
        for name in ("state", "spool"):
            (self._folder / name).mkdir()
        self._folder.chmod(0o700)
        key = self._folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)

    def _start(self) -> None:
        place = self._folder / "munge"
        subprocess.run(
            [
                "munged", "--force", f"--key-file={place}.key", f"--socket={place}.socket",
                f"--pid-file={place}.pid", f"--log-file={place}.log", f"--seed-file={place}.seed",
            ],
            check=True,
        )  # fmt: skip
        subprocess.run(["slurmctld"], check=True)
        subprocess.run(["slurmd"], check=True)
        end = time.monotonic() + 60
        while "idle" not in _output("sinfo", "-h", "-o", "%T"):
            assert time.monotonic() < end, (self._folder / "slurmd.log").read_text()
            time.sleep(0.5)

    def _stop(self) -> None:
        """End the daemons by their ids and take the configuration away."""
        for name in ("slurmd", "slurmctld", "munge"):
            file = self._folder / f"{name}.pid"
            if file.is_file():
                os.kill(int(file.read_text()), signal.SIGTERM)
        for name in FILES:
            (CONFIGURATION / name).unlink(missing_ok=True)


def jobs_of_calibrant() -> list[str]:
    """Return the ids of the profile's jobs that wait or run."""
    lines = [line.split() for line in _output("squeue", "-h", "-o", "%i %j %t").splitlines()]
    return [job for job, name, state in lines if name.startswith("calibrant") and state != "CG"]


def cancel(jobs: list[str]) -> None:
    """Cancel jobs and wait until none is left."""
    subprocess.run(["scancel", *jobs], check=True)
    end = time.monotonic() + 60
    while _output("squeue", "-h", "-o", "%i"):
        assert time.monotonic() < end
        time.sleep(0.5)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
