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

int32_t igs_modularity(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const int64_t *labels,
                       double *modularity) {
  prepare();
  igraph_t graph;
  igraph_error_t error = make(&graph, edges, m, n, directed);
  if (error) return error;
  igraph_vector_int_t groups;
  error = copy_vector(&groups, labels, n);
  if (!error) {
    error = igraph_modularity(&graph, &groups, NULL, 1, directed != 0, modularity);
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

static igraph_error_t copy_reals(igraph_vector_t *vector, const double *values, int64_t n) {
  igraph_error_t error = igraph_vector_init(vector, n);
  if (error) return error;
  for (int64_t i = 0; i < n; i++) VECTOR(*vector)[i] = values[i];
  return error;
}

static igraph_error_t distances_from(const igraph_t *graph, int64_t source, const igraph_vector_t *weights,
                                     igraph_vector_t *result) {
  igraph_matrix_t matrix;
  igraph_error_t error = igraph_matrix_init(&matrix, 0, 0);
  if (error) return error;
  error = igraph_distances_dijkstra(graph, &matrix, igraph_vss_1(source), igraph_vss_all(), weights, IGRAPH_OUT);
  if (!error) error = igraph_matrix_get_row(&matrix, result, 0);
  igraph_matrix_destroy(&matrix);
  return error;
}

static igraph_error_t hubs(const igraph_t *graph, const igraph_vector_t *weights, igraph_vector_t *hub,
                           igraph_vector_t *authority) {
  igraph_arpack_options_t options;
  igraph_arpack_options_init(&options);
  return igraph_hub_and_authority_scores(graph, hub, authority, NULL, 1, weights, &options);
}

static igraph_error_t largest_eigenvalue(const igraph_t *graph, igraph_real_t *number) {
  igraph_arpack_options_t options;
  igraph_arpack_options_init(&options);
  igraph_eigen_which_t which = {.pos = IGRAPH_EIGEN_LA, .howmany = 1};
  igraph_vector_t values;
  igraph_error_t error = igraph_vector_init(&values, 0);
  if (error) return error;
  error = igraph_eigen_adjacency(graph, IGRAPH_EIGEN_ARPACK, &which, &options, NULL, &values, NULL, NULL, NULL);
  if (!error) *number = VECTOR(values)[0];
  igraph_vector_destroy(&values);
  return error;
}

/* Sets 1 for each of some numbers, 0 for all others. */
static igraph_error_t mark(const igraph_vector_int_t *numbers, int64_t count, igraph_vector_t *result) {
  igraph_error_t error = igraph_vector_resize(result, count);
  if (error) return error;
  igraph_vector_null(result);
  for (igraph_integer_t i = 0; i < igraph_vector_int_size(numbers); i++) VECTOR(*result)[VECTOR(*numbers)[i]] = 1;
  return error;
}

static igraph_error_t answer_integers(const igraph_t *graph, int32_t question, const igraph_vector_t *weights,
                                      igraph_vector_t *result) {
  igraph_vector_int_t found;
  igraph_integer_t count = 0;
  igraph_error_t error = igraph_vector_int_init(&found, 0);
  if (error) return error;
  int is_set = 0;
  switch (question) {
    case IGS_STRONG_COMPONENTS:
      error = igraph_connected_components(graph, &found, NULL, &count, IGRAPH_STRONG);
      break;
    case IGS_TRUSSNESS: error = igraph_trussness(graph, &found); break;
    case IGS_ARTICULATION_POINTS:
      error = igraph_articulation_points(graph, &found);
      if (!error) error = mark(&found, igraph_vcount(graph), result);
      is_set = 1;
      break;
    case IGS_BRIDGES:
      error = igraph_bridges(graph, &found);
      if (!error) error = mark(&found, igraph_ecount(graph), result);
      is_set = 1;
      break;
    default:
      error = igraph_minimum_spanning_tree(graph, &found, weights);
      if (!error) error = mark(&found, igraph_ecount(graph), result);
      is_set = 1;
  }
  if (!error && !is_set) {
    error = igraph_vector_resize(result, igraph_vector_int_size(&found));
    for (igraph_integer_t i = 0; !error && i < igraph_vector_int_size(&found); i++)
      VECTOR(*result)[i] = (double)VECTOR(found)[i];
  }
  igraph_vector_int_destroy(&found);
  return error;
}

static igraph_error_t answer_number(const igraph_t *graph, int32_t question, igraph_vector_t *result) {
  igraph_bool_t flag = 0;
  igraph_integer_t count = 0;
  igraph_real_t number = 0;
  igraph_error_t error;
  igraph_bool_t directed = igraph_is_directed(graph);
  switch (question) {
    case IGS_IS_BIPARTITE:
      error = igraph_is_bipartite(graph, &flag, NULL);
      number = flag;
      break;
    case IGS_IS_ACYCLIC:
      error = igraph_is_dag(graph, &flag);
      number = flag;
      break;
    case IGS_BLOCKS:
      error = igraph_biconnected_components(graph, &count, NULL, NULL, NULL, NULL);
      number = (double)count;
      break;
    case IGS_TRANSITIVITY: error = igraph_transitivity_undirected(graph, &number, IGRAPH_TRANSITIVITY_ZERO); break;
    case IGS_DEGREE_ASSORTATIVITY: error = igraph_assortativity_degree(graph, &number, directed); break;
    case IGS_RECIPROCITY: error = igraph_reciprocity(graph, &number, 1, IGRAPH_RECIPROCITY_DEFAULT); break;
    case IGS_AVERAGE_DISTANCE: error = igraph_average_path_length(graph, &number, NULL, directed, 1); break;
    case IGS_LARGEST_EIGENVALUE: error = largest_eigenvalue(graph, &number); break;
    default: error = igraph_diameter(graph, &number, NULL, NULL, NULL, NULL, directed, 1);
  }
  if (!error) error = igraph_vector_resize(result, 1);
  if (!error) VECTOR(*result)[0] = number;
  return error;
}

static igraph_error_t answer(const igraph_t *graph, int32_t question, int64_t parameter, const igraph_vector_t *weights,
                             igraph_vector_t *result) {
  igraph_vs_t all = igraph_vss_all();
  switch (question) {
    case IGS_LOCAL_CLUSTERING:
      return igraph_transitivity_local_undirected(graph, result, all, IGRAPH_TRANSITIVITY_ZERO);
    case IGS_NODE_TRIANGLES: return igraph_adjacent_triangles(graph, result, all);
    case IGS_BETWEENNESS: return igraph_betweenness(graph, result, all, igraph_is_directed(graph), weights);
    case IGS_CLOSENESS: return igraph_closeness(graph, result, NULL, NULL, all, IGRAPH_OUT, weights, 1);
    case IGS_HARMONIC: return igraph_harmonic_centrality(graph, result, all, IGRAPH_OUT, weights, 1);
    case IGS_HUBS: return hubs(graph, weights, result, NULL);
    case IGS_AUTHORITIES: return hubs(graph, weights, NULL, result);
    case IGS_WEIGHTED_DISTANCES: return distances_from(graph, parameter, weights, result);
    case IGS_STRONG_COMPONENTS:
    case IGS_ARTICULATION_POINTS:
    case IGS_BRIDGES:
    case IGS_TRUSSNESS:
    case IGS_SPANNING_FOREST: return answer_integers(graph, question, weights, result);
    default: return answer_number(graph, question, result);
  }
}

int32_t igs_answer(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const double *weights,
                   int32_t question, int64_t parameter, double *values, int64_t count) {
  prepare();
  igraph_t graph;
  igraph_vector_t copied, result;
  igraph_error_t error = make(&graph, edges, m, n, directed);
  if (error) return error;
  error = copy_reals(&copied, weights, weights ? m : 0);
  if (!error) {
    error = igraph_vector_init(&result, 0);
    if (!error) {
      error = answer(&graph, question, parameter, weights ? &copied : NULL, &result);
      if (!error && igraph_vector_size(&result) != count) error = IGRAPH_EINVAL;
      for (int64_t i = 0; !error && i < count; i++) values[i] = VECTOR(result)[i];
      igraph_vector_destroy(&result);
    }
    igraph_vector_destroy(&copied);
  }
  igraph_destroy(&graph);
  return error;
}

static igraph_error_t project(const igraph_t *graph, const int64_t *sides, igraph_t *result, igraph_vector_int_t *times) {
  igraph_vector_bool_t types;
  igraph_integer_t n = igraph_vcount(graph);
  igraph_error_t error = igraph_vector_bool_init(&types, n);
  if (error) return error;
  for (igraph_integer_t i = 0; i < n; i++) VECTOR(types)[i] = sides[i] != 0;
  error = igraph_bipartite_projection(graph, &types, result, NULL, times, NULL, -1);
  igraph_vector_bool_destroy(&types);
  return error;
}

static igraph_error_t copy_edges(const igraph_t *graph, const igraph_vector_int_t *repeats, int64_t *found,
                                 int64_t *times, int64_t capacity, int64_t *count) {
  *count = igraph_ecount(graph);
  if (*count > capacity) return IGRAPH_EINVAL;
  for (igraph_integer_t i = 0; i < *count; i++) {
    found[2 * i] = IGRAPH_FROM(graph, i);
    found[2 * i + 1] = IGRAPH_TO(graph, i);
    times[i] = i < igraph_vector_int_size(repeats) ? VECTOR(*repeats)[i] : 1;
  }
  return IGRAPH_SUCCESS;
}

int32_t igs_combine(const int64_t *edges, int64_t m, const int64_t *other, int64_t k, int64_t n, int32_t directed,
                    int32_t operation, int64_t *found, int64_t *times, int64_t capacity, int64_t *count) {
  prepare();
  igraph_t first, second, result;
  igraph_vector_int_t repeats;
  igraph_error_t error = make(&first, edges, m, n, directed);
  if (error) return error;
  error = make(&second, other, operation == IGS_PROJECTION ? 0 : k, n, directed);
  if (!error) {
    error = igraph_vector_int_init(&repeats, 0);
    if (!error) {
      switch (operation) {
        case IGS_UNION: error = igraph_union(&result, &first, &second, NULL, NULL); break;
        case IGS_DIFFERENCE: error = igraph_difference(&result, &first, &second); break;
        case IGS_INTERSECTION: error = igraph_intersection(&result, &first, &second, NULL, NULL); break;
        default: error = project(&first, other, &result, &repeats);
      }
      if (!error) {
        error = copy_edges(&result, &repeats, found, times, capacity, count);
        igraph_destroy(&result);
      }
      igraph_vector_int_destroy(&repeats);
    }
    igraph_destroy(&second);
  }
  igraph_destroy(&first);
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

int32_t igs_modularity(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const int64_t *labels,
                       double *modularity) {
  (void)edges, (void)m, (void)n, (void)directed, (void)labels, (void)modularity;
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

int32_t igs_answer(const int64_t *edges, int64_t m, int64_t n, int32_t directed, const double *weights,
                   int32_t question, int64_t parameter, double *values, int64_t count) {
  (void)edges, (void)m, (void)n, (void)directed, (void)weights, (void)question, (void)parameter;
  (void)values, (void)count;
  return IGS_UNAVAILABLE;
}

int32_t igs_combine(const int64_t *edges, int64_t m, const int64_t *other, int64_t k, int64_t n, int32_t directed,
                    int32_t operation, int64_t *found, int64_t *times, int64_t capacity, int64_t *count) {
  (void)edges, (void)m, (void)other, (void)k, (void)n, (void)directed, (void)operation;
  (void)found, (void)times, (void)capacity, (void)count;
  return IGS_UNAVAILABLE;
}

#endif
