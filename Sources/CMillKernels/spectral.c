#include "mill_spectral.h"

#include <math.h>

#include "clones.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

CLONES void mill_project_pair(const float *a, const float *b, const float *x, const float *weight, int64_t rows,
                              int64_t columns, double *sums) {
  for (int64_t start = 0; start < rows; start += 128) {
    const int64_t count = rows - start < 128 ? rows - start : 128;
    for (int64_t c = 0; c < columns; c += 8) {
      f8 s = {0}, t = {0};
      const float *row = x + start * columns + c;
      for (int64_t r = start; r < start + count; r++) {
        f8 v = *(const f8 *)row * weight[r];
        s += v * a[r];
        t += v * b[r];
        row += columns;
      }
      for (int k = 0; k < 8; k++) {
        sums[c + k] += s[k];
        sums[columns + c + k] += t[k];
      }
    }
  }
}

CLONES void mill_deflate_pair(float *a, float *b, const float *x, const float *coefficients, int64_t rows,
                              int64_t columns) {
  for (int64_t i = 0; i < rows; i++) {
    f8 s = {0}, t = {0};
    for (int64_t c = 0; c < columns; c += 8) {
      f8 v = *(const f8 *)(x + i * columns + c);
      s += v * *(const f8 *)(coefficients + c);
      t += v * *(const f8 *)(coefficients + columns + c);
    }
    a[i] -= LANES(s);
    b[i] -= LANES(t);
  }
}

CLONES double mill_lanczos_product(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high,
                                   const float *current, float *previous, const float *inverse, const float *weight,
                                   float scale, float beta) {
  double product = 0;
  for (int64_t i = low; i < high; i++) {
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    uint64_t e = offsets[i];
    const uint64_t end = offsets[i + 1];
    for (; e + 4 <= end; e += 4) {
      s0 += current[targets[e]];
      s1 += current[targets[e + 1]];
      s2 += current[targets[e + 2]];
      s3 += current[targets[e + 3]];
    }
    for (; e < end; e++) s0 += current[targets[e]];
    const float value = scale * inverse[i] * ((s0 + s1) + (s2 + s3)) - beta * previous[i];
    previous[i] = value;
    product += (double)(weight[i] * current[i]) * (double)value;
  }
  return product;
}

CLONES double mill_valued_lanczos_product(const uint64_t *offsets, const uint32_t *targets, const float *values,
                                          int64_t low, int64_t high, const float *current, float *previous,
                                          const float *inverse, const float *weight, float scale, float beta) {
  double product = 0;
  for (int64_t i = low; i < high; i++) {
    float sum = 0;
    for (uint64_t e = offsets[i]; e < offsets[i + 1]; e++) sum += current[targets[e]] * values[e];
    const float value = scale * inverse[i] * sum - beta * previous[i];
    previous[i] = value;
    product += (double)(weight[i] * current[i]) * (double)value;
  }
  return product;
}

CLONES double mill_axpy_norm(float *a, const float *b, const float *weight, float alpha, int64_t rows) {
  d8 sum = {0};
  int64_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    f8 v = *(const f8 *)(a + i) - *(const f8 *)(b + i) * alpha;
    *(f8 *)(a + i) = v;
    f8 square = v * v * *(const f8 *)(weight + i);
    sum += __builtin_convertvector(square, d8);
  }
  double rest = 0;
  for (; i < rows; i++) {
    const float v = a[i] - b[i] * alpha;
    a[i] = v;
    rest += (double)(v * v * weight[i]);
  }
  return LANES(sum) + rest;
}

CLONES void mill_nearest_centers(const float *x, int64_t rows, int64_t stride, int64_t dimensions, const float *centers,
                                 const float *bias, int64_t padded, int32_t *labels, float *scores) {
  for (int64_t i = 0; i < rows; i++) {
    const float *row = x + i * stride;
    float best = -INFINITY;
    int32_t label = 0;
    for (int64_t k = 0; k < padded; k += 16) {
      f16 sum = -*(const f16 *)(bias + k);
      for (int64_t d = 0; d < dimensions; d++) sum += *(const f16 *)(centers + d * padded + k) * row[d];
      for (int j = 0; j < 16; j++) {
        if (sum[j] > best) {
          best = sum[j];
          label = (int32_t)(k + j);
        }
      }
    }
    labels[i] = label;
    scores[i] = best;
  }
}
