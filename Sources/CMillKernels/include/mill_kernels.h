#ifndef MILL_KERNELS_H
#define MILL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Asks the processor to bring the cache line of `address` closer; never faults.
static inline void mill_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// Rows whose lines are asked for ahead of their use, and lines of a row that are asked for: the hardware follows on.
#define MILL_AHEAD 6
#define MILL_LINES 16

static inline void mill_prefetch_row(const char *row, size_t bytes) {
  size_t end = bytes < MILL_LINES * 64 ? bytes : MILL_LINES * 64;
  for (size_t at = 0; at < end; at += 64) __builtin_prefetch(row + at, 0, 3);
}

/// Asks for the first rows of `ids`, so that they are near when their distances are computed.
static inline void mill_prefetch_rows(const void *rows, size_t stride, size_t bytes, const uint32_t *ids, size_t count) {
  for (size_t i = 0; i < count && i < MILL_AHEAD; i++) mill_prefetch_row((const char *)rows + stride * ids[i], bytes);
}

/// Where the rows of a table of vectors lie: row i starts at `rows + i * stride` bytes and has `dimension` elements
/// (bits for bit rows, whose rows are whole 8-byte words with zero bits at the end).
typedef struct {
  const void *rows;
  size_t stride;
  size_t dimension;
} mill_rows;

/// Distances from one query to the rows `ids[0..<count]`. `context` is a `mill_rows` for the kernels of this module.
typedef void (*mill_measure)(const void *context, const void *query, const uint32_t *ids, size_t count, float *out);

/// The index of the first row of `ids` with `scale * distance < bound`, or `count`. Adds the number of distances
/// computed to `computed`.
typedef size_t (*mill_closer)(
    const void *context, const void *query, const uint32_t *ids, size_t count, float scale, float bound,
    uint64_t *computed);

typedef enum { MILL_SCALAR = 0, MILL_AVX2 = 1, MILL_AVX512 = 2, MILL_NEON = 3 } mill_variant;

/// Element type and distance of a kernel. Queries have the element type of the rows, save `MILL_U8_DOT`, unsigned rows
/// against a signed query, and those that begin with `MILL_ASK`: rows against a query of 32-bit floats. DOT is minus the product; COS is 1 minus the product, and 0 where rounding would take
/// that below.
typedef enum {
  MILL_F32_L2 = 0, MILL_F32_COS, MILL_F32_DOT, MILL_F32_L1, MILL_F32_MAX,
  MILL_F16_L2, MILL_F16_COS, MILL_F16_DOT, MILL_BF16_L2, MILL_BF16_COS, MILL_BF16_DOT,
  MILL_U8_L2, MILL_U8_DOT, MILL_HAMMING, MILL_JACCARD,
  MILL_F32_JENSEN_SHANNON, MILL_F32_JEFFREYS,
  MILL_ASK_F16_L2, MILL_ASK_F16_COS, MILL_ASK_F16_DOT, MILL_ASK_BF16_L2, MILL_ASK_BF16_COS, MILL_ASK_BF16_DOT,
  MILL_ASK_U8_L2,
  MILL_KERNEL_COUNT
} mill_kernel;

/// Whether this processor and this build can run a variant.
int mill_variant_available(mill_variant variant);
/// The kernel in a variant; null when the variant is not available.
mill_measure mill_measure_of(mill_kernel kernel, mill_variant variant);
mill_closer mill_closer_of(mill_kernel kernel, mill_variant variant);

/// Orders (distance, id) as one number: the distance's bits made monotone, then the id (below 2^31), then a free bit
/// that marks an expanded entry.
static inline uint64_t mill_key(float distance, uint32_t id) {
  union { float f; uint32_t u; } x = {distance};
  uint32_t ordered = x.u ^ ((uint32_t)((int32_t)x.u >> 31) | 0x80000000u);
  return (uint64_t)ordered << 32 | (uint64_t)id << 1;
}
static inline float mill_key_distance(uint64_t key) {
  uint32_t ordered = (uint32_t)(key >> 32);
  union { uint32_t u; float f; } x = {ordered ^ ((ordered >> 31) ? 0x80000000u : 0xffffffffu)};
  return x.f;
}
static inline uint32_t mill_key_id(uint64_t key) { return (uint32_t)key >> 1; }

/// Puts `key` into the ascending pool of `count` keys and drops the last when the pool is full. Returns the position.
/// The caller made sure that the key is below the last when the pool is full.
static inline size_t mill_pool_insert(uint64_t *pool, size_t count, size_t capacity, uint64_t key) {
  // Without branches: their outcome cannot be predicted.
  size_t low = 0;
  for (size_t width = count; width > 0;) {
    size_t half = (width + 1) / 2;
    low = __builtin_unpredictable(pool[low + half - 1] < key) ? low + half : low;
    width -= half;
  }
  size_t last = count < capacity ? count : capacity - 1;
  __builtin_memmove(pool + low + 1, pool + low, (last - low) * sizeof(uint64_t));
  pool[low] = key;
  return low;
}

/// Float to IEEE half and to bfloat16, rounded to nearest, ties to even; and back.
uint16_t mill_f16_from_float(float value);
float mill_f16_to_float(uint16_t bits);
uint16_t mill_bf16_from_float(float value);
static inline float mill_bf16_to_float(uint16_t bits) {
  union { uint32_t u; float f; } x = {(uint32_t)bits << 16};
  return x.f;
}

#endif
