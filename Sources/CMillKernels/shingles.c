#include "mill_shingles.h"

#include "clones.h"

CLONES void mill_shingles(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high, uint32_t salt,
                          uint32_t factor, int closed, uint32_t *shingles) {
  for (int64_t i = low; i < high; i++) {
    uint32_t least = closed ? mill_node_hash((uint32_t)i, salt, factor) : UINT32_MAX;
    for (uint64_t arc = offsets[i]; arc < offsets[i + 1]; arc++) {
      const uint32_t hash = mill_node_hash(targets[arc], salt, factor);
      least = hash < least ? hash : least;
    }
    shingles[i - low] = least;
  }
}
