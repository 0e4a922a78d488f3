// Graphmill for C, and by way of C for Python, R, Julia, Rust and others.
//
// Results. Every function that can fail returns 0, or the exit code that the command would end with: 64 usage, 65 bad
// data, 66 missing input, 69 unavailable, 70 internal fault, 71 over the memory budget, 73 cannot create, 74 input or
// output, 130 interrupted. Its last argument takes the error then; it may be null.
//
// Ownership. What comes out through a `**` belongs to the caller until its `_free`; null may be freed. What goes in is
// borrowed for the time of the call, but for `gm_graph_from_csr`. Arrays for results are the caller's, of the length
// that is told. Views live as long as their handle. Texts are UTF-8 and end with 0.
//
// Options. Structures begin with their size, set by the caller, so that fields can be added at their ends. A field that
// is 0 or null means the default. Words are those of the command, such as "leiden" or "sum".
//
// Threads. Handles may be used by many threads at once; an index lets one change at a time in, and no search beside it.
// A context is for one call at a time. The same input gives the same result for every number of threads.
#ifndef GRAPHMILL_H
#define GRAPHMILL_H

#include <stdint.h>

#include "arrow_c_data.h"

#ifdef __cplusplus
extern "C" {
#endif

// The version of this interface: raised where a function or structure changes in a way that old callers would notice.
#define GM_ABI_VERSION 1
int32_t gm_abi_version(void);

// ---- Errors

typedef struct gm_error gm_error;

// A stable name, such as "id-out-of-range".
const char *gm_error_kind(const gm_error *error);
// One sentence without the place.
const char *gm_error_message(const gm_error *error);
// The file, the offending text, what can be done; null where there is none.
const char *gm_error_file(const gm_error *error);
const char *gm_error_field(const gm_error *error);
const char *gm_error_hint(const gm_error *error);
// The line counted from 1, the byte counted from 0; -1 where there is none.
int64_t gm_error_line(const gm_error *error);
int64_t gm_error_byte(const gm_error *error);
void gm_error_free(gm_error *error);

// ---- Blocks: results whose size is not known before

typedef struct gm_block gm_block;

// The bytes, valid until the block is freed.
const void *gm_block_data(const gm_block *block);
int64_t gm_block_size(const gm_block *block);
void gm_block_free(gm_block *block);

// ---- Contexts: threads, progress, stopping. Null stands for all cores, silent.

typedef struct gm_context gm_context;

typedef struct {
  uint32_t size;
  // What is being done, such as "parse"; empty before the first stage.
  char stage[60];
  // Units done and in all; the total is -1 where it is not known.
  int64_t done, total;
} gm_progress;

// `threads` 0: all cores.
int32_t gm_context_new(int32_t threads, gm_context **out, gm_error **error);
// Asks the run to stop at its next safe point. From any thread, and from signal handlers.
void gm_context_cancel(gm_context *context);
// How far the run is; to be polled, from any thread.
void gm_context_progress(const gm_context *context, gm_progress *progress);
void gm_context_free(gm_context *context);

// ---- Memory

// The limit of all arrays together in bytes (0: none); what they take now, and took at most.
int32_t gm_memory_set_limit(int64_t bytes, gm_error **error);
int64_t gm_memory_used(void);
int64_t gm_memory_peak(void);
// A folder for arrays that the limit has no room for; null: too much is refused.
int32_t gm_memory_set_spill_folder(const char *path, gm_error **error);

// ---- Graphs

typedef struct gm_graph gm_graph;

// What became of the edges of an input.
typedef struct {
  uint32_t size, padding;
  int64_t edges, duplicates, self_loops, isolated;
} gm_edge_report;

typedef struct {
  uint32_t size;
  // 0: what the file says; 1: directed; -1: undirected.
  int32_t directed;
  // A format's name; "auto", "dense", "compact", "string"; "sum", "keep", "first", "min", "max", "error"; "keep",
  // "drop", "error".
  const char *format, *ids, *duplicates, *loops;
  // Columns by the names of the header, or by numbers from 0.
  const char *source, *target, *weight;
  // 0: where the file says so; 1: read; -1: not read.
  int32_t weights, strict;
} gm_read_options;

// Reads a file in any format, compressed or not. `report` may be null.
int32_t gm_graph_read(
    const char *path, const gm_read_options *options, gm_context *context, gm_graph **out, gm_edge_report *report,
    gm_error **error);
// Opens a container. `verify`: "quick", "safe" (null) or "deep"; `mapped` 0 reads it into memory.
int32_t gm_graph_open(
    const char *path, const char *verify, int32_t mapped, gm_context *context, gm_graph **out, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t replace;
  // A format's name; "raw", "packed", "varint", "zstd" and what the command calls them.
  const char *format, *codec;
} gm_write_options;

int32_t gm_graph_write(
    const gm_graph *graph, const char *path, const gm_write_options *options, gm_context *context, gm_error **error);

// A column of numbers in memory: "i8" to "i64", "u8" to "u64"; for weights also "f32" and "f64". The stride is in bytes
// and may be negative.
typedef struct {
  const void *data;
  int64_t stride;
  const char *type;
} gm_column;

typedef struct {
  uint32_t size;
  int32_t directed;
  // "compact" (ids that occur become nodes, in ascending order, and stay their names) or "dense" (ids are nodes).
  const char *ids;
  const char *duplicates, *loops;
  // The number of nodes for dense ids; 0: the largest id + 1.
  int64_t nodes;
} gm_edge_options;

// A graph of pairs of ids, which are copied. `weight` may be null.
int32_t gm_graph_from_pairs(
    const gm_column *source, const gm_column *target, const gm_column *weight, int64_t count,
    const gm_edge_options *options, gm_context *context, gm_graph **out, gm_edge_report *report, gm_error **error);

// A graph of the rows of an Arrow stream, which is used up. Columns of integers or of text (utf8, large_utf8,
// utf8_view, dictionaries of these), found by name; null: the first two. Nulls are refused.
int32_t gm_graph_from_stream(
    struct ArrowArrayStream *stream, const char *source, const char *target, const char *weight,
    const gm_edge_options *options, gm_context *context, gm_graph **out, gm_edge_report *report, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t directed;
  int64_t nodes;
  // nodes + 1 offsets of 4 or 8 bytes, copied.
  const void *offsets;
  int32_t offset_bytes, target_bytes;
  // As many targets, of 4 or 8 bytes, as the last offset says, ascending in each row; and weights, or null. BORROWED
  // until `release(owner)` is called, from any thread, once: also when the call fails, unless the size is not set.
  const void *targets;
  const double *weights;
  void (*release)(void *owner);
  void *owner;
} gm_csr;

// A graph over rows that somebody else holds; all of it is checked.
int32_t gm_graph_from_csr(const gm_csr *rows, gm_context *context, gm_graph **out, gm_error **error);

// The same graph with other names, one a node: `count` + 1 offsets into `bytes`.
int32_t gm_graph_with_names(
    const gm_graph *graph, const int64_t *offsets, const char *bytes, int64_t count, gm_graph **out, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t directed, multigraph, loops;
  int64_t nodes, edges, arcs;
  // nodes + 1 of 8 bytes.
  const uint64_t *offsets;
  // `arcs` of 4 or 8 bytes.
  const void *targets;
  int32_t target_bytes;
  // 0: nodes are called by their numbers; 1: by `ids`; 2: by label_bytes[label_offsets[v] ..< label_offsets[v + 1]].
  int32_t names;
  // Null without weights.
  const double *weights;
  const uint64_t *ids, *label_offsets;
  const char *label_bytes;
} gm_graph_view;

// Everything of a graph, in place: valid until the graph is freed.
int32_t gm_graph_get_view(const gm_graph *graph, gm_graph_view *view, gm_error **error);
// The node of a name, -1 where there is none.
int32_t gm_graph_find(const gm_graph *graph, const char *name, int64_t *node, gm_error **error);
// The edges as an Arrow stream: columns source, target and, where there are weights, weight (doubles). Nodes are called by
// their names: uint64, or text by way of a dictionary. The stream keeps the graph, and is released by the caller.
int32_t gm_graph_to_stream(const gm_graph *graph, struct ArrowArrayStream *out, gm_error **error);
// 32 hexadecimal digits and a 0.
int32_t gm_graph_fingerprint(const gm_graph *graph, char *out33, gm_error **error);
void gm_graph_free(gm_graph *graph);

typedef struct {
  uint32_t size;
  // Applied in this order.
  int32_t symmetrize, simplify, largest_component;
  // "degree", "bfs", "rcm", "rabbit"; null: as they are.
  const char *relabel;
} gm_transform_options;

int32_t gm_graph_transform(
    const gm_graph *graph, const gm_transform_options *options, gm_context *context, gm_graph **out, gm_error **error);

// ---- Kernels. `length` is that of each array, and must be the number of nodes.

// The weak component of each node, numbered by their smallest nodes.
int32_t gm_components(
    const gm_graph *graph, gm_context *context, uint32_t *labels, int64_t length, int64_t *count, gm_error **error);
// Arcs from the source, -1 where there is no way; `parents` may be null.
int32_t gm_bfs(
    const gm_graph *graph, int64_t source, gm_context *context, int32_t *distances, int64_t *parents, int64_t length,
    gm_error **error);

typedef struct {
  uint32_t size;
  int32_t ignore_weights;
  // 0: 0.85, 1e-9, 200. A damping of 0 is told by a negative one.
  double damping, tolerance;
  int64_t rounds;
  // One weight a node, or null.
  const double *restart;
} gm_pagerank_options;

int32_t gm_pagerank(
    const gm_graph *graph, const gm_pagerank_options *options, gm_context *context, double *scores, int64_t length,
    int64_t *rounds, int32_t *converged, gm_error **error);
int32_t gm_core_numbers(
    const gm_graph *graph, gm_context *context, uint32_t *cores, int64_t length, gm_error **error);
// The number of triangles, and of those at each node (may be null).
int32_t gm_triangles(
    const gm_graph *graph, gm_context *context, int64_t *count, uint64_t *at_nodes, int64_t length, gm_error **error);

// ---- Sparsification

typedef struct {
  uint32_t size;
  int32_t keep_forest;
  // "teddy" (null), "random", "reverse", "degree-product", "local-degree", "jaccard", "triangles".
  const char *method;
  // "share" of edges to remove, "keep" that many, or "below": those of lower scores.
  const char *amount;
  double value;
  int64_t minimum_degree;
  // 0: 42.
  uint64_t seed;
  int32_t directed, weighted;
} gm_sparsify_options;

typedef struct {
  uint32_t size, padding;
  int64_t edges_before, edges_after;
  // The score at the cut; NaN where nothing went.
  double threshold;
} gm_sparsify_report;

int32_t gm_sparsify(
    const gm_graph *graph, const gm_sparsify_options *options, gm_context *context, gm_graph **out,
    gm_sparsify_report *report, gm_error **error);

typedef struct {
  // The smaller end, or the source of an arc.
  int64_t source, target;
  double score;
} gm_scored_edge;

// Every edge once, ordered by its ends, with the score of `options.method`: gm_scored_edge.
int32_t gm_edge_scores(
    const gm_graph *graph, const gm_sparsify_options *options, gm_context *context, gm_block **out, gm_error **error);

// ---- Generated graphs

typedef struct {
  uint32_t size;
  // "er", "rmat": arcs instead of edges.
  int32_t directed;
  int64_t nodes;
  // "er", "rmat"; 0: 16 a node.
  int64_t edges;
  // The mean degree ("lfr", "geometric", "sbm", "hsbm"), neighbors ("ws") or edges of a new node ("ba"). 0: 20, 8, 16, 16,
  // 16, 8.
  double degree;
  // "hsbm": levels; "sbm", "hsbm": groups within a group. 0: 3, 2.
  int64_t depth, branching;
  // "sbm", "hsbm": the chance of an edge one level up over that below, 0: 0.3. "ws": rewiring, "lfr": mixing, 0: 0.1. 0
  // itself is told by a negative number.
  double ratio, rewiring, mixing;
  // "geometric"; 0: by the degree.
  double radius;
  // "grid", "geometric": without a rim.
  int32_t periodic;
  int32_t padding;
  // 0: 42.
  uint64_t seed;
  // "config": the degree of each node; "grid": nodes along each direction.
  const int64_t *values;
  int64_t count;
} gm_generate_options;

// A graph of a model: "er", "rmat", "ba", "ws", "config", "grid", "geometric", "lfr", "sbm", "hsbm". `known` (may be null)
// takes what the model knows of the nodes: int32_t groups of "lfr", "sbm" and "hsbm", double x and y of "geometric";
// null for the others.
int32_t gm_generate(
    const char *model, const gm_generate_options *options, gm_context *context, gm_graph **out, gm_block **known,
    gm_error **error);

// ---- Communities

typedef struct gm_tree gm_tree;

typedef struct {
  uint32_t size;
  // Leiden; 0: 2.
  int32_t iterations;
  // "bottom-up" (null), "top-down", "paris", "louvain", "leiden".
  const char *method;
  // Louvain and Leiden; 0: 1.
  double resolution;
  // 0: 42.
  uint64_t seed;
  // Louvain and Leiden: "modularity" (null), "directed-modularity", "bipartite-modularity"; Leiden also "cpm", "rb".
  const char *quality;
  // Bottom-up: the number of communities; 0: found.
  int64_t communities;
} gm_community_options;

int32_t gm_communities(
    const gm_graph *graph, const gm_community_options *options, gm_context *context, gm_tree **out, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t height;
  // Leaves come first, then inner nodes, each behind all that is below it, the root last.
  int64_t leaves, tree_nodes, graph_nodes;
  // Shape tree_nodes: -1 for the root; graph nodes below; how tightly the parts of a node are joined.
  const int32_t *parents;
  const int64_t *sizes;
  const double *similarities;
  // Shape graph_nodes; -1 for nodes without edges that were set aside.
  const int32_t *leaf_of_node;
} gm_tree_view;

int32_t gm_tree_get_view(const gm_tree *tree, gm_tree_view *view, gm_error **error);
// The groups of a flat cut. `cut`: "usual" (null); "groups" (exactly `value`), "at-most", "depth"; and, bottom-up only,
// "modularity", "description-length", "gap". `modularity` may be null.
int32_t gm_tree_labels(
    const gm_tree *tree, const char *cut, int64_t value, int32_t *labels, int64_t length, double *modularity,
    gm_error **error);
// The tree in Newick form. `names` as in `gm_graph_with_names`, one a leaf; null: numbers.
int32_t gm_tree_newick(
    const gm_tree *tree, const int64_t *name_offsets, const char *name_bytes, gm_block **out, gm_error **error);
// SciPy's linkage: leaves - 1 rows of four doubles.
int32_t gm_tree_linkage(const gm_tree *tree, gm_block **out, gm_error **error);
void gm_tree_free(gm_tree *tree);

// ---- Summaries

typedef struct gm_summary gm_summary;

typedef struct {
  uint32_t size;
  // 0: no limit.
  int32_t height_limit;
  // 0: 20.
  int64_t iterations;
  // 0: 42.
  uint64_t seed;
  // "hierarchical" (null), "flat".
  const char *model;
} gm_summarize_options;

int32_t gm_summarize(
    const gm_graph *graph, const gm_summarize_options *options, gm_context *context, gm_summary **out, gm_error **error);
int32_t gm_summary_open(const char *path, gm_context *context, gm_summary **out, gm_error **error);
int32_t gm_summary_save(
    const gm_summary *summary, const char *path, int32_t replace, gm_context *context, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t height;
  int64_t nodes, edges, supernodes, hierarchy_edges, positive_edges, negative_edges;
} gm_summary_counts;

int32_t gm_summary_get_counts(const gm_summary *summary, gm_summary_counts *counts, gm_error **error);
// Neighbors as int64, ascending.
int32_t gm_summary_neighbors(const gm_summary *summary, int64_t node, gm_block **out, gm_error **error);
int32_t gm_summary_has_edge(
    const gm_summary *summary, int64_t source, int64_t target, int32_t *has_edge, gm_error **error);
int32_t gm_summary_bfs(
    const gm_summary *summary, int64_t source, int64_t *distances, int64_t length, gm_error **error);
int32_t gm_summary_find(const gm_summary *summary, const char *name, int64_t *node, gm_error **error);
// The graph that was summarized.
int32_t gm_summary_restore(const gm_summary *summary, gm_context *context, gm_graph **out, gm_error **error);
void gm_summary_free(gm_summary *summary);

// ---- Learning

typedef struct gm_ticket gm_ticket;

// What is known of the nodes of a graph. Features have the shape [nodes, columns]: all numbers, row by row, in `dense`; or
// the columns of row i, ascending, at `offsets[i]..offsets[i + 1]` of `places`, with `values` (null: ones).
typedef struct {
  uint32_t size;
  // Classes are 0..classes.
  int32_t classes;
  int64_t columns;
  const float *dense;
  const int64_t *offsets;
  const int32_t *places;
  const float *values;
  // The class of each node, -1 for none; not looked at by `gm_ticket_predict`.
  const int32_t *labels;
  // What each node serves: 0 nothing, 1 training, 2 validation, 3 test; the same.
  const uint8_t *roles;
} gm_attributes;

typedef struct {
  uint32_t size;
  // 0: 512, 8, 200.
  int32_t hidden, heads, epochs;
  // "gcn" (null), "gin", "gat", "sage".
  const char *model;
  // How edges are rated, as in `gm_sparsify`.
  const char *score;
  // Null and 0: the dense network alone.
  const int64_t *rounds;
  int64_t round_count;
  // Null and 0: 1 to 5.
  const uint64_t *seeds;
  int64_t seed_count;
  // 0: 0.05, 0.1, 10, 0.01, 5e-4; 0 itself is told by a negative number.
  double edge_rate, weight_rate, distillation, rate, weight_decay;
} gm_ticket_options;

typedef struct {
  int64_t round;
  uint64_t seed;
  double edge_share, weight_share, test, validation;
  int64_t epoch;
} gm_ticket_round;

// Trains a network on the graph, then on ever sparser ones with ever sparser weights; the ticket is that of the best
// validation accuracy, `rounds` (may be null) takes gm_ticket_round.
int32_t gm_find_tickets(
    const gm_graph *graph, const gm_attributes *attributes, const gm_ticket_options *options, gm_context *context,
    gm_ticket **out, gm_block **rounds, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t round, classes, padding;
  int64_t columns;
  // All weights, and those that are not 0.
  int64_t parameters, weights;
  double edge_share, weight_share, test, validation;
} gm_ticket_info;

int32_t gm_ticket_get_info(const gm_ticket *ticket, gm_ticket_info *info, gm_error **error);
// The edges that are left.
int32_t gm_ticket_graph(const gm_ticket *ticket, gm_graph **out, gm_error **error);
// The class of each node; and the shares of all classes, shape [nodes, classes] (may be null).
int32_t gm_ticket_predict(
    const gm_ticket *ticket, const gm_graph *graph, const gm_attributes *attributes, gm_context *context,
    int32_t *classes, int64_t length, float *shares, gm_error **error);
int32_t gm_ticket_save(
    const gm_ticket *ticket, const char *path, int32_t replace, gm_context *context, gm_error **error);
int32_t gm_ticket_open(const char *path, gm_context *context, gm_ticket **out, gm_error **error);
void gm_ticket_free(gm_ticket *ticket);

// ---- Indexes of vectors

typedef struct gm_index gm_index;
typedef struct gm_filter gm_filter;

// Vectors row by row: "f32", "f16", "bf16", "u8"; "b1" are bits in words of 8 bytes. The stride is in bytes.
typedef struct {
  const void *data;
  int64_t count, dimension, stride;
  const char *type;
} gm_rows;

typedef struct {
  uint32_t size;
  // Links of a node (0: 16), and beam width of the build (0: 200).
  int32_t m;
  int64_t ef_construction;
  // 0: 42.
  uint64_t seed;
} gm_index_options;

// `metric`: "l2" (squared), "ip", "cos", "l1", "chebyshev", "hamming", "jaccard", "js", "jeffreys".
int32_t gm_index_new(
    int64_t dimension, const char *type, const char *metric, const gm_index_options *options, gm_index **out,
    gm_error **error);
// `keys`: one a row, distinct and not negative; null: the row numbers. Rows and keys are copied.
int32_t gm_index_build(
    const gm_rows *rows, const char *metric, const int64_t *keys, const gm_index_options *options, gm_context *context,
    gm_index **out, gm_error **error);
// Adds rows one by one; `keys` null: numbers from the largest so far. On failure the rows before stay: `added` tells.
int32_t gm_index_add(
    gm_index *index, const gm_rows *rows, const int64_t *keys, int32_t replace, gm_context *context, int64_t *added,
    gm_error **error);
int32_t gm_index_remove(gm_index *index, int64_t key, gm_error **error);
int32_t gm_index_compact(gm_index *index, gm_context *context, gm_error **error);
// "u8" and what the command calls codes; null: none.
int32_t gm_index_quantize(gm_index *index, const char *form, gm_context *context, gm_error **error);

typedef struct {
  uint32_t size;
  // 0: by the rule; 1: always a full scan; -1: never.
  int32_t exact;
  // Beam width (0: 64); candidates that are ranked again behind codes (0: the default, -1: none).
  int64_t ef, rerank;
} gm_search_options;

// The k nearest of each query: shape [count, k], by (distance, key); -1 and infinity where there are fewer. `filter`
// may be null.
int32_t gm_index_search(
    const gm_index *index, const gm_rows *queries, int64_t k, const gm_search_options *options, const gm_filter *filter,
    gm_context *context, int64_t *keys, float *distances, gm_error **error);
// Everything within a distance of one query of floats (squared under l2): keys of 8 bytes, distances of 4.
int32_t gm_index_within(
    const gm_index *index, const float *query, int64_t dimension, float radius, const gm_search_options *options,
    const gm_filter *filter, gm_block **keys, gm_block **distances, gm_error **error);
// Lets the objects of these keys through; keys that nothing has are passed over. To be made anew when the index changes.
int32_t gm_index_filter(
    const gm_index *index, const int64_t *keys, int64_t count, gm_filter **out, gm_error **error);
void gm_filter_free(gm_filter *filter);

// The k nearest others of every object. `symmetry`: "union" (null), "mutual", "directed".
int32_t gm_index_neighbor_graph(
    const gm_index *index, int64_t k, const char *symmetry, int32_t weighted, const gm_search_options *options,
    gm_context *context, gm_graph **out, gm_error **error);

typedef struct {
  uint32_t size;
  int32_t m, read_only, padding;
  int64_t count, dimension, ef_construction;
  // As in `gm_index_new`; valid while the program runs.
  const char *metric, *type;
} gm_index_info;

int32_t gm_index_get_info(const gm_index *index, gm_index_info *info, gm_error **error);
// The keys of all objects, in the order they came: `length` is the count of the index.
int32_t gm_index_keys(const gm_index *index, int64_t *keys, int64_t length, gm_error **error);
// The vectors of some keys as floats: shape [count, dimension].
int32_t gm_index_vectors(
    const gm_index *index, const int64_t *keys, int64_t count, float *vectors, int64_t dimension, gm_error **error);
int32_t gm_index_save(
    const gm_index *index, const char *path, int32_t replace, gm_context *context, gm_error **error);
int32_t gm_index_open(const char *path, int32_t mapped, gm_context *context, gm_index **out, gm_error **error);
void gm_index_free(gm_index *index);

#ifdef __cplusplus
}
#endif

#endif
