"""A SLURM cluster of one node on the loopback interface, for as long as a test takes.

Debian's packages slurm-wlm and munge must be installed; it must be root who runs this.
"""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.faults.disturbed import await_true

CLIENTS = "srun sbatch squeue scontrol sacct sacctmgr scancel sinfo sshare".split()
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
            subprocess.run([daemon, *arguments, "-f", str(configuration)], check=True)
            started.append(folder / f"{daemon}.pid")
        # An idle node.
        await_true(lambda: "idle" in _answer(["sinfo", "-h", "-o", "%T"], environment), 60)
        yield environment
    finally:
        try:
            if (folder / "slurmd.pid").exists():
                # What still runs, if the test was interrupted, would outlive the daemons.
                _answer(["scancel", "--user", "root"], environment)
                await_true(lambda: not _answer(["squeue", "-h"], environment), 60)
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
    socket_file, pid_file = folder / "munge.socket", folder / "munge.pid"
    options = [f"--socket={socket_file}", f"--key-file={key}", f"--pid-file={pid_file}"]
    options += [f"--{name}-file={folder}/munge.{name}" for name in ("log", "seed")]
    subprocess.run(["munged", *options], user="munge", group="munge", check=True)
    started.append(pid_file)
    return socket_file


def _configure(folder: Path, socket_file: Path) -> Path:
    """Write a slurm.conf that listens on 127.0.0.1 alone."""
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    cpus, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    configuration = folder / "slurm.conf"
    configuration.write_text(f"""\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={CONTROLLER_PORT}
SlurmdPort={NODE_PORT}
SrunPortRange={CLIENT_PORTS}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket={socket_file}
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
MailProg=/bin/true
MinJobAge=300
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory * 9 // 10}
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
""")
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


def _answer(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def _stop(pid_file: Path) -> None:
    """End the process that a daemon wrote down, and wait until it is gone."""
    with suppress(OSError, ValueError, psutil.NoSuchProcess):
        process = psutil.Process(int(pid_file.read_text()))
        process.terminate()
        # One that has ended may still wait for its parent's notice.
        await_true(lambda: process.status() == psutil.STATUS_ZOMBIE, 60)
