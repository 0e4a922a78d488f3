#include "mill_scores.h"

#include <string.h>

#include "clones.h"

CLONES uint64_t mill_compare_products(double own, const double *scores, const uint32_t *targets, int64_t count,
                                      uint64_t flip, uint64_t low, uint64_t high, uint64_t *inside) {
  uint64_t above = 0, not_below = 0;
  for (int64_t i = 0; i < count; i++) {
    const double product = own * scores[targets[i]];
    uint64_t key;
    memcpy(&key, &product, 8);
    key ^= flip;
    above |= (uint64_t)(key > high) << i;
    not_below |= (uint64_t)(key >= low) << i;
  }
  *inside = not_below & ~above;
  return above;
}
