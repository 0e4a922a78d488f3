#ifndef MILL_SHINGLES_H
#define MILL_SHINGLES_H

#include <stdint.h>

/// The hash of a node: a bijection of 32 bits, drawn by a salt and an odd factor.
static inline uint32_t mill_node_hash(uint32_t node, uint32_t salt, uint32_t factor) {
  uint32_t z = (node + salt) * factor;
  z = (z ^ (z >> 16)) * 0x7feb352du;
  z = (z ^ (z >> 15)) * 0x846ca68bu;
  return z ^ (z >> 16);
}

/// The smallest hash among the neighbors of each of the nodes low..<high, from shingles[0] on, its own among them where
/// `closed` is not 0; 0xffffffff where there is none.
void mill_shingles(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high, uint32_t salt,
                   uint32_t factor, int closed, uint32_t *shingles);

#endif
