#!/usr/bin/env python3
"""Graphmill's HNSW beside its peers on the same vectors: builds and searches in turn, medians of ratios.

    Benchmarks/compare_knn.py --data DIR [--sets glove50-100k,fashion-mnist] [--peers hnswlib,faiss,…] [--rounds 3]

Builds the benchmark program. DIR holds NAME.fvecs or NAME.bvecs, NAME.queries.*, NAME.truth.ivecs (100 exact ids a
query). M = 16, efConstruction = 200, k = 10, one thread, processor seconds. Every program keeps its index and answers one
pass over all queries when it is asked, so that they take turns. Sets whose name begins with glove or wordnet are normalized
and compared by the cosine; peers get floats. Recall is the share of the true ten ids. A peer that is not installed (PyPI:
hnswlib faiss-cpu usearch; glass from its source repository, built with its own setup.py) is left out. glass-sq8u searches
codes of one byte and ranks again by floats, as "graphmill, u8 codes" does; "graphmill, bytes" keeps a bvecs file's bytes.
"""
import argparse, json, math, os, platform, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, ".build/release/graphmill-bench")
EFS = [10, 20, 40, 60, 80, 120, 160]


def read(path):
    import numpy as np
    if path.endswith(".bvecs"):
        raw = np.fromfile(path, np.uint8)
        d = int(raw[:4].view(np.int32)[0])
        return raw.reshape(-1, 4 + d)[:, 4:].astype(np.float32)
    raw = np.fromfile(path, np.int32)
    rows = raw.reshape(-1, 1 + raw[0])[:, 1:]
    return rows.copy() if path.endswith(".ivecs") else rows.copy().view(np.float32)


def worker(lib, base, queries, is_cosine):
    """A peer: builds, then answers lines `EF K RESULT`."""
    import numpy as np
    b, q = read(base), read(queries)
    if is_cosine:
        b /= np.linalg.norm(b, axis=1, keepdims=True)
        q /= np.linalg.norm(q, axis=1, keepdims=True)
    start = time.process_time()
    if lib == "hnswlib":
        import hnswlib
        x = hnswlib.Index("ip" if is_cosine else "l2", b.shape[1])
        x.init_index(len(b), M=16, ef_construction=200)
        x.add_items(b, num_threads=1)
        save = x.save_index
        def search(ef, k):
            x.set_ef(ef)
            return x.knn_query(q, k, num_threads=1)[0]
    elif lib == "faiss":
        import faiss
        faiss.omp_set_num_threads(1)
        x = faiss.IndexHNSWFlat(b.shape[1], 16, faiss.METRIC_INNER_PRODUCT if is_cosine else faiss.METRIC_L2)
        x.hnsw.efConstruction = 200
        x.add(b)
        save = lambda path: faiss.write_index(x, path)
        def search(ef, k):
            x.hnsw.efSearch = ef
            return x.search(q, k)[1]
    elif lib == "usearch":
        from usearch.index import Index
        x = Index(ndim=b.shape[1], metric="ip" if is_cosine else "l2sq", dtype="f32", connectivity=16, expansion_add=200)
        x.add(np.arange(len(b), dtype=np.uint64), b, threads=1)
        save = x.save
        def search(ef, k):
            x.expansion_search = ef
            return np.asarray(x.search(q, k, threads=1).keys)
    else:
        import glass
        glass.set_num_threads(1)
        metric = "IP" if is_cosine else "L2"
        graph = glass.Index(index_type="HNSW", metric=metric, quant="FP32", R=32, L=200).build(b)
        form, refined = ("SQ8U", "FP32") if lib == "glass-sq8u" else ("FP32", "")
        x = glass.Searcher(graph=graph, data=b, metric=metric, quantizer=form, refine_quant=refined)
        x.optimize(1)
        save = None
        def search(ef, k):
            x.set_ef(ef)
            return np.asarray(x.batch_search(q, k, 1)[0]).reshape(len(q), -1)
    seconds = time.process_time() - start
    size = None
    if save:
        with tempfile.TemporaryDirectory() as folder:
            save(os.path.join(folder, "index"))
            size = os.path.getsize(os.path.join(folder, "index"))
    print(json.dumps({"build": seconds, "bytes": size}), flush=True)
    for line in sys.stdin:
        ef, k, result = line.split()
        start = time.process_time()
        ids = search(int(ef), int(k))
        seconds = time.process_time() - start
        np.save(result, np.asarray(ids).astype(np.int64))
        print(json.dumps({"cpu": seconds}), flush=True)


class Program:
    """A process that answers lines."""
    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.first = self.answer()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("{"):  # some peers talk
                return json.loads(line)
        raise RuntimeError("not installed, or failed")

    def ask(self, ef, result):
        self.process.stdin.write(f"{ef} 10 {result}\n")
        self.process.stdin.flush()
        return self.answer()["cpu"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def at(curve, recall):
    """Searches a second at a recall, log-linear between the measured points around it."""
    points = sorted(curve)
    if not points or points[-1][0] < recall:
        return None
    best = max(rate for r, rate in points if r >= recall)
    for (r0, q0), (r1, q1) in zip(points, points[1:]):
        if r0 < recall <= r1:
            w = (recall - r0) / (r1 - r0)
            best = max(best, math.exp((1 - w) * math.log(q0) + w * math.log(q1)))
    return best


def compare(args, name, folder):
    import numpy as np
    form = "bvecs" if os.path.exists(f"{args.data}/{name}.bvecs") else "fvecs"
    base, queries = f"{args.data}/{name}.{form}", f"{args.data}/{name}.queries.{form}"
    truth = read(f"{args.data}/{name}.truth.ivecs")[:, :10]
    is_cosine = name.startswith(("glove", "wordnet"))
    index = os.path.join(folder, name + ".gmx")
    builds, sizes, programs = {}, {}, {}
    for peer in args.peers.split(","):
        out = subprocess.run([PROGRAM, "knn-build", base, "cos" if is_cosine else "l2", index, "--float"],
                             capture_output=True, text=True, check=True).stdout.splitlines()
        mine = json.loads(out[0])["cpu"]
        sizes["graphmill"] = json.loads(out[1])["bytes"]
        try:
            programs[peer] = Program([sys.executable, __file__, "--worker", peer, base, queries, str(int(is_cosine))])
        except RuntimeError as error:
            print(f"{peer} is left out: {error}", file=sys.stderr)
            continue
        builds.setdefault("graphmill", []).append(mine)
        builds[peer] = [programs[peer].first["build"]]
        sizes[peer] = programs[peer].first["bytes"]
    programs["graphmill"] = Program([PROGRAM, "knn-serve", index, queries])
    programs["graphmill, u8 codes"] = Program([PROGRAM, "knn-serve", index, queries, "--codes", "u8"])
    if form == "bvecs":  # as the command builds such a file: the rows stay bytes
        index = os.path.join(folder, name + ".bytes.gmx")
        out = subprocess.run([PROGRAM, "knn-build", base, "cos" if is_cosine else "l2", index],
                             capture_output=True, text=True, check=True).stdout.splitlines()
        builds["graphmill, bytes"] = [json.loads(out[0])["cpu"]]
        sizes["graphmill, bytes"] = json.loads(out[1])["bytes"]
        programs["graphmill, bytes"] = Program([PROGRAM, "knn-serve", index, queries])
    curves = {lib: [] for lib in programs}
    for ef in EFS:
        times, recalls = {lib: [] for lib in programs}, {}
        for _ in range(args.rounds + 1):
            for lib, program in programs.items():
                result = os.path.join(folder, "result.ivecs" if lib.startswith("graphmill") else "result.npy")
                times[lib].append(program.ask(ef, result))
                ids = read(result) if result.endswith(".ivecs") else np.load(result)
                recalls[lib] = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(ids.tolist(), truth.tolist())]))
        for lib in programs:
            curves[lib].append((recalls[lib], len(truth) / statistics.median(times[lib][1:])))
    for program in programs.values():
        program.close()
    print(f"\n### {name}\n\n| program | build, CPU s | index MB | " + " | ".join(f"ef {e}" for e in EFS)
          + " | at 0.95 | at 0.99 |\n|" + "---|" * (len(EFS) + 5))
    for lib, curve in curves.items():
        build = f"{statistics.median(builds[lib]):.1f}" if lib in builds else ""
        size = f"{sizes[lib] / 1e6:.1f}" if sizes.get(lib) else ""
        rates = [at(curve, r) for r in (0.95, 0.99)]
        print(f"| {lib} | {build} | {size} | " + " | ".join(f"{r:.3f} / {q:.0f}" for r, q in curve) + " | "
              + " | ".join(f"{r:.0f}" if r else "–" for r in rates) + " |")


def main():
    if sys.argv[1:2] == ["--worker"]:
        return worker(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5] == "1")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--sets", default="glove50-100k,fashion-mnist")
    parser.add_argument("--peers", default="hnswlib,faiss,usearch,glass,glass-sq8u")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--program", help="a built graphmill-bench (default: build one)")
    args = parser.parse_args()
    global PROGRAM
    if args.program:
        PROGRAM = args.program
    else:
        subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE, "--product", "graphmill-bench"], check=True,
                       stdout=subprocess.DEVNULL)
    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    print(f"{cpu}, {platform.system()}; M = 16, efConstruction = 200, k = 10, one thread; recall / searches a second; "
          f"{args.rounds} rounds in turn")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.sets.split(","):
            compare(args, name, folder)


if __name__ == "__main__":
    main()
