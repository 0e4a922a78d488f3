// The choice of a variant, the conversions, and the kernels that exist once: divergences of distributions, floats
// against bytes.
#include "gather.h"
#include <math.h>
#include <string.h>

int mill_variant_available(mill_variant variant) {
  switch (variant) {
  case MILL_SCALAR: return 1;
#if defined(__x86_64__)
  case MILL_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  case MILL_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") &&
           __builtin_cpu_supports("avx512vpopcntdq");
#endif
#if defined(__aarch64__)
  case MILL_NEON: return 1;
#endif
  default: return 0;
  }
}

static const mill_table *table_of(mill_variant variant) {
  if (!mill_variant_available(variant)) return 0;
  switch (variant) {
#if defined(__x86_64__)
  case MILL_AVX2: return &mill_table_avx2;
  case MILL_AVX512: return &mill_table_avx512;
#endif
#if defined(__aarch64__)
  case MILL_NEON: return &mill_table_neon;
#endif
  default: return &mill_table_scalar;
  }
}

mill_measure mill_measure_of(mill_kernel kernel, mill_variant variant) {
  const mill_table *table = table_of(variant);
  return table && kernel < MILL_KERNEL_COUNT ? table->measure[kernel] : 0;
}

mill_closer mill_closer_of(mill_kernel kernel, mill_variant variant) {
  const mill_table *table = table_of(variant);
  return table && kernel < MILL_KERNEL_COUNT ? table->closer[kernel] : 0;
}

uint16_t mill_f16_from_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return (uint16_t)(sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (magnitude < 0x33000001) return (uint16_t)sign;
  uint32_t exponent = magnitude >> 23, shift = exponent < 113 ? 126 - exponent : 13;
  uint32_t mantissa = exponent < 113 ? (magnitude & 0x7fffff) | 0x800000 : magnitude - (112u << 23);
  uint32_t half = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), middle = 1u << (shift - 1);
  half += rest > middle || (rest == middle && (half & 1));
  return (uint16_t)(sign | half);
}

float mill_f16_to_float(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 0x3ff, bits;
  if (exponent == 0) {
    float value = (float)mantissa * 0x1p-24f;
    return sign ? -value : value;
  }
  bits = sign | (exponent == 31 ? 0x7f800000 : (exponent + 112) << 23) | mantissa << 13;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

uint16_t mill_bf16_from_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Divergences use a logarithm of our own: that of the C library differs in the last bits between processors.
#pragma STDC FP_CONTRACT OFF

/// The logarithm to base 2 of a positive, normal number: mantissa within sqrt(1/2)...sqrt(2), series of artanh.
static inline double log2_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  int64_t exponent = (int64_t)(bits - 0x3fe6a09e667f3bcdULL) >> 52;
  bits -= (uint64_t)exponent << 52;
  double mantissa;
  memcpy(&mantissa, &bits, 8);
  double s = (mantissa - 1) / (mantissa + 1), z = s * s;
  double sum = 1.0 / 17;
  sum = sum * z + 1.0 / 15;
  sum = sum * z + 1.0 / 13;
  sum = sum * z + 1.0 / 11;
  sum = sum * z + 1.0 / 9;
  sum = sum * z + 1.0 / 7;
  sum = sum * z + 1.0 / 5;
  sum = sum * z + 1.0 / 3;
  sum = sum * z + 1.0;
  return (double)exponent + s * sum * 2.8853900817779268;
}

static inline double tree8(const double *lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static float jensen_shannon_row(const void *query, const void *row, size_t d) {
  const float *p = query, *q = row;
  double lane[8] = {0};
  for (size_t i = 0; i < d; i++) {
    double a = p[i], b = q[i], middle = (a + b) / 2;
    if (a > 0) lane[i & 7] += a * log2_of(a / middle);
    if (b > 0) lane[i & 7] += b * log2_of(b / middle);
  }
  double sum = tree8(lane) / 2;
  return sum > 0 ? (float)sqrt(sum) : 0.0f;
}

static float jeffreys_row(const void *query, const void *row, size_t d) {
  const float *p = query, *q = row;
  double lane[8] = {0};
  for (size_t i = 0; i < d; i++) {
    double a = p[i], b = q[i];
    if (a == b) continue;
    if (a <= 0 || b <= 0) return INFINITY;
    lane[i & 7] += (a - b) * log2_of(a / b);
  }
  return (float)(tree8(lane) * 0.69314718055994531);
}

// A query of floats against bytes: in 64 bits, so that whole numbers give what the kernel of bytes gives.
static float ask_u8_l2_row(const void *query, const void *row, size_t d) {
  const float *p = query;
  const uint8_t *q = row;
  double lane[8] = {0};
  size_t i = 0;
  for (; i + 8 <= d; i += 8)
    for (size_t j = 0; j < 8; j++) {
      double difference = (double)p[i + j] - (double)q[i + j];
      lane[j] += difference * difference;
    }
  for (; i < d; i++) {
    double difference = (double)p[i] - (double)q[i];
    lane[i & 7] += difference * difference;
  }
  return (float)tree8(lane);
}

#define NOTARGET
MILL_GATHER(ask_u8_l2, NOTARGET, ask_u8_l2_row, MILL_BYTES_1)
MILL_GATHER(jensen_shannon, NOTARGET, jensen_shannon_row, MILL_BYTES_4)
MILL_GATHER(jeffreys, NOTARGET, jeffreys_row, MILL_BYTES_4)

void mill_ask_u8_l2_measure(const void *c, const void *q, const uint32_t *ids, size_t n, float *out) {
  ask_u8_l2_measure(c, q, ids, n, out);
}
size_t mill_ask_u8_l2_closer(
    const void *c, const void *q, const uint32_t *ids, size_t n, float scale, float bound, uint64_t *computed) {
  return ask_u8_l2_closer(c, q, ids, n, scale, bound, computed);
}
void mill_jensen_shannon_measure(const void *c, const void *q, const uint32_t *ids, size_t n, float *out) {
  jensen_shannon_measure(c, q, ids, n, out);
}
void mill_jeffreys_measure(const void *c, const void *q, const uint32_t *ids, size_t n, float *out) {
  jeffreys_measure(c, q, ids, n, out);
}
size_t mill_jensen_shannon_closer(
    const void *c, const void *q, const uint32_t *ids, size_t n, float scale, float bound, uint64_t *computed) {
  return jensen_shannon_closer(c, q, ids, n, scale, bound, computed);
}
size_t mill_jeffreys_closer(
    const void *c, const void *q, const uint32_t *ids, size_t n, float scale, float bound, uint64_t *computed) {
  return jeffreys_closer(c, q, ids, n, scale, bound, computed);
}
