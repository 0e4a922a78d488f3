"""Runs graphmill-spark on a Spark cluster on this machine: one master, two workers of one core each.

    python Distributed/cluster.py --worker out/graphmill                     # the list of faults
    python Distributed/cluster.py --worker out/graphmill --run COMMAND …     # with {master} and {worker} filled in

The program is sent to the executors, whose PATH has no Swift; where the system allows it (root, or user namespaces),
the folder of the Swift toolchain is hidden from them. Every process that was started is ended by its number. Prints a
line a step, and ends with 1 where an answer differs from the local command's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark

from graphmill_spark import Program, cli, edge_keys, edges_of, read_edges, session, ship, sparsify
from graphmill_spark.doctor import doctor
from graphmill_spark.errors import worker_failure
from graphmill_spark.teddy import teddy_nodes

SPARK_CLASS = Path(pyspark.__path__[0]) / "bin" / "spark-class"
BEGIN = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - BEGIN:6.1f} s  {text}", flush=True)


def hiding_swift() -> list[str]:
    """What to put before a command so that it finds no Swift; nothing where that is not allowed."""
    swift = shutil.which("swift")
    if not swift:
        return []
    root = Path(swift).resolve().parents[1]
    root = root.parent if root.name == "usr" and root.parent != Path("/") else root
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(root)]
    if root == Path("/usr") or subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
        return []
    return hidden


class Cluster:
    """A master and workers as processes of this one."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder, self.processes = folder, []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.master = f"spark://127.0.0.1:{port}"
        self.prefix = hiding_swift()
        self._start("master", [], "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        self._wait("master", "I have been elected leader", 1)
        for number in range(workers):
            self.start_worker(number)
        self._wait("master", "Registering worker", workers)

    def start_worker(self, number: int) -> None:
        self._start(
            f"worker{number}", self.prefix, "worker.Worker", self.master, "--cores", "1", "--memory", "2g", "--host",
            "127.0.0.1", "--webui-port", "0", "--work-dir", str(self.folder / f"work{number}"))

    def _start(self, name: str, prefix: list[str], kind: str, *words: str) -> None:
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"), "SPARK_LOG_DIR": str(self.folder)}
        if java := os.environ.get("JAVA_HOME"):
            environment["JAVA_HOME"] = java
        log = (self.folder / f"{name}.log").open("wb")
        self.processes.append((name, subprocess.Popen(
            [*prefix, str(SPARK_CLASS), f"org.apache.spark.deploy.{kind}", *words], env=environment, stdout=log,
            stderr=subprocess.STDOUT, cwd=self.folder)))

    def _wait(self, name: str, words: str, times: int) -> None:
        path = self.folder / f"{name}.log"
        for _ in range(600):
            if path.read_text(errors="replace").count(words) >= times:
                return
            time.sleep(0.1)
        raise SystemExit(f"{name} did not say '{words}':\n{path.read_text(errors='replace')[-2000:]}")

    def pid(self, name: str) -> int:
        return next(process.pid for found, process in self.processes if found == name)

    def executors(self, name: str) -> list[int]:
        """The processes of executors below a worker."""
        said = subprocess.run(
            ["ps", "--ppid", str(self.pid(name)), "-o", "pid=,args="], capture_output=True, text=True, check=False)
        return [int(line.split()[0]) for line in said.stdout.splitlines() if "CoarseGrainedExecutorBackend" in line]

    def stop(self) -> None:
        for _, process in reversed(self.processes):
            process.terminate()
        for _, process in reversed(self.processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


@contextlib.contextmanager
def after(seconds: float, action) -> Iterator[None]:
    """Does something while the body runs."""
    timer = threading.Timer(seconds, action)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


class Faults:
    """The list of faults; every answer is compared with the local command's."""

    def __init__(self, cluster: Cluster, worker: str, folder: Path, lines: int) -> None:
        self.cluster, self.worker, self.folder, self.wrong = cluster, worker, folder, 0
        whole, self.graph = folder / "whole.tsv", folder / "edges.tsv"
        self.local("generate", "rmat", whole, "--nodes", lines // 8, "--edges", lines)
        with whole.open() as source, self.graph.open("w") as target:
            target.writelines(line for line in source if not line.startswith("#"))
        self.local("sparsify", self.graph, folder / "kept.tsv", "--remove", "0.3")
        self.kept = {tuple(map(int, line.split())) for line in (folder / "kept.tsv").open() if line[0] != "#"}
        self.spark = session(cluster.master, settings={
            "spark.executor.memory": "1g", "spark.executor.cores": "1", "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(folder / "driver"), "spark.task.maxFailures": "4"})
        self.spark.sparkContext.setCheckpointDir(str(folder / "checkpoint"))
        self.program = ship(self.spark, Program(worker, True, timeout=120))

    def local(self, *words: object) -> dict:
        said = subprocess.run(
            [self.worker, *map(str, words), "--json", "--force", "--manifest", "none", "--quiet"], capture_output=True,
            text=True, check=True)
        return json.loads(said.stdout)

    def check(self, name: str, is_right: bool, more: str = "") -> None:
        self.wrong += not is_right
        say(f"{'right' if is_right else 'WRONG'}: {name}{', ' + more if more else ''}")

    def sparsified(self, program: Program | None = None, parts: int = 6) -> bool:
        edges = read_edges(self.spark, str(self.graph), partitions=parts)
        kept = sparsify(edges, program or self.program, remove=0.3).edges.select("u", "v").toPandas()
        self.spark.catalog.clearCache()
        return set(map(tuple, kept.to_numpy().tolist())) == self.kept

    def once(self, name: str, body: str) -> Program:
        """The program behind a script that does something the first time, and goes on as the program later."""
        script = self.folder / name
        script.write_text(
            f"#!/bin/sh\nif mkdir {self.folder}/{name}.done 2>/dev/null; then {body}; fi\n"
            f'exec "$(dirname "$0")/{Path(self.worker).name}" "$@"\n')
        script.chmod(0o755)
        return ship(self.spark, Program(str(script), True, timeout=10))

    def happened(self, name: str) -> bool:
        return (self.folder / f"{name}.done").is_dir()

    def run(self) -> None:
        found = doctor(self.spark, self.program, partitions=4)
        self.check("doctor", found["configuration"] == "release", f"version {found['version']}")
        self.check("sparsify", self.sparsified())
        for name, body in [
            ("killed", "head -c 5000 > /dev/null; kill -9 $$"), ("failed", "exit 3"), ("stuck", "exec sleep 1000"),
            ("half", "head -c 5000 > /dev/null; printf GMF1; exit 0"),
        ]:
            program = self.once(name, body)
            self.check(f"worker {name} once", self.sparsified(program) and self.happened(name), "repeated")
        self.failing()
        with after(4, lambda: [os.kill(pid, signal.SIGKILL) for pid in self.cluster.executors("worker0")]):
            self.check("executor killed in the middle of a run", self.sparsified(), "another one was started")
        with after(4, lambda: os.kill(self.cluster.pid("worker1"), signal.SIGKILL)):
            self.check("machine lost in the middle of a run", self.sparsified(), "the other one did the rest")
        self.cluster.start_worker(2)
        self.hub()
        self.summary()

    def failing(self) -> None:
        script = self.folder / "broken"
        script.write_text("#!/bin/sh\necho 'error: broken on purpose' >&2\nexit 65\n")
        script.chmod(0o755)
        try:
            self.sparsified(ship(self.spark, Program(str(script), True, timeout=10)))
        except Exception as error:
            failure = worker_failure(error)
            self.check(
                "worker that always fails", failure is not None and failure.code == 65 and "on purpose" in str(failure),
                f"the job ends with {failure}")
        else:
            self.check("worker that always fails", False)

    def hub(self) -> None:
        leaves = 300_000
        edges = edges_of(self.spark.range(1, leaves + 1).selectExpr("0L as u", "id as v"), partitions=4)
        hub = teddy_nodes(edges, self.program).where("w = 0").collect()[0]
        inverse = 1 / float(leaves)
        # A sum of ones is exact, and so is the local one.
        self.check("hub of 300,000 neighbors", (hub.d, hub.s) == (leaves, float(leaves) * inverse * inverse))
        keys = [edge_keys(edges, self.program, hub=limit).selectExpr("bit_xor(key)", "count(u)").collect()[0]
                for limit in (None, 1000)]
        self.check("hub by broadcast", keys[0] == keys[1])

    def summary(self) -> None:
        graph = self.folder / "small.tsv"
        graph.write_text("".join(line for _, line in zip(range(4000), self.graph.open(), strict=False)))
        self.local("summarize", graph, self.folder / "local.gms", "--loops", "drop", "--iterations", "2")
        code = cli.main([
            "summarize", str(graph), str(self.folder / "spark.gms"), "--iterations", "2", "--yes", "--worker",
            self.worker, "--partitions", "3", "--checkpoint", str(self.folder / "checkpoint"), "--json",
            # Less than what merges, so that all tasks apply the decisions, level by level.
            "--apply-limit", "500"])
        same = code == 0 and (self.folder / "local.gms").read_bytes() == (self.folder / "spark.gms").read_bytes()
        self.check("summarize, two rounds by levels", same, "the same file")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", required=True, help="the program, which needs no Swift libraries")
    parser.add_argument("--lines", type=int, default=100_000, help="lines of the R-MAT graph (default: 100000)")
    parser.add_argument("--run", nargs=argparse.REMAINDER, help="a command instead of the list of faults")
    options = parser.parse_args()
    worker = str(Path(options.worker).resolve())
    with tempfile.TemporaryDirectory() as name:
        cluster = Cluster(Path(name))
        try:
            way = "hidden from" if cluster.prefix else "not in the PATH of"
            say(f"master {cluster.pid('master')} at {cluster.master}, workers {cluster.pid('worker0')} and "
                f"{cluster.pid('worker1')}; Swift is {way} executors")
            if options.run:
                filled = [word.format(master=cluster.master, worker=worker) for word in options.run]
                return subprocess.run(filled, check=False).returncode
            faults = Faults(cluster, worker, Path(name), options.lines)
            faults.run()
            faults.spark.stop()
            say("all answers are right" if not faults.wrong else f"{faults.wrong} answers are wrong")
            return int(faults.wrong > 0)
        finally:
            cluster.stop()
            say(f"stopped {', '.join(str(process.pid) for _, process in cluster.processes)}")


if __name__ == "__main__":
    sys.exit(main())
