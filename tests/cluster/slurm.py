"""A Slurm of several nodes on one machine, each as separate as one kernel allows.

A node is a slurmd in name spaces of its own: host name, network (a wire to a bridge),
/tmp, /dev/shm and processes. MPI between two nodes really goes over TCP. Needs root.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

CPUS_A_NODE = 4
"""The number that Slurm is configured with; the machine may have fewer."""

PMIX = Path("/usr/lib/x86_64-linux-gnu/pmix2/lib")
"""Where Debian has the library that Slurm opens by a name that only its -dev package has."""

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}({gateway})
SlurmUser=root
SlurmdUser=root
SlurmctldPort={port}
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
KillWait=30
SlurmdTimeout=10
MinJobAge=3600
PropagateResourceLimits=NONE
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

NODE = "NodeName={name} NodeAddr={address} Port=16818 CPUs={cpus} RealMemory=8000 State=UNKNOWN"


@dataclass(frozen=True, slots=True)
class Job:
    """What Slurm says of a job.

    Attributes
    ----------
    state
        PENDING, RUNNING, COMPLETED, FAILED, CANCELLED, ...
    exit
        Exit status of its script.
    restarts
        How often it was started again.
    log
        Where its output goes.
    reason
        Why it waits, if it does.
    """

    state: str
    exit: int
    restarts: int
    log: Path
    reason: str

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class User:
    """An ordinary user."""

    name: str
    uid: int
    gid: int
    home: Path


class Cluster:
    """A Slurm that runs between `start` and `stop`.

    Parameters
    ----------
    folder
        A folder for it alone, which every node sees.
    n_nodes
        How many nodes, called n1, n2, ...
    seen
        Further folders that every node sees, even where they lie below /tmp.
    """

    def __init__(self, folder: Path, n_nodes: int, seen: Sequence[Path] = ()) -> None:
        self.folder = folder
        self.names = [f"n{number}" for number in range(1, n_nodes + 1)]
        self._seen = [folder, *seen]
        # Two suites on one machine must share neither a bridge nor a port.
        self._number = os.getpid() % 200
        self._bridge = f"ecg{self._number}"
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What makes Slurm's commands talk to this cluster."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self) -> None:
        """Start all of it; returns when every node is idle."""
        for name in ("state", "log", "run", "spool"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        _do("ip", "link", "add", self._bridge, "type", "bridge")
        _do("ip", "address", "add", f"{self._address()}/24", "dev", self._bridge)
        _do("ip", "link", "set", self._bridge, "up")
        self._configure()
        if (PMIX / "libpmix.so.2").exists() and not (PMIX / "libpmix.so").exists():
            (PMIX / "libpmix.so").symlink_to("libpmix.so.2")
        self._start_munge()
        _do("slurmctld", "-c", environment=self.environment)
        for name in self.names:
            self.start_node(name)
        self._until_idle()

    def start_node(self, name: str) -> None:
        """Start a node, for the first time or after `kill_node`."""
        (self.folder / "spool" / name).mkdir(exist_ok=True)
        inner, outer = f"ecgi{self._number}{name}", f"ecgo{self._number}{name}"
        with (self.folder / "log" / f"{name}.out").open("ab") as log:
            self._nodes[name] = subprocess.Popen(
                [
                    *("unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork"),
                    *("--kill-child", "--mount-proc", HERE / "node.sh", name, self._address(name)),
                    *(self._address(), self.folder / "hosts"),
                    *(path for path in self._seen if Path("/tmp") in path.parents),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
                start_new_session=True,
            )
        init = self._init_of(name)
        # The wire of a node that was killed is removed only with its last process.
        subprocess.run(["ip", "link", "delete", outer], check=False, capture_output=True)
        _do("ip", "link", "add", outer, "type", "veth", "peer", "name", inner)
        _do("ip", "link", "set", outer, "master", self._bridge, "up")
        _do("ip", "link", "set", inner, "netns", str(init), "name", "eth0")

    def kill_node(self, name: str) -> None:
        """As if its power had failed: every process of it is gone at once."""
        process = self._nodes.pop(name)
        # unshare takes the first process of the node along, and that all others.
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Stop all of it."""
        for pidfile in ("slurmctld.pid", "munged.pid"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((self.folder / "run" / pidfile).read_text()), signal.SIGTERM)
        for name in list(self._nodes):
            self.kill_node(name)
        subprocess.run(["ip", "link", "delete", self._bridge], check=False, capture_output=True)

    def submit(
        self,
        command: Sequence[object],
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> int:
        """Run `command`, which ends in an ``sbatch --parsable``; the number of the job."""
        said = self.command(command, cwd, environment, user)
        assert said.returncode == 0, said.stdout + said.stderr
        return int(said.stdout.splitlines()[-1].partition(";")[0])

    def command(
        self,
        command: Sequence[object],
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        user: User | None = None,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` on the login node, as root or as `user`."""
        return subprocess.run(
            [*(as_user(user) if user else ()), *map(str, command)],
            cwd=cwd,
            env=_without_slurm()
            | self.environment
            | (environment_of(user) if user else {})
            | dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def job(self, number: int) -> Job:
        """What has become of a job."""
        facts = self._facts(number)
        return Job(
            facts["JobState"],
            int(facts["ExitCode"].partition(":")[0]),
            int(facts["Restarts"]),
            Path(facts["StdOut"]),
            facts["Reason"],
        )

    def finished(self, number: int, timeout: float = 240) -> Job:
        """Wait for the end of a job; one that was queued again need not wait its two minutes."""
        give_up = time.monotonic() + timeout
        while not (job := self.job(number)).ended:
            if time.monotonic() > give_up:
                raise AssertionError(f"{job} after {timeout:g} s; it said\n{said(job)}")
            if job.reason == "BeginTime":
                # The nodes must have buried it first.
                time.sleep(5)
                self.hurry(number)
            time.sleep(0.25)
        return job

    def gone(self, number: int, timeout: float = 120) -> Job:
        """Wait until nothing of a job that was cancelled runs any more."""
        give_up = time.monotonic() + timeout
        while self._holds_nodes(number):
            assert time.monotonic() < give_up, f"{number} is still there after {timeout:g} s"
            time.sleep(0.25)
        return self.job(number)

    def hurry(self, number: int) -> None:
        """Let a job that was queued again start now, once the nodes have buried it."""
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up and any(
            command == "slurmstepd" for name in self.names for _, command in self.processes(name)
        ):
            time.sleep(0.2)
        subprocess.run(
            ["scontrol", "update", f"JobId={number}", "StartTime=now"],
            env=os.environ | self.environment,
            check=False,
            capture_output=True,
        )

    def root(self, name: str) -> Path:
        """The root folder of a node, with its own /tmp and /dev/shm, as the machine sees it."""
        return Path(f"/proc/{self._init_of(name)}/root")

    def processes(self, name: str) -> list[tuple[int, str]]:
        """Process id and name of each process of a node, but for its first and dead ones."""
        first = self._init_of(name)
        space = Path(f"/proc/{first}/ns/pid").readlink()
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or folder.name == str(first):
                continue
            with contextlib.suppress(OSError):
                head, _, tail = (folder / "stat").read_text().rpartition(")")
                inside = (folder / "ns" / "pid").readlink() == space
                if inside and tail.split()[0] not in "ZX":
                    found.append((int(folder.name), head.partition("(")[2]))
        return found

    def _holds_nodes(self, number: int) -> bool:
        """Whether a job has not given its nodes back yet."""
        queue = ("squeue", "--noheader", "--states=COMPLETING,RUNNING", "--format=%i")
        return str(number) in _do(*queue, environment=self.environment).split()

    def _facts(self, number: int) -> dict[str, str]:
        show = ("scontrol", "--oneliner", "show", "job", str(number))
        text = _do(*show, environment=self.environment).strip()
        # Paths may have spaces in them.
        return dict(re.findall(r"([\w:/]+)=(.*?)(?= [\w:/]+=|$)", text))

    def _address(self, name: str = "") -> str:
        last = 10 + self.names.index(name) if name else 1
        return f"10.77.{self._number}.{last}"

    def _configure(self) -> None:
        host = socket.gethostname().partition(".")[0]
        (self.folder / "hosts").write_text(
            f"127.0.0.1 localhost\n{self._address()} {host}\n"
            + "".join(f"{self._address(name)} {name}\n" for name in self.names)
        )
        nodes = [
            NODE.format(name=name, address=self._address(name), cpus=CPUS_A_NODE)
            for name in self.names
        ]
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                gateway=self._address(),
                port=16600 + self._number,
                folder=self.folder,
                nodes="\n".join(nodes),
            )
        )

    def _start_munge(self) -> None:
        run, key = self.folder / "run", self.folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(1024))
        _do(
            *("munged", "--force", f"--key-file={key}", f"--socket={run}/munge.socket"),
            *(f"--pid-file={run}/munged.pid", f"--log-file={self.folder}/log/munged.log"),
            f"--seed-file={run}/munge.seed",
        )

    def _init_of(self, name: str) -> int:
        """Process id of the first process of a node, as the machine sees it."""
        outer = self._nodes[name].pid
        for _ in range(500):
            children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.01)
        raise AssertionError(f"{name} does not start; see {self.folder}/log/{name}.out")

    def _until_idle(self) -> None:
        for _ in range(240):
            idle = _do("sinfo", "-h", "-t", "idle", "-o", "%D", environment=self.environment)
            if idle.strip() == str(len(self.names)):
                return
            time.sleep(0.25)
        raise AssertionError(f"the nodes do not come up; see {self.folder}/log")


def said(job: Job) -> str:
    """The log of a job."""
    # Slurm pads what a lost node had not written.
    return job.log.read_text(errors="replace").replace("\0", "") if job.log.exists() else ""


def as_user(user: User) -> list[str]:
    """What to put before a command so that it runs as `user`."""
    ids = (f"--reuid={user.uid}", f"--regid={user.gid}", "--init-groups")
    # The bounding set stays: programs that are setuid, as newuidmap is, are for users, too.
    return ["setpriv", *ids, "--inh-caps=-all", "--"]


def environment_of(user: User) -> dict[str, str]:
    """What differs in the environment of `user`."""
    return {"HOME": str(user.home), "USER": user.name, "LOGNAME": user.name}


def missing_programs() -> list[str]:
    """Which of the programs that a cluster needs are not installed."""
    needed = ("slurmctld", "slurmd", "sbatch", "munged", "unshare", "ip", "apptainer")
    return [name for name in needed if shutil.which(name) is None]


def _without_slurm() -> dict[str, str]:
    kept = ("SLURM_", "SBATCH_", "PMI", "OMPI_", "APPTAINER", "SINGULARITY")
    return {name: value for name, value in os.environ.items() if not name.startswith(kept)}


def _do(*command: object, environment: Mapping[str, str] | None = None) -> str:
    ended = subprocess.run(
        [str(word) for word in command],
        env=os.environ | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, f"{command}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
    return ended.stdout
