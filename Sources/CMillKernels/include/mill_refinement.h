#ifndef MILL_REFINEMENT_H
#define MILL_REFINEMENT_H

#include <stdint.h>

// Kernels that move nodes between groups. Rows of counts and of tables have `stride` entries, a multiple of 8; what lies
// behind the groups is 0. Every score is summed in one order whatever the vector width, and nothing is fused, so that all
// processors give the same bits.

/// Neighbors of the nodes low..<high in each group, from counts[0] on; a node labeled 0xffff is in none. sums[a * stride + b]
/// grows by the ordered pairs of linked nodes, the first of them among low..<high and in a, the second in b.
void mill_count_groups(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high,
                       const uint16_t *labels, int64_t stride, uint32_t *counts, uint64_t *sums);

/// The best group of each of `rows` nodes among ranges[2 * label]..<ranges[2 * label + 1], its own where no other is
/// better, else the first of the best: the score of group a is the sum of counts[b] * logs[b * stride + a] over b, minus
/// constants[a], plus densities[label * stride + a]. At most 4096 groups.
void mill_best_groups(const uint32_t *counts, int64_t rows, int64_t stride, int64_t groups, const uint16_t *labels,
                      uint16_t *best, const int32_t *ranges, const double *logs, const double *constants,
                      const double *densities);

#endif
