#ifndef MILL_SCORES_H
#define MILL_SCORES_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// Compares at most 64 edges of one node with a range, by the bits of own * scores[targets[i]] with the bits of `flip` turned:
/// bit i of the result says that edge i lies above `high`, bit i of `inside` that it lies in low...high. One product, so
/// the same bits on all processors.
uint64_t mill_compare_products(double own, const double *scores, const uint32_t *targets, int64_t count, uint64_t flip,
                               uint64_t low, uint64_t high, uint64_t *inside);

#pragma clang assume_nonnull end

#endif
