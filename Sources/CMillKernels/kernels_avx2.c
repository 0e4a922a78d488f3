// AVX2 and FMA: eight registers of 8 lanes; register k holds the lanes 8k...8k+7 of the 64.
#if defined(__x86_64__)
#include "gather.h"
#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#define TARGET __attribute__((target("avx2,fma,f16c,popcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))

INLINE float sum_tree(const __m256 *a) {
  __m256 low = _mm256_add_ps(_mm256_add_ps(a[0], a[2]), _mm256_add_ps(a[4], a[6]));
  __m256 high = _mm256_add_ps(_mm256_add_ps(a[1], a[3]), _mm256_add_ps(a[5], a[7]));
  __m256 h = _mm256_add_ps(low, high);
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

INLINE float max_tree(const __m256 *a) {
  __m256 h = a[0];
  for (int k = 1; k < 8; k++) h = _mm256_max_ps(h, a[k]);
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

INLINE __m256 absolute(__m256 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
INLINE __m256 step_l2(__m256 acc, __m256 x, __m256 y) {
  __m256 t = _mm256_sub_ps(x, y);
  return _mm256_fmadd_ps(t, t, acc);
}
INLINE __m256 step_ip(__m256 acc, __m256 x, __m256 y) { return _mm256_fmadd_ps(x, y, acc); }
INLINE __m256 step_l1(__m256 acc, __m256 x, __m256 y) { return _mm256_add_ps(acc, absolute(_mm256_sub_ps(x, y))); }
INLINE __m256 step_max(__m256 acc, __m256 x, __m256 y) { return _mm256_max_ps(absolute(_mm256_sub_ps(x, y)), acc); }

INLINE __m256 load_f32(const void *base, size_t i) { return _mm256_loadu_ps((const float *)base + i); }
INLINE __m256 load_f16(const void *base, size_t i) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)((const uint16_t *)base + i)));
}
INLINE __m256 load_bf16(const void *base, size_t i) {
  __m128i x = _mm_loadu_si128((const __m128i *)((const uint16_t *)base + i));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16));
}


// The tail is copied behind zeros, which leave the sums as they are.
#define MIXED_ROW(NAME, ASKED, ASK, ELEMENT, LOAD, STEP, TREE, END, BYTES)                                          \
  INLINE float NAME##_row(const void *query, const void *row, size_t d) {                                           \
    __m256 a[8];                                                                                                    \
    for (int k = 0; k < 8; k++) a[k] = _mm256_setzero_ps();                                                         \
    size_t i = 0;                                                                                                   \
    for (; i + 64 <= d; i += 64)                                                                                    \
      for (size_t k = 0; k < 8; k++) a[k] = STEP(a[k], ASK(query, i + 8 * k), LOAD(row, i + 8 * k));                \
    if (i < d) {                                                                                                    \
      size_t whole = (d - i) / 8, rest = (d - i) % 8;                                                               \
      for (size_t k = 0; k < 8; k++)                                                                                \
        if (k < whole) a[k] = STEP(a[k], ASK(query, i + 8 * k), LOAD(row, i + 8 * k));                              \
      if (rest) {                                                                                                   \
        ASKED x[8] = {0};                                                                                           \
        ELEMENT y[8] = {0};                                                                                         \
        memcpy(x, (const ASKED *)query + i + 8 * whole, rest * sizeof(ASKED));                                      \
        memcpy(y, (const ELEMENT *)row + i + 8 * whole, rest * sizeof(ELEMENT));                                    \
        for (size_t k = 0; k < 8; k++)                                                                              \
          if (k == whole) a[k] = STEP(a[k], ASK(x, 0), LOAD(y, 0));                                                 \
      }                                                                                                             \
    }                                                                                                               \
    return END(TREE(a));                                                                                            \
  }                                                                                                                 \
  MILL_GATHER(NAME, TARGET, NAME##_row, BYTES)
#define ROW(NAME, ELEMENT, LOAD, STEP, TREE, END, BYTES)                                                            \
  MIXED_ROW(NAME, ELEMENT, LOAD, ELEMENT, LOAD, STEP, TREE, END, BYTES)

ROW(avx2_f32_l2, float, load_f32, step_l2, sum_tree, END_SAME, MILL_BYTES_4)
ROW(avx2_f32_cos, float, load_f32, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_4)
ROW(avx2_f32_dot, float, load_f32, step_ip, sum_tree, END_MINUS, MILL_BYTES_4)
ROW(avx2_f32_l1, float, load_f32, step_l1, sum_tree, END_SAME, MILL_BYTES_4)
ROW(avx2_f32_max, float, load_f32, step_max, max_tree, END_SAME, MILL_BYTES_4)
ROW(avx2_f16_l2, uint16_t, load_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
ROW(avx2_f16_cos, uint16_t, load_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
ROW(avx2_f16_dot, uint16_t, load_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
ROW(avx2_bf16_l2, uint16_t, load_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
ROW(avx2_bf16_cos, uint16_t, load_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
ROW(avx2_bf16_dot, uint16_t, load_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(avx2_ask_f16_l2, float, load_f32, uint16_t, load_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(avx2_ask_f16_cos, float, load_f32, uint16_t, load_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(avx2_ask_f16_dot, float, load_f32, uint16_t, load_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(avx2_ask_bf16_l2, float, load_f32, uint16_t, load_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(avx2_ask_bf16_cos, float, load_f32, uint16_t, load_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(avx2_ask_bf16_dot, float, load_f32, uint16_t, load_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)

// Integer sums are exact, so their order is free. 32-bit lanes hold 16,384 squares of bytes; then they are emptied.
#define BLOCK 16384

INLINE int64_t sum_lanes(__m256i acc) {
  int32_t lane[8];
  _mm256_storeu_si256((__m256i *)lane, acc);
  int64_t sum = 0;
  for (int k = 0; k < 8; k++) sum += lane[k];
  return sum;
}

INLINE __m256i u8_l2_step(__m256i acc, __m256i x, __m256i y) {
  __m256i t = _mm256_or_si256(_mm256_subs_epu8(x, y), _mm256_subs_epu8(y, x)), zero = _mm256_setzero_si256();
  __m256i low = _mm256_unpacklo_epi8(t, zero), high = _mm256_unpackhi_epi8(t, zero);
  return _mm256_add_epi32(acc, _mm256_add_epi32(_mm256_madd_epi16(low, low), _mm256_madd_epi16(high, high)));
}

INLINE __m256i u8_dot_step(__m256i acc, __m256i x, __m256i y) {
  __m256i low = _mm256_madd_epi16(
      _mm256_cvtepi8_epi16(_mm256_castsi256_si128(x)), _mm256_cvtepu8_epi16(_mm256_castsi256_si128(y)));
  __m256i high = _mm256_madd_epi16(
      _mm256_cvtepi8_epi16(_mm256_extracti128_si256(x, 1)), _mm256_cvtepu8_epi16(_mm256_extracti128_si256(y, 1)));
  return _mm256_add_epi32(acc, _mm256_add_epi32(low, high));
}

#define BYTES_ROW(NAME, STEP, SIGN)                                                                                 \
  INLINE float NAME##_row(const void *query, const void *row, size_t d) {                                           \
    const char *a = query, *b = row;                                                                                \
    int64_t sum = 0;                                                                                                \
    for (size_t start = 0; start < d; start += BLOCK) {                                                             \
      size_t end = d - start < BLOCK ? d : start + BLOCK, i = start;                                                \
      __m256i acc = _mm256_setzero_si256();                                                                         \
      for (; i + 32 <= end; i += 32)                                                                                \
        acc = STEP(acc, _mm256_loadu_si256((const __m256i *)(a + i)), _mm256_loadu_si256((const __m256i *)(b + i))); \
      if (i < end) {                                                                                                \
        char x[32] = {0}, y[32] = {0};                                                                              \
        memcpy(x, a + i, end - i);                                                                                  \
        memcpy(y, b + i, end - i);                                                                                  \
        acc = STEP(acc, _mm256_loadu_si256((const __m256i *)x), _mm256_loadu_si256((const __m256i *)y));            \
      }                                                                                                             \
      sum += sum_lanes(acc);                                                                                        \
    }                                                                                                               \
    return (float)(SIGN sum);                                                                                       \
  }                                                                                                                 \
  MILL_GATHER(NAME, TARGET, NAME##_row, MILL_BYTES_1)

BYTES_ROW(avx2_u8_l2, u8_l2_step, +)
BYTES_ROW(avx2_u8_dot, u8_dot_step, -)

INLINE float hamming_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t sum = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) sum += (uint64_t)_mm_popcnt_u64(a[i] ^ b[i]);
  return (float)(int64_t)sum;
}
MILL_GATHER(avx2_hamming, TARGET, hamming_row, MILL_BYTES_BITS)

INLINE float jaccard_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t both = 0, any = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) {
    both += (uint64_t)_mm_popcnt_u64(a[i] & b[i]);
    any += (uint64_t)_mm_popcnt_u64(a[i] | b[i]);
  }
  return mill_jaccard(both, any);
}
MILL_GATHER(avx2_jaccard, TARGET, jaccard_row, MILL_BYTES_BITS)

const mill_table mill_table_avx2 = {MILL_TABLE(avx2, measure), MILL_TABLE(avx2, closer)};
#endif
