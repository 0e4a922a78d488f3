// NEON: sixteen registers of 4 lanes; register k holds the lanes 4k...4k+3 of the 64.
#if defined(__aarch64__)
#include "gather.h"
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF
#define NOTARGET
#define INLINE static inline __attribute__((always_inline))

INLINE float sum_tree(const float32x4_t *a) {
  float32x4_t t[4];
  for (int k = 0; k < 4; k++) t[k] = vaddq_f32(vaddq_f32(a[k], a[4 + k]), vaddq_f32(a[8 + k], a[12 + k]));
  float32x4_t q = vaddq_f32(vaddq_f32(t[0], t[2]), vaddq_f32(t[1], t[3]));
  float32x2_t h = vadd_f32(vget_low_f32(q), vget_high_f32(q));
  return vget_lane_f32(h, 0) + vget_lane_f32(h, 1);
}

INLINE float max_tree(const float32x4_t *a) {
  float32x4_t q = a[0];
  for (int k = 1; k < 16; k++) q = vmaxq_f32(q, a[k]);
  return vmaxvq_f32(q);
}

INLINE float32x4_t step_l2(float32x4_t acc, float32x4_t x, float32x4_t y) {
  float32x4_t t = vsubq_f32(x, y);
  return vfmaq_f32(acc, t, t);
}
INLINE float32x4_t step_ip(float32x4_t acc, float32x4_t x, float32x4_t y) { return vfmaq_f32(acc, x, y); }
INLINE float32x4_t step_l1(float32x4_t acc, float32x4_t x, float32x4_t y) {
  return vaddq_f32(acc, vabsq_f32(vsubq_f32(x, y)));
}
INLINE float32x4_t step_max(float32x4_t acc, float32x4_t x, float32x4_t y) {
  return vmaxq_f32(vabsq_f32(vsubq_f32(x, y)), acc);
}

INLINE float32x4_t load_f32(const void *base, size_t i) { return vld1q_f32((const float *)base + i); }
INLINE float32x4_t load_f16(const void *base, size_t i) {
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)base + i)));
}
INLINE float32x4_t load_bf16(const void *base, size_t i) {
  return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16((const uint16_t *)base + i), 16));
}


#define MIXED_ROW(NAME, ASKED, ASK, ELEMENT, LOAD, STEP, TREE, END, BYTES)                                          \
  INLINE float NAME##_row(const void *query, const void *row, size_t d) {                                           \
    float32x4_t a[16];                                                                                              \
    for (int k = 0; k < 16; k++) a[k] = vdupq_n_f32(0);                                                             \
    size_t i = 0;                                                                                                   \
    for (; i + 64 <= d; i += 64)                                                                                    \
      for (size_t k = 0; k < 16; k++) a[k] = STEP(a[k], ASK(query, i + 4 * k), LOAD(row, i + 4 * k));               \
    for (size_t k = 0; i < d; k++, i += 4) {                                                                        \
      if (i + 4 <= d) {                                                                                             \
        a[k] = STEP(a[k], ASK(query, i), LOAD(row, i));                                                             \
      } else {                                                                                                      \
        ASKED x[4] = {0};                                                                                           \
        ELEMENT y[4] = {0};                                                                                         \
        for (size_t j = 0; i + j < d; j++) {                                                                        \
          x[j] = ((const ASKED *)query)[i + j];                                                                     \
          y[j] = ((const ELEMENT *)row)[i + j];                                                                     \
        }                                                                                                           \
        a[k] = STEP(a[k], ASK(x, 0), LOAD(y, 0));                                                                   \
      }                                                                                                             \
    }                                                                                                               \
    return END(TREE(a));                                                                                            \
  }                                                                                                                 \
  MILL_GATHER(NAME, NOTARGET, NAME##_row, BYTES)
#define ROW(NAME, ELEMENT, LOAD, STEP, TREE, END, BYTES)                                                            \
  MIXED_ROW(NAME, ELEMENT, LOAD, ELEMENT, LOAD, STEP, TREE, END, BYTES)

ROW(neon_f32_l2, float, load_f32, step_l2, sum_tree, END_SAME, MILL_BYTES_4)
ROW(neon_f32_cos, float, load_f32, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_4)
ROW(neon_f32_dot, float, load_f32, step_ip, sum_tree, END_MINUS, MILL_BYTES_4)
ROW(neon_f32_l1, float, load_f32, step_l1, sum_tree, END_SAME, MILL_BYTES_4)
ROW(neon_f32_max, float, load_f32, step_max, max_tree, END_SAME, MILL_BYTES_4)
ROW(neon_f16_l2, uint16_t, load_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
ROW(neon_f16_cos, uint16_t, load_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
ROW(neon_f16_dot, uint16_t, load_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
ROW(neon_bf16_l2, uint16_t, load_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
ROW(neon_bf16_cos, uint16_t, load_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
ROW(neon_bf16_dot, uint16_t, load_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(neon_ask_f16_l2, float, load_f32, uint16_t, load_f16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(neon_ask_f16_cos, float, load_f32, uint16_t, load_f16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(neon_ask_f16_dot, float, load_f32, uint16_t, load_f16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)
MIXED_ROW(neon_ask_bf16_l2, float, load_f32, uint16_t, load_bf16, step_l2, sum_tree, END_SAME, MILL_BYTES_2)
MIXED_ROW(neon_ask_bf16_cos, float, load_f32, uint16_t, load_bf16, step_ip, sum_tree, END_ONE_MINUS, MILL_BYTES_2)
MIXED_ROW(neon_ask_bf16_dot, float, load_f32, uint16_t, load_bf16, step_ip, sum_tree, END_MINUS, MILL_BYTES_2)

// Integer sums are exact, so their order is free; pairs are widened to 64 bits every 16,384 elements.
#define BLOCK 16384

INLINE float u8_l2_row(const void *query, const void *row, size_t d) {
  const uint8_t *a = query, *b = row;
  uint64_t sum = 0;
  for (size_t start = 0; start < d; start += BLOCK) {
    size_t end = d - start < BLOCK ? d : start + BLOCK, i = start;
    uint32x4_t acc = vdupq_n_u32(0);
    for (; i + 16 <= end; i += 16) {
      uint8x16_t t = vabdq_u8(vld1q_u8(a + i), vld1q_u8(b + i));
      acc = vpadalq_u16(acc, vmull_u8(vget_low_u8(t), vget_low_u8(t)));
      acc = vpadalq_u16(acc, vmull_u8(vget_high_u8(t), vget_high_u8(t)));
    }
    sum += vaddlvq_u32(acc);
    for (; i < end; i++) sum += (uint64_t)(((int32_t)a[i] - b[i]) * ((int32_t)a[i] - b[i]));
  }
  return (float)(int64_t)sum;
}
MILL_GATHER(neon_u8_l2, NOTARGET, u8_l2_row, MILL_BYTES_1)

INLINE float u8_dot_row(const void *query, const void *row, size_t d) {
  const int8_t *a = query;
  const uint8_t *b = row;
  int64_t sum = 0;
  for (size_t start = 0; start < d; start += BLOCK) {
    size_t end = d - start < BLOCK ? d : start + BLOCK, i = start;
    int32x4_t acc = vdupq_n_s32(0);
    for (; i + 8 <= end; i += 8) {
      int16x8_t x = vmovl_s8(vld1_s8(a + i)), y = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(b + i)));
      acc = vmlal_s16(acc, vget_low_s16(x), vget_low_s16(y));
      acc = vmlal_s16(acc, vget_high_s16(x), vget_high_s16(y));
    }
    sum += vaddlvq_s32(acc);
    for (; i < end; i++) sum += (int32_t)a[i] * (int32_t)b[i];
  }
  return (float)-sum;
}
MILL_GATHER(neon_u8_dot, NOTARGET, u8_dot_row, MILL_BYTES_1)

INLINE uint64_t ones(uint64_t word) { return vaddlv_u8(vcnt_u8(vcreate_u8(word))); }

INLINE float hamming_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t sum = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) sum += ones(a[i] ^ b[i]);
  return (float)(int64_t)sum;
}
MILL_GATHER(neon_hamming, NOTARGET, hamming_row, MILL_BYTES_BITS)

INLINE float jaccard_row(const void *query, const void *row, size_t d) {
  const uint64_t *a = query, *b = row;
  uint64_t both = 0, any = 0;
  for (size_t i = 0; i < (d + 63) / 64; i++) {
    both += ones(a[i] & b[i]);
    any += ones(a[i] | b[i]);
  }
  return mill_jaccard(both, any);
}
MILL_GATHER(neon_jaccard, NOTARGET, jaccard_row, MILL_BYTES_BITS)

const mill_table mill_table_neon = {MILL_TABLE(neon, measure), MILL_TABLE(neon, closer)};
#endif
