// The reference: 64 partial sums in an array. Lane j takes the elements ≡ j (mod 64) in order, then the lanes are added
// as (0..15 + 16..31) + (32..47 + 48..63), and the 16 by halves 8, 4, 2, 1. Every other variant keeps this order.
#include "gather.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#define NOTARGET

static inline float sum_tree(const float *lane) {
  float t[16];
  for (int j = 0; j < 16; j++) t[j] = (lane[j] + lane[16 + j]) + (lane[32 + j] + lane[48 + j]);
  for (int half = 8; half > 0; half /= 2)
    for (int j = 0; j < half; j++) t[j] += t[j + half];
  return t[0];
}

static inline float max_tree(const float *lane) {
  float best = 0;
  for (int j = 0; j < 64; j++) best = lane[j] > best ? lane[j] : best;
  return best;
}

static inline float load_f32(const void *base, size_t i) { return ((const float *)base)[i]; }
static inline float load_f16(const void *base, size_t i) { return mill_f16_to_float(((const uint16_t *)base)[i]); }
static inline float load_bf16(const void *base, size_t i) { return mill_bf16_to_float(((const uint16_t *)base)[i]); }

#define STEP_L2(acc, x, y) fmaf((x) - (y), (x) - (y), acc)
#define STEP_IP(acc, x, y) fmaf(x, y, acc)
#define STEP_L1(acc, x, y) ((acc) + fabsf((x) - (y)))
#define STEP_MAX(acc, x, y) (fabsf((x) - (y)) > (acc) ? fabsf((x) - (y)) : (acc))

#define MIXED_ROW(NAME, ASK, LOAD, STEP, TREE, END, BYTES)                                                              \
  static float NAME##_row(const void *query, const void *row, size_t d) {                                           \
    float lane[64] = {0};                                                                                           \
    for (size_t i = 0; i < d; i++) lane[i & 63] = STEP(lane[i & 63], ASK(query, i), LOAD(row, i));                  \
    return END(TREE(lane));                                                                                         \
  }                                                                                                                 \
  MILL_GATHER(NAME, NOTARGET, NAME##_row, BYTES)
#define SCALAR_ROW(NAME, LOAD, STEP, TREE, END, BYTES) MIXED_ROW(NAME, LOAD, LOAD, STEP, TREE, END, BYTES)

SCALAR_ROW(scalar_f32_l2, load_f32, STEP_L2, sum_tree, END_SAME, MILL_BYTES_4)
SCALAR_ROW(scalar_f32_cos, load_f32, STEP_IP, sum_tree, END_ONE_MINUS, MILL_BYTES_4)
SCALAR_ROW(scalar_f32_dot, load_f32, STEP_IP, sum_tree, END_MINUS, MILL_BYTES_4)
SCALAR_ROW(scalar_f32_l1, load_f32, STEP_L1, sum_tree, END_SAME, MILL_BYTES_4)
SCALAR_ROW(scalar_f32_max, load_f32, STEP_MAX, max_tree, END_SAME, MILL_BYTES_4)
SCALAR_ROW(scalar_f16_l2, load_f16, STEP_L2, sum_tree, END_SAME, MILL_BYTES_2)
SCALAR_ROW(scalar_f16_cos, load_f16, STEP_IP, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
SCALAR_ROW(scalar_f16_dot, load_f16, STEP_IP, sum_tree, END_MINUS, MILL_BYTES_2)
SCALAR_ROW(scalar_bf16_l2, load_bf16, STEP_L2, sum_tree, END_SAME, MILL_BYTES_2)
SCALAR_ROW(scalar_bf16_cos, load_bf16, STEP_IP, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
SCALAR_ROW(scalar_bf16_dot, load_bf16, STEP_IP, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(scalar_ask_f16_l2, load_f32, load_f16, STEP_L2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(scalar_ask_f16_cos, load_f32, load_f16, STEP_IP, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(scalar_ask_f16_dot, load_f32, load_f16, STEP_IP, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(scalar_ask_bf16_l2, load_f32, load_bf16, STEP_L2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(scalar_ask_bf16_cos, load_f32, load_bf16, STEP_IP, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(scalar_ask_bf16_dot, load_f32, load_bf16, STEP_IP, sum_tree, END_MINUS, MILL_BYTES_2)

static float u8_l2_row(const void *query, const void *row, size_t d) {
  const uint8_t *a = query, *b = row;
  uint64_t sum = 0;
  for (size_t i = 0; i < d; i++) {
    int32_t difference = (int32_t)a[i] - (int32_t)b[i];
    sum += (uint64_t)(difference * difference);
  }
  return (float)(int64_t)sum;
}
MILL_GATHER(scalar_u8_l2, NOTARGET, u8_l2_row, MILL_BYTES_1)

static float u8_dot_row(const void *query, const void *row, size_t d) {
  const int8_t *a = query;
  const uint8_t *b = row;
  int64_t sum = 0;
  for (size_t i = 0; i < d; i++) sum += (int32_t)a[i] * (int32_t)b[i];
  return (float)-sum;
}
MILL_GATHER(scalar_u8_dot, NOTARGET, u8_dot_row, MILL_BYTES_1)

static float hamming_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t sum = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) sum += (uint64_t)__builtin_popcountll(a[i] ^ b[i]);
  return (float)(int64_t)sum;
}
MILL_GATHER(scalar_hamming, NOTARGET, hamming_row, MILL_BYTES_BITS)

static float jaccard_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t both = 0, any = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) {
    both += (uint64_t)__builtin_popcountll(a[i] & b[i]);
    any += (uint64_t)__builtin_popcountll(a[i] | b[i]);
  }
  return mill_jaccard(both, any);
}
MILL_GATHER(scalar_jaccard, NOTARGET, jaccard_row, MILL_BYTES_BITS)

const mill_table mill_table_scalar = {MILL_TABLE(scalar, measure), MILL_TABLE(scalar, closer)};
