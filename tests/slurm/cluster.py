"""A SLURM cluster of one node on the loopback interface, for as long as a test takes.

Debian's packages slurm-wlm and munge must be installed; it must be root who runs this.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CLIENTS = (
    "srun",
    "sbatch",
    "squeue",
    "scontrol",
    "sacct",
    "sacctmgr",
    "scancel",
    "sinfo",
    "sshare",
)
# Not SLURM's own ports: another cluster's daemon may run on this machine.
CONTROLLER_PORT, NODE_PORT, CLIENT_PORTS = 36817, 36818, "36900-36999"


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """Start a cluster, give the environment that reaches it, and stop what was started.

    Every file of the cluster is in ``folder``. There is no accounting: ``squeue`` knows the jobs,
    ``sacct`` fails.
    """
    started: list[Path] = []
    try:
        socket_file = _start_munge(folder / "munge", started)
        configuration = _configure(folder, socket_file)
        environment = _with_clients(folder / "bin", configuration)
        for daemon in ("slurmctld", "slurmd"):
            arguments = ["-c"] if daemon == "slurmctld" else []
            _run([daemon, *arguments, "-f", str(configuration)])
            started.append(folder / f"{daemon}.pid")
        _wait("an idle node", lambda: "idle" in _answer(["sinfo", "-h", "-o", "%T"], environment))
        yield environment
    finally:
        try:
            if (folder / "slurmd.pid").exists():
                # What still runs, if the test was interrupted, would outlive the daemons.
                _answer(["scancel", "--user", "root"], environment)
                _wait("jobs to end", lambda: not _answer(["squeue", "-h"], environment))
        finally:
            for pid_file in reversed(started):
                _stop(pid_file)


def _start_munge(folder: Path, started: list[Path]) -> Path:
    folder.mkdir(mode=0o755)
    key = folder / "key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    for path in (folder, key):
        shutil.chown(path, "munge", "munge")
    files = {name: folder / f"munge.{name}" for name in ("socket", "pid", "log", "seed")}
    options = [
        f"--socket={files['socket']}",
        f"--key-file={key}",
        f"--pid-file={files['pid']}",
        f"--log-file={files['log']}",
        f"--seed-file={files['seed']}",
    ]
    subprocess.run(["munged", *options], user="munge", group="munge", check=True)
    started.append(files["pid"])
    return files["socket"]


def _configure(folder: Path, socket_file: Path) -> Path:
    """Write a slurm.conf that listens on 127.0.0.1 alone."""
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    settings = {
        "ClusterName": "loopback",
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmctldPort": CONTROLLER_PORT,
        "SlurmdPort": NODE_PORT,
        "SrunPortRange": CLIENT_PORTS,
        "CommunicationParameters": "NoInAddrAny,NoCtldInAddrAny",
        "AuthType": "auth/munge",
        "AuthInfo": f"socket={socket_file}",
        "CredType": "cred/munge",
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "JobAcctGatherType": "jobacct_gather/none",
        "AccountingStorageType": "accounting_storage/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core_Memory",
        "SchedulerParameters": "sched_interval=2,bf_interval=2",
        "MpiDefault": "none",
        "SwitchType": "switch/none",
        "ReturnToService": 2,
        "MailProg": "/bin/true",
        "MinJobAge": 300,
        "StateSaveLocation": folder / "state",
        "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
        "SlurmctldLogFile": folder / "slurmctld.log",
        "SlurmdLogFile": folder / "slurmd.log",
    }
    cpus, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    lines = [f"{name}={value}" for name, value in settings.items()]
    lines += [
        f"NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory * 9 // 10}",
        f"PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP",
    ]
    configuration = folder / "slurm.conf"
    configuration.write_text("\n".join(lines) + "\n")
    return configuration


def _with_clients(folder: Path, configuration: Path) -> dict[str, str]:
    """Put clients on the path that know the configuration.

    A variable in the environment would not do: Snakemake's executor removes it for the job's step.
    """
    folder.mkdir()
    for name in CLIENTS:
        client = folder / name
        client.write_text(f'#!/bin/sh\nSLURM_CONF={configuration} exec {shutil.which(name)} "$@"\n')
        client.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)


def _answer(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def _wait(what: str, reached: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}; see the logs of the cluster")
        time.sleep(0.5)


def _stop(pid_file: Path) -> None:
    """End the process that a daemon wrote down, and wait until it is gone."""
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return
    _wait(f"process {pid} to end", lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    """Tell whether a process runs; one that has ended may still wait for its parent's notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
