// Finds the communities of a graph, and tells how large they are.
//
//   Scripts/c-library out
//   cc Examples/c/communities.c -Iout out/libgraphmill_c.so -Wl,-rpath,$PWD/out -o communities
//   ./communities edges.tsv
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "graphmill.h"

// Tells of an error and ends with the code that the command would end with.
static int failed(int32_t code, gm_error *error) {
  const char *file = gm_error_file(error), *field = gm_error_field(error), *hint = gm_error_hint(error);
  fprintf(stderr, "error: %s%s%s", file ? file : "", file ? ": " : "", gm_error_message(error));
  if (field) fprintf(stderr, ": '%s'", field);
  fprintf(stderr, " (%s)\n", gm_error_kind(error));
  if (hint) fprintf(stderr, "hint: %s\n", hint);
  gm_error_free(error);
  return code;
}

int main(int count, char **words) {
  if (count != 2) {
    fprintf(stderr, "usage: communities FILE\n");
    return 64;
  }
  gm_error *error = NULL;
  gm_graph *graph = NULL;
  gm_tree *tree = NULL;
  int32_t *labels = NULL;
  gm_graph_view view = {.size = sizeof view};
  gm_community_options options = {.size = sizeof options, .method = "leiden"};
  double modularity = 0;

  int32_t code = gm_graph_read(words[1], NULL, NULL, &graph, NULL, &error);
  if (!code) code = gm_graph_get_view(graph, &view, &error);
  if (!code) code = gm_communities(graph, &options, NULL, &tree, &error);
  if (!code) {
    labels = malloc(sizeof *labels * (size_t)(view.nodes + 1));
    code = gm_tree_labels(tree, NULL, 0, labels, view.nodes, &modularity, &error);
  }
  if (code) {
    code = failed(code, error);
  } else {
    int32_t groups = 0;
    for (int64_t node = 0; node < view.nodes; node++) groups = labels[node] >= groups ? labels[node] + 1 : groups;
    printf("%" PRId64 " nodes, %" PRId64 " edges, %d groups of modularity %.4f\n", view.nodes, view.edges, groups, modularity);
    for (int32_t group = 0; group < groups; group++) {
      int64_t size = 0;
      for (int64_t node = 0; node < view.nodes; node++) size += labels[node] == group;
      printf("%d: %" PRId64 "\n", group, size);
    }
  }
  free(labels);
  gm_tree_free(tree);
  gm_graph_free(graph);
  return code;
}
