#include "igraph_shim.h"

#ifdef VALIDATION

#include <igraph.h>

int32_t igs_is_available(void) { return 1; }

const char *igs_error_text(int32_t code) { return igraph_strerror((igraph_error_t)code); }

/* igraph's default error handler ends the process. */
static void prepare(void) {
  igraph_set_error_handler(igraph_error_handler_ignore);
  igraph_set_warning_handler(igraph_warning_handler_ignore);
}

static igraph_error_t make(igraph_t *graph, const int64_t *edges, int64_t m, int64_t n, int32_t directed) {
  igraph_vector_int_t ends;
  igraph_error_t error = igraph_vector_int_init(&ends, 2 * m);
  if (error) return error;
  for (int64_t i = 0; i < 2 * m; i++) VECTOR(ends)[i] = edges[i];
  error = igraph_create(graph, &ends, n, directed != 0);
  igraph_vector_int_destroy(&ends);
  return error;
}

static igraph_error_t copy_degrees(const igraph_t *graph, igraph_neimode_t mode, int32_t loops, int64_t *degrees) {
  igraph_vector_int_t result;
  igraph_error_t error = igraph_vector_int_init(&result, 0);
  if (error) return error;
  error = igraph_degree(graph, &result, igraph_vss_all(), mode, loops != 0);
  if (!error) {
    for (igraph_integer_t i = 0; i < igraph_vector_int_size(&result); i++) degrees[i] = VECTOR(result)[i];
  }
  igraph_vector_int_destroy(&result);
  return error;
}

int32_t igs_components(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t *labels,
                       int64_t *count) {
  prepare();
  igraph_t graph;
  igraph_error_t error = make(&graph, edges, m, n, directed);
  if (error) return error;
  igraph_vector_int_t result;
  igraph_integer_t found = 0;
  error = igraph_vector_int_init(&result, 0);
  if (!error) {
    error = igraph_connected_components(&graph, &result, NULL, &found, IGRAPH_WEAK);
    if (!error) {
      for (int64_t i = 0; i < n; i++) labels[i] = VECTOR(result)[i];
      *count = found;
    }
    igraph_vector_int_destroy(&result);
  }
  igraph_destroy(&graph);
  return error;
}

int32_t igs_degrees(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int32_t mode, int32_t loops,
                    int64_t *degrees) {
  prepare();
  igraph_t graph;
  igraph_error_t error = make(&graph, edges, m, n, directed);
  if (error) return error;
  error = copy_degrees(&graph, mode == 1 ? IGRAPH_OUT : mode == 2 ? IGRAPH_IN : IGRAPH_ALL, loops, degrees);
  igraph_destroy(&graph);
  return error;
}

int32_t igs_distances(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t source,
                      int64_t *distances) {
  prepare();
  igraph_t graph;
  igraph_error_t error = make(&graph, edges, m, n, directed);
  if (error) return error;
  igraph_matrix_t result;
  error = igraph_matrix_init(&result, 0, 0);
  if (!error) {
    error = igraph_distances(&graph, &result, igraph_vss_1(source), igraph_vss_all(), IGRAPH_OUT);
    if (!error) {
      for (int64_t i = 0; i < n; i++) {
        igraph_real_t distance = MATRIX(result, 0, i);
        distances[i] = distance == IGRAPH_INFINITY ? -1 : (int64_t)distance;
      }
    }
    igraph_matrix_destroy(&result);
  }
  igraph_destroy(&graph);
  return error;
}

int32_t igs_barabasi_degrees(int64_t n, int64_t k, uint64_t seed, int64_t *degrees) {
  prepare();
  igraph_t graph;
  igraph_error_t error = igraph_rng_seed(igraph_rng_default(), seed);
  if (error) return error;
  error = igraph_barabasi_game(&graph, n, 1, k, NULL, 1, 0, 0, IGRAPH_BARABASI_PSUMTREE_MULTIPLE, NULL);
  if (error) return error;
  error = copy_degrees(&graph, IGRAPH_ALL, 1, degrees);
  igraph_destroy(&graph);
  return error;
}

int32_t igs_gnm_degrees(int64_t n, int64_t m, uint64_t seed, int64_t *degrees) {
  prepare();
  igraph_t graph;
  igraph_error_t error = igraph_rng_seed(igraph_rng_default(), seed);
  if (error) return error;
  error = igraph_erdos_renyi_game_gnm(&graph, n, m, 0, 0);
  if (error) return error;
  error = copy_degrees(&graph, IGRAPH_ALL, 1, degrees);
  igraph_destroy(&graph);
  return error;
}

static igraph_error_t copy_vector(igraph_vector_int_t *vector, const int64_t *values, int64_t n) {
  igraph_error_t error = igraph_vector_int_init(vector, n);
  if (error) return error;
  for (int64_t i = 0; i < n; i++) VECTOR(*vector)[i] = values[i];
  return error;
}

int32_t igs_modularity(const int64_t *edges, int64_t m, int64_t n, const int64_t *labels, double *modularity) {
  prepare();
  igraph_t graph;
  igraph_error_t error = make(&graph, edges, m, n, 0);
  if (error) return error;
  igraph_vector_int_t groups;
  error = copy_vector(&groups, labels, n);
  if (!error) {
    error = igraph_modularity(&graph, &groups, NULL, 1, 0, modularity);
    igraph_vector_int_destroy(&groups);
  }
  igraph_destroy(&graph);
  return error;
}

int32_t igs_multilevel(const int64_t *edges, int64_t m, int64_t n, uint64_t seed, int64_t *labels) {
  prepare();
  igraph_t graph;
  igraph_error_t error = igraph_rng_seed(igraph_rng_default(), seed);
  if (error) return error;
  error = make(&graph, edges, m, n, 0);
  if (error) return error;
  igraph_vector_int_t groups;
  error = igraph_vector_int_init(&groups, 0);
  if (!error) {
    error = igraph_community_multilevel(&graph, NULL, 1, &groups, NULL, NULL);
    if (!error) {
      for (int64_t i = 0; i < n; i++) labels[i] = VECTOR(groups)[i];
    }
    igraph_vector_int_destroy(&groups);
  }
  igraph_destroy(&graph);
  return error;
}

int32_t igs_compare(const int64_t *first, const int64_t *second, int64_t n, int32_t method, double *result) {
  prepare();
  igraph_vector_int_t a, b;
  igraph_error_t error = copy_vector(&a, first, n);
  if (error) return error;
  error = copy_vector(&b, second, n);
  if (!error) {
    error = igraph_compare_communities(&a, &b, result, method == 0 ? IGRAPH_COMMCMP_NMI : IGRAPH_COMMCMP_ADJUSTED_RAND);
    igraph_vector_int_destroy(&b);
  }
  igraph_vector_int_destroy(&a);
  return error;
}

#else

int32_t igs_is_available(void) { return 0; }

const char *igs_error_text(int32_t code) {
  (void)code;
  return "igraph is not linked";
}

int32_t igs_components(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t *labels,
                       int64_t *count) {
  (void)edges, (void)m, (void)n, (void)directed, (void)labels, (void)count;
  return IGS_UNAVAILABLE;
}

int32_t igs_degrees(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int32_t mode, int32_t loops,
                    int64_t *degrees) {
  (void)edges, (void)m, (void)n, (void)directed, (void)mode, (void)loops, (void)degrees;
  return IGS_UNAVAILABLE;
}

int32_t igs_distances(const int64_t *edges, int64_t m, int64_t n, int32_t directed, int64_t source,
                      int64_t *distances) {
  (void)edges, (void)m, (void)n, (void)directed, (void)source, (void)distances;
  return IGS_UNAVAILABLE;
}

int32_t igs_barabasi_degrees(int64_t n, int64_t k, uint64_t seed, int64_t *degrees) {
  (void)n, (void)k, (void)seed, (void)degrees;
  return IGS_UNAVAILABLE;
}

int32_t igs_gnm_degrees(int64_t n, int64_t m, uint64_t seed, int64_t *degrees) {
  (void)n, (void)m, (void)seed, (void)degrees;
  return IGS_UNAVAILABLE;
}

int32_t igs_modularity(const int64_t *edges, int64_t m, int64_t n, const int64_t *labels, double *modularity) {
  (void)edges, (void)m, (void)n, (void)labels, (void)modularity;
  return IGS_UNAVAILABLE;
}

int32_t igs_multilevel(const int64_t *edges, int64_t m, int64_t n, uint64_t seed, int64_t *labels) {
  (void)edges, (void)m, (void)n, (void)seed, (void)labels;
  return IGS_UNAVAILABLE;
}

int32_t igs_compare(const int64_t *first, const int64_t *second, int64_t n, int32_t method, double *result) {
  (void)first, (void)second, (void)n, (void)method, (void)result;
  return IGS_UNAVAILABLE;
}

#endif
