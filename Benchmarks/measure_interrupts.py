#!/usr/bin/env python3
"""How long a run goes on after SIGINT, in every stage that tells of itself.

Each command runs again and again; once a stage speaks for the first time, SIGINT is sent, and the time to the end is
taken. Prints a table; the exit status is 1 when a run took more than --limit seconds, ended with another code than 130,
or left a file (`summarize` writes what it has reached).

    python3 Benchmarks/measure_interrupts.py --graphmill .build/release/graphmill
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

MADE = [
    "generate rmat g.gmg --nodes 512k --edges 4M", "convert g.gmg g.txt --to el", "convert g.gmg g.graphml",
    "generate er e.gmg --nodes 200k --edges 1M",
]
COMMANDS = [
    "generate er out.gmg --nodes 4M --edges 100M", "generate rmat out.gmg --nodes 4M --edges 100M",
    "generate hsbm out.gmg --nodes 2M --depth 3", "convert g.txt out.gmg", "convert g.graphml out.gmg",
    "convert g.gmg out.el", "convert g.gmg out.json", "convert g.gmg out.gmg --codec zstd",
    "transform g.gmg out.gmg --symmetrize", "info g.gmg --hash", "check g.gmg", "stats pagerank g.gmg --out out.tsv",
    "stats kcore g.gmg --out out.tsv", "stats clustering g.gmg --out out.tsv", "stats triangles g.gmg", "stats components g.gmg --out out.tsv",
    "sparsify g.gmg out.gmg --remove 30%", "communities e.gmg --method bottom-up --labels out.tsv",
    "communities e.gmg --method top-down --labels out.tsv", "communities e.gmg --method paris --labels out.tsv",
    "communities e.gmg --method louvain --labels out.tsv", "knn build v.fbin out.gmx", "knn graph v.fbin out.gmg",
    "summarize e.gmg out.gms",
]


class Stages:
    """The stages of a run as they speak, from its messages."""

    def __init__(self, mill, folder, words):
        self.messages = open(os.path.join(folder, "messages"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [mill, *words, "--progress", "json", "--force", "--manifest", "none"], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=self.messages)

    def wait(self, stage):
        """Returns when `stage` has spoken, or at once with any stage for None; False at the end of the run."""
        while True:
            ended = self.process.poll() is not None
            self.messages.seek(0)
            if any(stage is None or found == stage for found in self.seen()):
                return not ended
            if ended:
                return False
            time.sleep(0.002)

    def seen(self):
        self.messages.seek(0)
        found = []
        for line in self.messages.read().splitlines():
            try:
                name = json.loads(line)["progress"]["stage"]
            except (ValueError, KeyError):
                continue
            if name not in found:
                found.append(name)
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphmill", default=".build/release/graphmill", help="the command")
    parser.add_argument("--limit", type=float, default=0.5, help="seconds that a run may go on")
    parser.add_argument("--delays", default="0.02,0.1,0.4,1.2,2.5", help="also at these seconds after the start")
    parser.add_argument("--only", default="", help="commands that have this word")
    options = parser.parse_args()
    mill = os.path.abspath(options.graphmill)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for line in MADE:
            subprocess.run([mill, *line.split(), "--manifest", "none", "-q"], cwd=folder, check=True)
        with open(os.path.join(folder, "v.fbin"), "wb") as file:
            file.write((200_000).to_bytes(4, "little") + (32).to_bytes(4, "little"))
            import array
            import random
            source = random.Random(1)
            file.write(array.array("f", (source.gauss(0, 1) for _ in range(200_000 * 32))).tobytes())
        print("| command | at | seconds | exit |\n|---|---|---|---|")
        for line in (line for line in COMMANDS if options.only in line):
            whole = Stages(mill, folder, line.split())
            begun = time.monotonic()
            while whole.process.poll() is None and time.monotonic() - begun < 30:
                time.sleep(0.01)
            whole.process.kill()
            whole.process.wait()
            moments = [(stage, None) for stage in whole.seen()]
            moments += [(None, float(delay)) for delay in options.delays.split(",")]
            for stage, delay in moments:
                for name in os.listdir(folder):
                    if name.startswith("out"):
                        os.remove(os.path.join(folder, name))
                run = Stages(mill, folder, line.split())
                if stage is not None:
                    if not run.wait(stage):
                        continue
                else:
                    time.sleep(delay)
                    if run.process.poll() is not None:
                        continue
                sent = time.monotonic()
                run.process.send_signal(signal.SIGINT)
                code = run.process.wait()
                seconds = time.monotonic() - sent
                left = [name for name in os.listdir(folder) if name.startswith("out")]
                # A run that was ending anyway ends as it would have; one that had not begun dies of the signal.
                wrong = code not in (130, 0, -signal.SIGINT) or seconds > options.limit
                wrong = wrong or (code != 0 and left != [] and not line.startswith("summarize"))
                failed += wrong
                where = stage if stage is not None else f"{delay} s"
                verdict = f" {left} WRONG" if wrong else ""
                print(f"| {line} | {where} | {seconds:.3f} | {code} |{verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
