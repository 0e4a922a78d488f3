#include "mill_spectral.h"

#include <math.h>
#include <stddef.h>

#include "clones.h"

#pragma STDC FP_CONTRACT OFF

typedef float f8 __attribute__((vector_size(32), aligned(4)));
typedef float f16 __attribute__((vector_size(64), aligned(4)));
typedef double d8 __attribute__((vector_size(64), aligned(8)));

INLINED void block_product(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high, int64_t columns,
                           const float *x, float *y, const float *inverse, float scale, int32_t subtracts,
                           int32_t prefetches, const int vectors) {
  const uint64_t last = offsets[high];
  for (int64_t i = low; i < high; i++) {
    f8 sum[16];
    for (int k = 0; k < vectors; k++) sum[k] = (f8){0};
    for (uint64_t e = offsets[i]; e < offsets[i + 1]; e++) {
      if (prefetches && e + 24 < last) {
        const char *ahead = (const char *)(x + (int64_t)targets[e + 24] * columns);
        for (int k = 0; k < vectors; k += 2) __builtin_prefetch(ahead + 32 * k, 0, 3);
      }
      const f8 *row = (const f8 *)(x + (int64_t)targets[e] * columns);
      for (int k = 0; k < vectors; k++) sum[k] += row[k];
    }
    const float factor = scale * inverse[i];
    f8 *out = (f8 *)(y + i * columns);
    if (subtracts) {
      for (int k = 0; k < vectors; k++) out[k] = sum[k] * factor - out[k];
    } else {
      for (int k = 0; k < vectors; k++) out[k] = sum[k] * factor;
    }
  }
}

CLONES void mill_block_product(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high,
                               int64_t columns, const float *x, float *y, const float *inverse, float scale,
                               int32_t subtracts, int32_t prefetches) {
  switch (columns) {
    case 8: block_product(offsets, targets, low, high, 8, x, y, inverse, scale, subtracts, prefetches, 1); return;
    case 16: block_product(offsets, targets, low, high, 16, x, y, inverse, scale, subtracts, prefetches, 2); return;
    case 24: block_product(offsets, targets, low, high, 24, x, y, inverse, scale, subtracts, prefetches, 3); return;
    case 32: block_product(offsets, targets, low, high, 32, x, y, inverse, scale, subtracts, prefetches, 4); return;
    case 64: block_product(offsets, targets, low, high, 64, x, y, inverse, scale, subtracts, prefetches, 8); return;
    default:
      for (int64_t at = 0; at + 32 <= columns; at += 32) {
        block_product(offsets, targets, low, high, columns, x + at, y + at, inverse, scale, subtracts, prefetches, 4);
      }
      for (int64_t at = columns / 32 * 32; at < columns; at += 8) {
        block_product(offsets, targets, low, high, columns, x + at, y + at, inverse, scale, subtracts, prefetches, 1);
      }
  }
}

INLINED void valued_product(const uint64_t *offsets, const uint32_t *targets, const float *values, int64_t low,
                            int64_t high, int64_t columns, const float *x, float *y, const float *inverse, float scale,
                            int32_t subtracts, const int vectors) {
  for (int64_t i = low; i < high; i++) {
    f8 sum[2];
    for (int k = 0; k < vectors; k++) sum[k] = (f8){0};
    for (uint64_t e = offsets[i]; e < offsets[i + 1]; e++) {
      const f8 *row = (const f8 *)(x + (int64_t)targets[e] * columns);
      for (int k = 0; k < vectors; k++) sum[k] += row[k] * values[e];
    }
    const float factor = scale * inverse[i];
    f8 *out = (f8 *)(y + i * columns);
    for (int k = 0; k < vectors; k++) out[k] = subtracts ? sum[k] * factor - out[k] : sum[k] * factor;
  }
}

CLONES void mill_valued_block_product(const uint64_t *offsets, const uint32_t *targets, const float *values, int64_t low,
                                      int64_t high, int64_t columns, const float *x, float *y, const float *inverse,
                                      float scale, int32_t subtracts) {
  int64_t at = 0;
  for (; at + 16 <= columns; at += 16) {
    valued_product(offsets, targets, values, low, high, columns, x + at, y + at, inverse, scale, subtracts, 2);
  }
  if (at < columns) {
    valued_product(offsets, targets, values, low, high, columns, x + at, y + at, inverse, scale, subtracts, 1);
  }
}

/// The products of `count` rows: 4 columns of x from `a` on with 8 * vectors columns of y from `b` on.
INLINED void gram_tile(const float *x, const float *y, const float *w, int64_t count, int64_t columns, int64_t a,
                       int64_t b, double *sums, const int vectors) {
  f8 s[4][2];
  for (int i = 0; i < 4; i++) {
    for (int k = 0; k < vectors; k++) s[i][k] = (f8){0};
  }
  const float *xr = x + a, *yr = y + b;
  for (int64_t r = 0; r < count; r++) {
    for (int k = 0; k < vectors; k++) {
      const f8 v = *(const f8 *)(yr + 8 * k) * w[r];
      for (int i = 0; i < 4; i++) s[i][k] += v * xr[i];
    }
    xr += columns;
    yr += columns;
  }
  for (int i = 0; i < 4; i++) {
    for (int k = 0; k < vectors; k++) {
      for (int j = 0; j < 8; j++) sums[(a + i) * columns + b + 8 * k + j] += s[i][k][j];
    }
  }
}

CLONES void mill_weighted_gram(const float *x, const float *y, const float *weight, int64_t rows, int64_t columns,
                               double *sums) {
  for (int64_t start = 0; start < rows; start += 128) {
    const int64_t count = rows - start < 128 ? rows - start : 128;
    const float *xs = x + start * columns, *ys = y + start * columns, *w = weight + start;
    int64_t b = 0;
    for (; b + 16 <= columns; b += 16) {
      for (int64_t a = 0; a < columns; a += 4) gram_tile(xs, ys, w, count, columns, a, b, sums, 2);
    }
    if (b < columns) {
      for (int64_t a = 0; a < columns; a += 4) gram_tile(xs, ys, w, count, columns, a, b, sums, 1);
    }
  }
}

/// 8 * vectors columns from `b` on of one rotated row; even and odd terms are summed apart.
INLINED void rotate_columns(float *row, const float *old, const float *rotation, int64_t columns, int64_t b,
                            const int vectors) {
  f8 even[4], odd[4];
  for (int k = 0; k < vectors; k++) even[k] = odd[k] = (f8){0};
  for (int64_t a = 0; a < columns; a += 2) {
    const float *line = rotation + a * columns + b;
    for (int k = 0; k < vectors; k++) {
      even[k] += *(const f8 *)(line + 8 * k) * old[a];
      odd[k] += *(const f8 *)(line + columns + 8 * k) * old[a + 1];
    }
  }
  for (int k = 0; k < vectors; k++) *(f8 *)(row + b + 8 * k) = even[k] + odd[k];
}

CLONES void mill_rotate_rows(float *x, const float *rotation, int64_t rows, int64_t columns) {
  float old[128];
  for (int64_t i = 0; i < rows; i++) {
    float *row = x + i * columns;
    for (int64_t k = 0; k < columns; k++) old[k] = row[k];
    int64_t b = 0;
    for (; b + 32 <= columns; b += 32) rotate_columns(row, old, rotation, columns, b, 4);
    for (; b + 16 <= columns; b += 16) rotate_columns(row, old, rotation, columns, b, 2);
    for (; b < columns; b += 8) rotate_columns(row, old, rotation, columns, b, 1);
  }
}

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

/// The sum of eight lanes, in one order.
#define LANES(v) ((((v)[0] + (v)[4]) + ((v)[2] + (v)[6])) + (((v)[1] + (v)[5]) + ((v)[3] + (v)[7])))

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

CLONES void mill_nearest_centres(const float *x, int64_t rows, int64_t stride, int64_t dimensions, const float *centres,
                                 const float *bias, int64_t padded, int32_t *labels, float *scores) {
  for (int64_t i = 0; i < rows; i++) {
    const float *row = x + i * stride;
    float best = -INFINITY;
    int32_t label = 0;
    for (int64_t k = 0; k < padded; k += 16) {
      f16 sum = -*(const f16 *)(bias + k);
      for (int64_t d = 0; d < dimensions; d++) sum += *(const f16 *)(centres + d * padded + k) * row[d];
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
