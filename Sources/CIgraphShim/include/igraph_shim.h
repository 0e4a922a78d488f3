/* igraph behind plain types, for tests. Without VALIDATION nothing of igraph is compiled, and every function but
   igs_is_available returns IGS_UNAVAILABLE. Edges are pairs of nodes back to back, m of them; functions return 0 or an
   error code of igraph. Not thread-safe: callers take turns. */
#ifndef GRAPHMILL_IGRAPH_SHIM_H
#define GRAPHMILL_IGRAPH_SHIM_H

#include <stdint.h>

#define IGS_UNAVAILABLE (-1)

/* 1 when igraph is linked. */
int32_t igs_is_available(void);

/* The error message of a code that another function returned. */
const char *igs_error_text(int32_t code);

/* Weakly connected components: a label for each of n nodes. */
int32_t igs_components(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t *labels, int64_t *count);

/* Degrees of n nodes. mode: 1 out, 2 in, 3 both. */
int32_t igs_degrees(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int32_t mode, int32_t loops,
                    int64_t *degrees);

/* Distances along arcs from a source; -1 where there is no path. */
int32_t igs_distances(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t source,
                      int64_t *distances);

/* Degrees of a preferential-attachment graph: n nodes with k edges each, attractive in proportion to their degree,
   parallel edges kept. */
int32_t igs_barabasi_degrees(int64_t n, int64_t k, uint64_t seed, int64_t *degrees);

/* Degrees of a uniform graph of n nodes and m edges, without loops and parallel edges. */
int32_t igs_gnm_degrees(int64_t n, int64_t m, uint64_t seed, int64_t *degrees);

/* The modularity of a partition, unweighted, resolution 1; of a directed graph that of arcs. */
int32_t igs_modularity(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const int64_t *labels,
                       double *modularity);

/* The last level of Louvain's method on an undirected graph, unweighted, resolution 1. */
int32_t igs_multilevel(const int64_t *edges, int64_t m, int64_t n, uint64_t seed, int64_t *labels);

/* How alike two partitions of n nodes are. method: 0 normalized mutual information, 1 adjusted Rand index. */
int32_t igs_compare(const int64_t *first, const int64_t *second, int64_t n, int32_t method, double *result);

/* What igs_answer is asked. */
enum {
  /* A value for each of n nodes. */
  IGS_STRONG_COMPONENTS,
  IGS_ARTICULATION_POINTS, /* 1 or 0 */
  IGS_NODE_TRIANGLES,
  IGS_LOCAL_CLUSTERING,    /* 0 for nodes of fewer than two neighbors */
  IGS_BETWEENNESS,
  IGS_CLOSENESS,           /* one over the mean distance to the nodes reached; not a number where there is none */
  IGS_HARMONIC,            /* the mean of one over the distance */
  IGS_HUBS,                /* the largest is 1 */
  IGS_AUTHORITIES,         /* the largest is 1 */
  IGS_WEIGHTED_DISTANCES,  /* from the node `parameter` along arcs */
  /* A value for each of m edges. */
  IGS_BRIDGES,             /* 1 or 0 */
  IGS_TRUSSNESS,
  IGS_SPANNING_FOREST,     /* 1 or 0 */
  /* One value. */
  IGS_IS_BIPARTITE,
  IGS_IS_ACYCLIC,
  IGS_BLOCKS,
  IGS_TRANSITIVITY,
  IGS_DEGREE_ASSORTATIVITY,
  IGS_RECIPROCITY,
  IGS_DIAMETER,            /* of the pairs that a path joins */
  IGS_AVERAGE_DISTANCE,    /* of the pairs that a path joins */
  IGS_LARGEST_EIGENVALUE   /* of the adjacency matrix of an undirected graph */
};

/* Answers a question about a graph with `count` values. weights: m of them, or NULL. */
int32_t igs_answer(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const double *weights,
                   int32_t question, int64_t parameter, double *values, int64_t count);

/* How igs_combine makes a graph of two. */
enum {
  IGS_UNION,
  IGS_DIFFERENCE,
  IGS_INTERSECTION,
  IGS_PROJECTION /* of the first graph onto the nodes whose entry in `other`, k = n of them, is 0 */
};

/* Makes a graph of two with n nodes and m and k edges. found: pairs of nodes, times: how often each projected edge was
   found; both have room for `capacity` edges. */
int32_t igs_combine(const int64_t *edges, int64_t m, const int64_t *other, int64_t k, int64_t n, int32_t directed,
                    int32_t operation, int64_t *found, int64_t *times, int64_t capacity, int64_t *count);

#endif
