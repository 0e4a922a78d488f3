// The loop over rows that all kernels share, as a template: GATHER defines the two entry points of one kernel.
#ifndef MILL_GATHER_H
#define MILL_GATHER_H

#include "mill_kernels.h"

#define MILL_NO_SHORT_FORM(query, table, ids, count, out)
#define MILL_GATHER(NAME, TARGET, ROW, BYTES) MILL_GATHER_SHORT(NAME, TARGET, ROW, BYTES, MILL_NO_SHORT_FORM)

// SHORT may return early with all distances: a form for short rows.
#define MILL_GATHER_SHORT(NAME, TARGET, ROW, BYTES, SHORT)                                                                       \
  TARGET static void NAME##_measure(                                                                                \
      const void *context, const void *query, const uint32_t *ids, size_t count, float *out) {                      \
    const mill_rows table = *(const mill_rows *)context;                                                            \
    SHORT(query, table, ids, count, out)                                                                            \
    const char *rows = (const char *)table.rows;                                                                    \
    const size_t stride = table.stride, d = table.dimension, bytes = BYTES(d);                                      \
    if (count > 1)                                                                                                  \
      for (size_t i = 0; i < count && i < MILL_AHEAD; i++) mill_prefetch_row(rows + stride * ids[i], bytes);        \
    for (size_t i = 0; i < count; i++) {                                                                            \
      if (i + MILL_AHEAD < count) mill_prefetch_row(rows + stride * ids[i + MILL_AHEAD], bytes);                    \
      out[i] = ROW(query, rows + stride * ids[i], d);                                                               \
    }                                                                                                               \
  }                                                                                                                 \
  TARGET static size_t NAME##_closer(                                                                               \
      const void *context, const void *query, const uint32_t *ids, size_t count, float scale, float bound,          \
      uint64_t *computed) {                                                                                         \
    const mill_rows table = *(const mill_rows *)context;                                                            \
    const char *rows = (const char *)table.rows;                                                                    \
    for (size_t i = 0; i < count; i++) {                                                                            \
      if (scale * ROW(query, rows + table.stride * ids[i], table.dimension) < bound) {                              \
        *computed += i + 1;                                                                                         \
        return i;                                                                                                   \
      }                                                                                                             \
    }                                                                                                               \
    *computed += count;                                                                                             \
    return count;                                                                                                   \
  }

#define MILL_BYTES_4(d) ((d) * 4)
#define MILL_BYTES_2(d) ((d) * 2)
#define MILL_BYTES_1(d) (d)
#define MILL_BYTES_BITS(d) (((d) + 63) / 64 * 8)

// How sums become distances. Minus a sum of 0 is 0, not -0, which would come before it.
#define END_SAME(v) (v)
#define END_MINUS(v) (0.0f - (v))
#define END_ONE_MINUS(v) mill_not_negative(1.0f - (v))
static inline __attribute__((always_inline)) float mill_not_negative(float v) { return v > 0.0f ? v : 0.0f; }

// Results of the integer kernels; both are exact up to the last rounding.
static inline float mill_jaccard(uint64_t both, uint64_t any) {
  return any == 0 ? 0.0f : 1.0f - (float)both / (float)any;
}

/// The two entry points of every kernel of one variant.
typedef struct {
  mill_measure measure[MILL_KERNEL_COUNT];
  mill_closer closer[MILL_KERNEL_COUNT];
} mill_table;

extern const mill_table mill_table_scalar;
#if defined(__x86_64__)
extern const mill_table mill_table_avx2;
extern const mill_table mill_table_avx512;
#endif
#if defined(__aarch64__)
extern const mill_table mill_table_neon;
#endif

// Kernels that exist once for all variants.
#define MILL_SHARED(FIELD)                                                                                          \
  .FIELD[MILL_F32_JENSEN_SHANNON] = mill_jensen_shannon_##FIELD, .FIELD[MILL_F32_JEFFREYS] = mill_jeffreys_##FIELD, \
  .FIELD[MILL_ASK_U8_L2] = mill_ask_u8_l2_##FIELD
void mill_ask_u8_l2_measure(const void *, const void *, const uint32_t *, size_t, float *);
size_t mill_ask_u8_l2_closer(const void *, const void *, const uint32_t *, size_t, float, float, uint64_t *);
void mill_jensen_shannon_measure(const void *, const void *, const uint32_t *, size_t, float *);
void mill_jeffreys_measure(const void *, const void *, const uint32_t *, size_t, float *);
size_t mill_jensen_shannon_closer(const void *, const void *, const uint32_t *, size_t, float, float, uint64_t *);
size_t mill_jeffreys_closer(const void *, const void *, const uint32_t *, size_t, float, float, uint64_t *);

#define MILL_TABLE(PREFIX, FIELD)                                                                                   \
  .FIELD[MILL_F32_L2] = PREFIX##_f32_l2_##FIELD, .FIELD[MILL_F32_COS] = PREFIX##_f32_cos_##FIELD,                   \
  .FIELD[MILL_F32_DOT] = PREFIX##_f32_dot_##FIELD, .FIELD[MILL_F32_L1] = PREFIX##_f32_l1_##FIELD,                   \
  .FIELD[MILL_F32_MAX] = PREFIX##_f32_max_##FIELD, .FIELD[MILL_F16_L2] = PREFIX##_f16_l2_##FIELD,                   \
  .FIELD[MILL_F16_COS] = PREFIX##_f16_cos_##FIELD, .FIELD[MILL_F16_DOT] = PREFIX##_f16_dot_##FIELD,                 \
  .FIELD[MILL_BF16_L2] = PREFIX##_bf16_l2_##FIELD, .FIELD[MILL_BF16_COS] = PREFIX##_bf16_cos_##FIELD,               \
  .FIELD[MILL_BF16_DOT] = PREFIX##_bf16_dot_##FIELD, .FIELD[MILL_U8_L2] = PREFIX##_u8_l2_##FIELD,                   \
  .FIELD[MILL_U8_DOT] = PREFIX##_u8_dot_##FIELD, .FIELD[MILL_HAMMING] = PREFIX##_hamming_##FIELD,                   \
  .FIELD[MILL_JACCARD] = PREFIX##_jaccard_##FIELD,                                                                  \
  .FIELD[MILL_ASK_F16_L2] = PREFIX##_ask_f16_l2_##FIELD, .FIELD[MILL_ASK_F16_COS] = PREFIX##_ask_f16_cos_##FIELD,   \
  .FIELD[MILL_ASK_F16_DOT] = PREFIX##_ask_f16_dot_##FIELD, .FIELD[MILL_ASK_BF16_L2] = PREFIX##_ask_bf16_l2_##FIELD, \
  .FIELD[MILL_ASK_BF16_COS] = PREFIX##_ask_bf16_cos_##FIELD,                                                        \
  .FIELD[MILL_ASK_BF16_DOT] = PREFIX##_ask_bf16_dot_##FIELD,                                                        \
  MILL_SHARED(FIELD)

#endif
