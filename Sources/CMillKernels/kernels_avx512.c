// AVX-512: four registers of 16 lanes. Tails are masked loads, whose zeros leave the sums as they are.
#if defined(__x86_64__)
#include "gather.h"
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#define TARGET                                                                                                      \
  __attribute__((target("avx2,fma,f16c,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq")))
#define INLINE TARGET static inline __attribute__((always_inline))

INLINE float sum_tree(__m512 a0, __m512 a1, __m512 a2, __m512 a3) {
  __m512 t = _mm512_add_ps(_mm512_add_ps(a0, a1), _mm512_add_ps(a2, a3));
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(t), _mm512_extractf32x8_ps(t, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

INLINE float max_tree(__m512 a0, __m512 a1, __m512 a2, __m512 a3) {
  return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(a0, a1), _mm512_max_ps(a2, a3)));
}

INLINE __m512 step_l2(__m512 acc, __m512 x, __m512 y) {
  __m512 t = _mm512_sub_ps(x, y);
  return _mm512_fmadd_ps(t, t, acc);
}
INLINE __m512 step_ip(__m512 acc, __m512 x, __m512 y) { return _mm512_fmadd_ps(x, y, acc); }
INLINE __m512 step_l1(__m512 acc, __m512 x, __m512 y) { return _mm512_add_ps(acc, _mm512_abs_ps(_mm512_sub_ps(x, y))); }
INLINE __m512 step_max(__m512 acc, __m512 x, __m512 y) { return _mm512_max_ps(_mm512_abs_ps(_mm512_sub_ps(x, y)), acc); }

INLINE __m512 load_f32(const void *base, size_t i) { return _mm512_loadu_ps((const float *)base + i); }
INLINE __m512 part_f32(const void *base, size_t i, __mmask16 m) {
  return _mm512_maskz_loadu_ps(m, (const float *)base + i);
}
INLINE __m512 load_f16(const void *base, size_t i) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)((const uint16_t *)base + i)));
}
INLINE __m512 part_f16(const void *base, size_t i, __mmask16 m) {
  return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(m, (const uint16_t *)base + i));
}
INLINE __m512 widen_bf16(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
INLINE __m512 load_bf16(const void *base, size_t i) {
  return widen_bf16(_mm256_loadu_si256((const __m256i *)((const uint16_t *)base + i)));
}
INLINE __m512 part_bf16(const void *base, size_t i, __mmask16 m) {
  return widen_bf16(_mm256_maskz_loadu_epi16(m, (const uint16_t *)base + i));
}

#define FULL(K, ASK, LOAD, STEP) a##K = STEP(a##K, ASK(query, i + 16 * K), LOAD(row, i + 16 * K))
#define PART(K, ASK, PARTASK, LOAD, PARTLOAD, STEP)                                                                 \
  if (i + 16 * K + 16 <= d) {                                                                                       \
    a##K = STEP(a##K, ASK(query, i + 16 * K), LOAD(row, i + 16 * K));                                               \
  } else if (i + 16 * K < d) {                                                                                      \
    __mmask16 m = (__mmask16)((1u << (d - i - 16 * K)) - 1);                                                        \
    a##K = STEP(a##K, PARTASK(query, i + 16 * K, m), PARTLOAD(row, i + 16 * K, m));                                 \
  }

#define MIXED_ROW(NAME, ASK, PARTASK, LOAD, PARTLOAD, STEP, TREE, END, BYTES, SHORT)                                \
  INLINE float NAME##_row(const void *query, const void *row, size_t d) {                                           \
    __m512 a0 = _mm512_setzero_ps(), a1 = a0, a2 = a0, a3 = a0;                                                     \
    size_t i = 0;                                                                                                   \
    for (; i + 64 <= d; i += 64) {                                                                                  \
      FULL(0, ASK, LOAD, STEP);                                                                                     \
      FULL(1, ASK, LOAD, STEP);                                                                                     \
      FULL(2, ASK, LOAD, STEP);                                                                                     \
      FULL(3, ASK, LOAD, STEP);                                                                                     \
    }                                                                                                               \
    if (i < d) {                                                                                                    \
      PART(0, ASK, PARTASK, LOAD, PARTLOAD, STEP)                                                                   \
      PART(1, ASK, PARTASK, LOAD, PARTLOAD, STEP)                                                                   \
      PART(2, ASK, PARTASK, LOAD, PARTLOAD, STEP)                                                                   \
      PART(3, ASK, PARTASK, LOAD, PARTLOAD, STEP)                                                                   \
    }                                                                                                               \
    return END(TREE(a0, a1, a2, a3));                                                                               \
  }                                                                                                                 \
  MILL_GATHER_SHORT(NAME, TARGET, NAME##_row, BYTES, SHORT)
#define ROW(NAME, LOAD, PARTLOAD, STEP, TREE, END, BYTES, SHORT)                                                    \
  MIXED_ROW(NAME, LOAD, PARTLOAD, LOAD, PARTLOAD, STEP, TREE, END, BYTES, SHORT)

// Rows of up to 64 floats: the query stays in registers, four rows share the end of the reduction, which adds in the
// same order.
#define SHORT_LOAD(K)                                                                                               \
  const __mmask16 m##K = (__mmask16)(d > 16 * K ? (d - 16 * K >= 16 ? 0xffff : (1u << (d - 16 * K)) - 1) : 0);       \
  const __m512 q##K = _mm512_maskz_loadu_ps(m##K, (const float *)query + 16 * K);
#define SHORT_PART(K, STEP) STEP(_mm512_setzero_ps(), q##K, _mm512_maskz_loadu_ps(m##K, row + 16 * K))
#define SHORT_ROWS(NAME, STEP, END)                                                                                 \
  TARGET static void NAME(                                                                                          \
      const void *query, const mill_rows *table, const uint32_t *ids, size_t count, float *out) {                   \
    const char *rows = table->rows;                                                                                 \
    const size_t stride = table->stride, d = table->dimension, bytes = d * 4;                                       \
    SHORT_LOAD(0) SHORT_LOAD(1) SHORT_LOAD(2) SHORT_LOAD(3)                                                         \
    if (count > 1) mill_prefetch_rows(rows, stride, bytes, ids, count);                                             \
    for (size_t i = 0; i < count; i += 4) {                                                                         \
      size_t width = count - i < 4 ? count - i : 4;                                                                 \
      __m128 part[4];                                                                                               \
      for (size_t j = 0; j < 4; j++) {                                                                              \
        if (i + j + MILL_AHEAD < count) mill_prefetch_row(rows + stride * ids[i + j + MILL_AHEAD], bytes);          \
        const float *row = (const float *)(rows + stride * ids[j < width ? i + j : i]);                             \
        __m512 t = _mm512_add_ps(                                                                                   \
            _mm512_add_ps(SHORT_PART(0, STEP), SHORT_PART(1, STEP)),                                                \
            _mm512_add_ps(SHORT_PART(2, STEP), SHORT_PART(3, STEP)));                                               \
        __m256 h = _mm256_add_ps(_mm512_castps512_ps256(t), _mm512_extractf32x8_ps(t, 1));                          \
        part[j] = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));                               \
      }                                                                                                             \
      __m128 a = _mm_add_ps(_mm_unpacklo_ps(part[0], part[1]), _mm_unpackhi_ps(part[0], part[1]));                  \
      __m128 b = _mm_add_ps(_mm_unpacklo_ps(part[2], part[3]), _mm_unpackhi_ps(part[2], part[3]));                  \
      __m128 sums = END(_mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a)));                                      \
      _mm_mask_storeu_ps(out + i, (__mmask8)((1u << width) - 1), sums);                                             \
    }                                                                                                               \
  }
#define END_MINUS_4(v) _mm_sub_ps(_mm_setzero_ps(), v)
#define END_ONE_MINUS_4(v) _mm_max_ps(_mm_sub_ps(_mm_set1_ps(1.0f), v), _mm_setzero_ps())
SHORT_ROWS(short_l2, step_l2, END_SAME)
SHORT_ROWS(short_cos, step_ip, END_ONE_MINUS_4)
SHORT_ROWS(short_dot, step_ip, END_MINUS_4)
#define SHORT_L2(query, table, ids, count, out)                                                                     \
  if (table.dimension <= 64) return short_l2(query, &table, ids, count, out);
#define SHORT_COS(query, table, ids, count, out)                                                                    \
  if (table.dimension <= 64) return short_cos(query, &table, ids, count, out);
#define SHORT_DOT(query, table, ids, count, out)                                                                    \
  if (table.dimension <= 64) return short_dot(query, &table, ids, count, out);

ROW(avx512_f32_l2, load_f32, part_f32, step_l2, sum_tree, END_SAME, MILL_BYTES_4, SHORT_L2)
ROW(avx512_f32_cos, load_f32, part_f32, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_4, SHORT_COS)
ROW(avx512_f32_dot, load_f32, part_f32, step_ip, sum_tree, END_MINUS, MILL_BYTES_4, SHORT_DOT)
ROW(avx512_f32_l1, load_f32, part_f32, step_l1, sum_tree, END_SAME, MILL_BYTES_4, MILL_NO_SHORT_FORM)
ROW(avx512_f32_max, load_f32, part_f32, step_max, max_tree, END_SAME, MILL_BYTES_4, MILL_NO_SHORT_FORM)
ROW(avx512_f16_l2, load_f16, part_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2, MILL_NO_SHORT_FORM)
ROW(avx512_f16_cos, load_f16, part_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
ROW(avx512_f16_dot, load_f16, part_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
ROW(avx512_bf16_l2, load_bf16, part_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2, MILL_NO_SHORT_FORM)
ROW(avx512_bf16_cos, load_bf16, part_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
ROW(avx512_bf16_dot, load_bf16, part_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_f16_l2, load_f32, part_f32, load_f16, part_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_f16_cos, load_f32, part_f32, load_f16, part_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_f16_dot, load_f32, part_f32, load_f16, part_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_bf16_l2, load_f32, part_f32, load_bf16, part_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_bf16_cos, load_f32, part_f32, load_bf16, part_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)
MIXED_ROW(avx512_ask_bf16_dot, load_f32, part_f32, load_bf16, part_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2, MILL_NO_SHORT_FORM)

// Integer sums are exact, so their order is free. 32-bit lanes hold 16,384 squares of bytes; then they are emptied.
#define BLOCK 16384

INLINE __m512i u8_l2_step(__m512i sum, __m512i x, __m512i y) {
  __m512i t = _mm512_or_si512(_mm512_subs_epu8(x, y), _mm512_subs_epu8(y, x)), zero = _mm512_setzero_si512();
  __m512i low = _mm512_unpacklo_epi8(t, zero), high = _mm512_unpackhi_epi8(t, zero);
  return _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(sum, low, low), high, high);
}

INLINE float u8_l2_row(const void *query, const void *row, size_t d) {
  const char *a = query, *b = row;
  int64_t sum = 0;
  for (size_t start = 0; start < d; start += BLOCK) {
    size_t end = d - start < BLOCK ? d : start + BLOCK, i = start;
    __m512i acc = _mm512_setzero_si512();
    for (; i + 64 <= end; i += 64) acc = u8_l2_step(acc, _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
    if (i < end) {
      __mmask64 m = ((__mmask64)1 << (end - i)) - 1;
      acc = u8_l2_step(acc, _mm512_maskz_loadu_epi8(m, a + i), _mm512_maskz_loadu_epi8(m, b + i));
    }
    sum += _mm512_reduce_add_epi32(acc);
  }
  return (float)sum;
}
// Rows of up to 64 bytes: the query stays in a register, four rows share the end of the sum.
TARGET static void short_u8_l2(
    const void *query, const mill_rows *table, const uint32_t *ids, size_t count, float *out) {
  const char *rows = table->rows;
  const size_t stride = table->stride, d = table->dimension;
  const __mmask64 m = d == 64 ? ~(__mmask64)0 : ((__mmask64)1 << d) - 1;
  const __m512i q = _mm512_maskz_loadu_epi8(m, query);
  if (count > 1) mill_prefetch_rows(rows, stride, d, ids, count);
  for (size_t i = 0; i < count; i += 4) {
    size_t width = count - i < 4 ? count - i : 4;
    __m128i part[4];
    for (size_t j = 0; j < 4; j++) {
      if (i + j + MILL_AHEAD < count) mill_prefetch_row(rows + stride * ids[i + j + MILL_AHEAD], d);
      __m512i t = u8_l2_step(
          _mm512_setzero_si512(), q, _mm512_maskz_loadu_epi8(m, rows + stride * ids[j < width ? i + j : i]));
      __m256i h = _mm256_add_epi32(_mm512_castsi512_si256(t), _mm512_extracti64x4_epi64(t, 1));
      part[j] = _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
    }
    __m128i a = _mm_add_epi32(_mm_unpacklo_epi32(part[0], part[1]), _mm_unpackhi_epi32(part[0], part[1]));
    __m128i b = _mm_add_epi32(_mm_unpacklo_epi32(part[2], part[3]), _mm_unpackhi_epi32(part[2], part[3]));
    __m128i sums = _mm_add_epi32(_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b));
    _mm_mask_storeu_ps(out + i, (__mmask8)((1u << width) - 1), _mm_cvtepi32_ps(sums));
  }
}
#define SHORT_U8(query, table, ids, count, out)                                                                     \
  if (table.dimension <= 64) return short_u8_l2(query, &table, ids, count, out);
MILL_GATHER_SHORT(avx512_u8_l2, TARGET, u8_l2_row, MILL_BYTES_1, SHORT_U8)

INLINE float u8_dot_row(const void *query, const void *row, size_t d) {
  const char *a = query, *b = row;
  int64_t sum = 0;
  for (size_t start = 0; start < d; start += BLOCK) {
    size_t end = d - start < BLOCK ? d : start + BLOCK, i = start;
    __m512i acc = _mm512_setzero_si512();
    for (; i + 64 <= end; i += 64) acc = _mm512_dpbusd_epi32(acc, _mm512_loadu_si512(b + i), _mm512_loadu_si512(a + i));
    if (i < end) {
      __mmask64 m = ((__mmask64)1 << (end - i)) - 1;
      acc = _mm512_dpbusd_epi32(acc, _mm512_maskz_loadu_epi8(m, b + i), _mm512_maskz_loadu_epi8(m, a + i));
    }
    sum += _mm512_reduce_add_epi32(acc);
  }
  return (float)-sum;
}
MILL_GATHER(avx512_u8_dot, TARGET, u8_dot_row, MILL_BYTES_1)

#define WORDS(OP, ACC)                                                                                              \
  for (; i + 8 <= words; i += 8)                                                                                    \
    ACC = _mm512_add_epi64(                                                                                         \
        ACC, _mm512_popcnt_epi64(OP(_mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i))));                        \
  if (i < words) {                                                                                                  \
    __mmask8 m = (__mmask8)((1u << (words - i)) - 1);                                                               \
    ACC = _mm512_add_epi64(                                                                                         \
        ACC, _mm512_popcnt_epi64(OP(_mm512_maskz_loadu_epi64(m, a + i), _mm512_maskz_loadu_epi64(m, b + i))));      \
  }

INLINE float hamming_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  size_t words = (d + 63) / 64, i = 0;
  __m512i sum = _mm512_setzero_si512();
  WORDS(_mm512_xor_si512, sum)
  return (float)_mm512_reduce_add_epi64(sum);
}
MILL_GATHER(avx512_hamming, TARGET, hamming_row, MILL_BYTES_BITS)

INLINE float jaccard_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  size_t words = (d + 63) / 64, i = 0;
  __m512i both = _mm512_setzero_si512(), any = both;
  WORDS(_mm512_and_si512, both)
  i = 0;
  WORDS(_mm512_or_si512, any)
  return mill_jaccard((uint64_t)_mm512_reduce_add_epi64(both), (uint64_t)_mm512_reduce_add_epi64(any));
}
MILL_GATHER(avx512_jaccard, TARGET, jaccard_row, MILL_BYTES_BITS)

const mill_table mill_table_avx512 = {MILL_TABLE(avx512, measure), MILL_TABLE(avx512, closer)};
#endif
