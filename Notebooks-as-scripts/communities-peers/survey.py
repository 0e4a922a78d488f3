#!/usr/bin/env python3
"""Graphmill's communities beside those of other programs, on graphs with known groups: one table.

    Notebooks-as-scripts/communities-peers/survey.py [--data FOLDER] [--graphs NAME…] [--planted] [--seeds 3]
        [--methods NAME…] [--program PATH] [--limit SECONDS] [--environment FOLDER] [--out FOLDER]

A graph is a folder of --data with edges.tsv and labels.tsv (node TAB label); NAME:COLUMN takes another column of labels,
NAME:-LABEL leaves the nodes of that label out. Its largest component without weights and directions goes to every method,
the number of groups does not; nodes whose label is NA do not count. --planted adds graphs that the command draws. Peers come
from PyPI, at the versions of PEERS, into an environment that is made where it is not there; graph-tool comes from
Debian (python3-graph-tool). What cannot be had is left out with a message. A method has --limit processor seconds for all
seeds of a graph. Needs nothing but Python 3.9 and the command; prints the table, and writes results.md and results.csv.
"""
import argparse, csv, glob, json, os, random, resource, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = [
    "igraph==1.0.0", "leidenalg==0.12.0", "infomap==2.16.0", "scikit-network==0.33.5", "networkit==11.2.1",
    "graspologic-native==1.2.5", "numpy==2.4.6",
]
OURS = {
    "bottom-up": [], "our Leiden": ["--method", "leiden"], "our Louvain": ["--method", "louvain"],
    "our top-down": ["--method", "top-down"],
}


# ---- Peers: functions of the number of nodes, the edges and a seed that give a label a node.

def igraph_graph(n, edges):
    import igraph
    return igraph.Graph(n=n, edges=edges)


def from_igraph(find):
    def run(n, edges, seed):
        random.seed(seed)
        return find(igraph_graph(n, edges)).membership
    return run


def from_leidenalg(kind, **options):
    def run(n, edges, seed):
        import leidenalg
        partition = getattr(leidenalg, kind)
        return leidenalg.find_partition(igraph_graph(n, edges), partition, seed=seed, **options).membership
    return run


def from_infomap(depth):
    def run(n, edges, seed):
        from infomap import Infomap
        engine = Infomap(f"--silent --seed {seed} --num-trials 3" + (" --two-level" if depth is None else ""))
        for u, v in edges:
            engine.add_link(u, v)
        engine.run()
        modules = engine.get_modules(depth_level=1 if depth is None else depth)
        return [modules[node] for node in range(n)]
    return run


def adjacency(n, edges):
    import numpy, scipy.sparse
    ends = numpy.array(edges)
    half = scipy.sparse.csr_matrix((numpy.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return (half + half.T).tocsr()


def from_sknetwork(name):
    def run(n, edges, seed):
        import sknetwork.clustering
        return getattr(sknetwork.clustering, name)(random_state=seed).fit_predict(adjacency(n, edges)).tolist()
    return run


def sknetwork_propagation(n, edges, seed):
    import sknetwork.clustering
    return sknetwork.clustering.PropagationClustering().fit_predict(adjacency(n, edges)).tolist()


def from_networkit(find):
    def run(n, edges, seed):
        import networkit
        networkit.setNumberOfThreads(1)
        networkit.setSeed(seed, False)
        graph = networkit.Graph(n)
        for u, v in edges:
            graph.addEdge(u, v)
        engine = find(networkit.community, graph)
        engine.run()
        return engine.getPartition().getVector()
    return run


def hierarchical_leiden(n, edges, seed):
    import graspologic_native
    links = [(str(u), str(v), 1.0) for u, v in edges]
    rows = graspologic_native.hierarchical_leiden(
        links, starting_communities=None, resolution=1.0, randomness=0.001, iterations=1, use_modularity=True,
        max_cluster_size=max(10, n // 20), seed=seed)
    labels = [0] * n
    for row in rows:
        if row.is_final_cluster:
            labels[int(row.node)] = row.cluster
    return labels


def graph_tool_graph(n, edges, seed):
    import graph_tool.all as gt
    gt.seed_rng(seed)
    gt.openmp_set_num_threads(1)
    graph = gt.Graph(directed=False)
    graph.add_vertex(n)
    graph.add_edge_list(edges)
    return gt, graph


def graph_tool_nested(n, edges, seed):
    gt, graph = graph_tool_graph(n, edges, seed)
    return [int(label) for label in gt.minimize_nested_blockmodel_dl(graph).get_levels()[0].b.a]


def graph_tool_planted(n, edges, seed):
    gt, graph = graph_tool_graph(n, edges, seed)
    return [int(label) for label in gt.minimize_blockmodel_dl(graph, state=gt.PPBlockState).b.a]


METHODS = {
    "leidenalg, modularity": from_leidenalg("ModularityVertexPartition"),
    "leidenalg, RBER": from_leidenalg("RBERVertexPartition"),
    "leidenalg, surprise": from_leidenalg("SurpriseVertexPartition"),
    "igraph Leiden": from_igraph(lambda g: g.community_leiden("modularity", n_iterations=2)),
    "igraph multilevel": from_igraph(lambda g: g.community_multilevel()),
    "igraph fast greedy": from_igraph(lambda g: g.community_fastgreedy().as_clustering()),
    "igraph walktrap": from_igraph(lambda g: g.community_walktrap().as_clustering()),
    "igraph leading eigenvector": from_igraph(lambda g: g.community_leading_eigenvector()),
    "igraph label propagation": from_igraph(lambda g: g.community_label_propagation()),
    "Infomap": from_infomap(None),
    "Infomap, top level": from_infomap(1),
    "scikit-network Louvain": from_sknetwork("Louvain"),
    "scikit-network Leiden": from_sknetwork("Leiden"),
    "scikit-network propagation": sknetwork_propagation,
    "NetworKit PLM": from_networkit(lambda c, g: c.PLM(g, refine=False)),
    "NetworKit Leiden": from_networkit(lambda c, g: c.ParallelLeiden(g)),
    "graspologic hierarchical Leiden": hierarchical_leiden,
    "graph-tool nested": graph_tool_nested,
    "graph-tool planted partition": graph_tool_planted,
}
MODULES = {
    "leidenalg": "leidenalg", "igraph": "igraph", "Infomap": "infomap", "scikit-network": "sknetwork",
    "NetworKit": "networkit", "graspologic": "graspologic_native", "graph-tool": "graph_tool",
}


def worker():
    """Labels of one method for one graph and all seeds, with processor seconds: read from standard input, as JSON."""
    task = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (task["limit"], task["limit"] + 5))
    find = METHODS[task["method"]]
    edges = [tuple(edge) for edge in task["edges"]]
    runs = []
    for seed in task["seeds"]:
        before = time.process_time()
        labels = find(task["nodes"], edges, seed)
        runs.append({"labels": [int(label) for label in labels], "seconds": time.process_time() - before})
    sys.stdout.write("\nRESULT " + json.dumps(runs) + "\n")


# ---- Where methods run.

def python_of(method, environment):
    return "/usr/bin/python3" if method.startswith("graph-tool") else os.path.join(environment, "bin", "python")


def make_environment(folder):
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for peer in PEERS:
        # One by one: what cannot be had is left out alone.
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer]
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            print(f"cannot install {peer}: its methods are left out", file=sys.stderr)


def version_of(owner, environment):
    """The version of a peer; None where it is not there."""
    module = MODULES[owner]
    code = f"import {module}, importlib.metadata as m\n" + (
        "print(graph_tool.__version__.split()[0])" if owner == "graph-tool" else
        f"print(m.version({module!r} if {module!r} != 'sknetwork' else 'scikit-network'))")
    python = python_of(owner, environment)
    if not os.path.exists(python):
        return None
    run = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return run.stdout.split()[-1] if run.returncode == 0 and run.stdout.split() else None


# ---- Graphs.

class Subject:
    """A graph with known groups: nodes 0, 1, …, edges, the label of each node or None."""

    def __init__(self, name, pairs, label_of):
        neighbors = {}
        for u, v in pairs:
            if u != v:
                neighbors.setdefault(u, set()).add(v)
                neighbors.setdefault(v, set()).add(u)
        nodes = sorted(largest_component(neighbors), key=lambda node: (len(node), node))
        number = {node: i for i, node in enumerate(nodes)}
        self.name = name
        self.labels = [label_of.get(node) for node in nodes]
        self.edges = sorted(
            (number[u], number[v]) for u in nodes for v in neighbors[u] if number[u] < number[v])
        self.groups = len({label for label in self.labels if label is not None})


def largest_component(neighbors):
    seen, best = set(), []
    for root in neighbors:
        if root in seen:
            continue
        part, queue = [root], [root]
        seen.add(root)
        while queue:
            for other in neighbors[queue.pop()]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
                    queue.append(other)
        if len(part) > len(best):
            best = part
    return best


def rows(path):
    with open(path) as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]


def read_subject(argument, data):
    name, _, choice = argument.partition(":")
    column = int(choice) if choice.isdigit() else 1
    label_of = {
        row[0]: row[column] for row in rows(os.path.join(data, name, "labels.tsv")) if row[column] != "NA"}
    pairs = [(row[0], row[1]) for row in rows(os.path.join(data, name, "edges.tsv"))]
    if choice.startswith("-"):
        gone = {node for node, label in label_of.items() if label == choice[1:]}
        pairs = [pair for pair in pairs if gone.isdisjoint(pair)]
    return Subject(argument, pairs, label_of)


def planted(program, folder):
    """Graphs of the LFR benchmark, and block models with levels."""
    kinds = {
        f"LFR 1k, mixing {mixing}": ["lfr", "--nodes", "1000", "--mixing", str(mixing), "--max-degree", "50"]
        for mixing in (0.5, 0.6, 0.7)}
    kinds["LFR 5k, mixing 0.6"] = ["lfr", "--nodes", "5000", "--mixing", "0.6", "--max-degree", "50"]
    for degree, ratio in ((10, 0.3), (16, 0.5), (24, 0.5)):
        kinds[f"hsbm c {degree}, beta {ratio}"] = [
            "hsbm", "--nodes", "3200", "--depth", "3", "--degree", str(degree), "--ratio", str(ratio)]
    for name, arguments in kinds.items():
        graph, labels = os.path.join(folder, "p.el"), os.path.join(folder, "p.tsv")
        subprocess.run(
            [program, "generate", arguments[0], graph, *arguments[1:], "--labels", labels, "--seed", "1", "-q",
             "--manifest", "none", "--force"], check=True)
        pairs = [tuple(line.split()[:2]) for line in open(graph) if not line.startswith("#")]
        yield Subject(name, pairs, {row[0]: row[-1] for row in rows(labels)})


# ---- Runs.

class Survey:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.seeds = list(range(1, options.seeds + 1))

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, *arguments):
        run = subprocess.run(
            [self.options.program, *arguments, "--json", "-q", "--manifest", "none"], capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(run.stderr)
        return json.loads(run.stdout or run.stderr)

    def write(self, subject):
        with open(self.path("g.el"), "w") as file:
            file.writelines(f"{u} {v}\n" for u, v in subject.edges)
        self.write_labels("truth.tsv", subject.labels)

    def write_labels(self, name, labels):
        with open(self.path(name), "w") as file:
            file.writelines(f"{node}\tg{label}\n" for node, label in enumerate(labels) if label is not None)

    def score(self, labels, subject):
        known = [label if truth is not None else None for label, truth in zip(labels, subject.labels)]
        self.write_labels("found.tsv", known)
        told = self.command("compare", self.path("found.tsv"), self.path("truth.tsv"), "--what", "labels")
        return told["ami"] or 0.0

    def ours(self, method, subject):
        for seed in self.seeds:
            before = os.times()
            self.command(
                "communities", self.path("g.el"), "--ids", "dense", *OURS[method], "--seed", str(seed), "-t", "1",
                "--labels", self.path("l.tsv"), "--force")
            after = os.times()
            labels = [0] * len(subject.labels)
            for row in rows(self.path("l.tsv")):
                if row[0].isdigit():
                    labels[int(row[0])] = row[1]
            seconds = after.children_user + after.children_system - before.children_user - before.children_system
            yield labels, seconds

    def peer(self, method, subject):
        task = {
            "method": method, "nodes": len(subject.labels), "edges": subject.edges, "seeds": self.seeds,
            "limit": self.options.limit}
        run = subprocess.run(
            [python_of(method, self.options.environment), os.path.abspath(__file__), "--worker"],
            input=json.dumps(task), capture_output=True, text=True)
        if run.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise RuntimeError(f"more than {self.options.limit} processor seconds")
        told = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
        if run.returncode or not told:
            raise RuntimeError((run.stderr.strip().splitlines() or ["no answer"])[-1])
        for result in json.loads(told[-1][7:]):
            yield result["labels"], result["seconds"]

    def cell(self, method, subject):
        """Scores, numbers of groups and processor seconds, one each a seed; None where the method gave no answer."""
        try:
            runs = list(self.ours(method, subject) if method in OURS else self.peer(method, subject))
        except RuntimeError as error:
            print(f"{method}, {subject.name}: {error}", file=sys.stderr)
            return None
        return [(self.score(labels, subject), len(set(labels)), seconds) for labels, seconds in runs]


def shown(cell):
    if cell is None:
        return "–"
    scores = [score for score, _, _ in cell]
    spread = (max(scores) - min(scores)) / 2
    groups = statistics.mean(count for _, count, _ in cell)
    return f"{statistics.mean(scores):.3f}" + (f" ± {spread:.3f}" if spread >= 0.0005 else "") + f" ({groups:.0f})"


def table(subjects, methods, cells):
    """A line a method, a column a graph; the mean is over the graphs that all methods but those with a dash finished."""
    names = [f"{subject.name} ({subject.groups})" for subject in subjects]
    lines = ["| method | " + " | ".join(names) + " | mean | CPU s |", "|---" * (len(names) + 3) + "|"]
    for method in methods:
        own = [cells[method, subject.name] for subject in subjects]
        done = [cell for cell in own if cell is not None]
        is_whole = len(done) == len(own)
        mean = f"{statistics.mean(statistics.mean(s for s, _, _ in cell) for cell in done):.3f}" if is_whole else "–"
        seconds = sum(statistics.mean(t for _, _, t in cell) for cell in done)
        told = " | ".join(shown(cell) for cell in own)
        lines.append(f"| {method} | {told} | {mean} | {seconds:.2f} |")
    return "\n".join(lines)


def behind(subjects, methods, cells):
    """On which graphs a peer is ahead of bottom-up by more than .01."""
    lines = []
    for subject in subjects:
        def mean(method):
            cell = cells[method, subject.name]
            return statistics.mean(score for score, _, _ in cell) if cell else -1.0
        best = max((method for method in methods if method not in OURS), key=mean, default=None)
        if best is not None and mean(best) > mean("bottom-up") + 0.01:
            lines.append(f"- {subject.name}: {best} {mean(best):.3f}, bottom-up {mean('bottom-up'):.3f}")
    return "\n".join(["Graphs where some peer is ahead of bottom-up by more than .01:", *(lines or ["- none"])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data")
    parser.add_argument("--graphs", nargs="*")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="*", help="some of the methods; 'ours' for no peers")
    parser.add_argument("--program", default=os.path.join(HERE, "../../.build/release/graphmill"))
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--environment", default="out/communities-peers/environment")
    parser.add_argument("--out", default="out/communities-peers")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return worker()
    wanted = [*OURS, *METHODS] if not options.methods else list(OURS) if options.methods == ["ours"] else options.methods
    unknown = [method for method in wanted if method not in OURS and method not in METHODS]
    if unknown:
        parser.error(f"no such method: {unknown[0]}")
    if not os.path.exists(options.program):
        parser.error(f"no program at {options.program}: swift build -c release --product graphmill")
    os.makedirs(options.out, exist_ok=True)
    if any(method in METHODS and not method.startswith("graph-tool") for method in wanted):
        make_environment(options.environment)
    owners = [owner for owner in MODULES if any(method.startswith(owner) for method in wanted)]
    versions = {owner: version_of(owner, options.environment) for owner in owners}
    for owner in owners:
        if versions[owner] is None:
            print(f"{owner} is not there: its methods are left out", file=sys.stderr)
    methods = [
        method for method in wanted
        if method in OURS or any(method.startswith(owner) and versions[owner] for owner in owners)]
    with tempfile.TemporaryDirectory() as folder:
        survey = Survey(options, folder)
        names = options.graphs or [
            os.path.basename(os.path.dirname(path))
            for path in sorted(glob.glob(os.path.join(options.data or "", "*", "labels.tsv")))]
        subjects = [read_subject(name, options.data) for name in names]
        if options.planted:
            subjects += planted(options.program, folder)
        if not subjects:
            parser.error("no graphs: give --data or --planted")
        cells = {}
        for subject in subjects:
            survey.write(subject)
            for method in methods:
                cells[method, subject.name] = survey.cell(method, subject)
        own = survey.command("version")
        told = ", ".join(f"{owner} {version}" for owner, version in versions.items() if version)
        report = "\n\n".join([
            f"AMI ± half its range over {options.seeds} seeds (number of groups found); in brackets behind a graph its true "
            f"number. Graphmill, revision {own['revision']}" + (f"; {told}." if told else "."),
            table(subjects, methods, cells), behind(subjects, methods, cells)])
    with open(os.path.join(options.out, "results.md"), "w") as file:
        file.write(report + "\n")
    with open(os.path.join(options.out, "results.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["graph", "method", "seed", "ami", "groups", "seconds"])
        for (method, graph), cell in cells.items():
            for seed, (score, count, seconds) in enumerate(cell or [], 1):
                writer.writerow([graph, method, seed, f"{score:.6f}", count, f"{seconds:.3f}"])
    print(report)


if __name__ == "__main__":
    main()
