// The kernels of mill_learning.h in plain C over vectors of eight lanes, compiled once for each instruction set. Each
// number has a lane of its own or a fixed tree of lanes, so all of them give the same bits.
#include "clones.h"
#include "lanes.h"
#include "mill_learning.h"

#pragma STDC FP_CONTRACT OFF
// Vectors are never handed to a function that is not inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef int32_t i8 __attribute__((vector_size(32), aligned(4)));

#define LOAD(p) (*(const f8 *)(p))
#define STORE(p, v) (*(f8 *)(p) = (v))
#define SPLAT(x) ((f8){0} + (x))
#define SELECT(mask, x) ((f8)((i8)(x) & (mask)))
#define CHOOSE(mask, x, y) ((f8)(((i8)(x) & (mask)) | ((i8)(y) & ~(mask))))

INLINED f8 largest_of(f8 a, f8 b) { return CHOOSE(a > b, a, b); }

/// All bits of a lane where its bit is set.
INLINED i8 lanes_of(uint8_t bits) { return (((i8){0} + bits) & (i8){1, 2, 4, 8, 16, 32, 64, 128}) != 0; }

/// exp(x) to about one unit in the last place for -87 <= x <= 88; what lies outside is taken to the next of the ends.
INLINED f8 exponential(f8 x) {
  x = CHOOSE(x > SPLAT(88.0f), SPLAT(88.0f), x);
  x = CHOOSE(x < SPLAT(-87.0f), SPLAT(-87.0f), x);
  const f8 shifted = x * 1.44269504f + 12582912.0f;
  const f8 n = shifted - 12582912.0f;
  f8 r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  f8 y = SPLAT(1.9875691500e-4f);
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  return (f8)((i8)y + ((i8)shifted << 23));
}

// Products

INLINED void sparse_rows(const mill_sparse *m, int64_t low, int64_t high, int64_t width, float own, const float *x,
                         float *y, const int vectors, const int valued) {
  const uint64_t last = m->offsets[high];
  const uint64_t ahead = (uint64_t)m->ahead;
  for (int64_t i = low; i < high; i++) {
    f8 sum[8];
    for (int k = 0; k < vectors; k++) sum[k] = (f8){0};
    for (uint64_t e = m->offsets[i]; e < m->offsets[i + 1]; e++) {
      if (ahead && e + ahead < last) {
        const char *next = (const char *)(x + (int64_t)m->columns[e + ahead] * width);
        for (int k = 0; k < vectors; k += 2) __builtin_prefetch(next + 32 * k, 0, 3);
      }
      const float *row = x + (int64_t)m->columns[e] * width;
      for (int k = 0; k < vectors; k++) sum[k] += valued ? LOAD(row + 8 * k) * m->values[e] : LOAD(row + 8 * k);
    }
    if (own != 0) {
      for (int k = 0; k < vectors; k++) sum[k] += LOAD(x + i * width + 8 * k) * own;
    }
    if (m->factors) {
      for (int k = 0; k < vectors; k++) sum[k] *= m->factors[i];
    }
    for (int k = 0; k < vectors; k++) STORE(y + i * width + 8 * k, sum[k]);
  }
}

INLINED void sparse_columns(const mill_sparse *m, int64_t low, int64_t high, int64_t width, float own, const float *x,
                            float *y, const int valued) {
  int64_t at = 0;
  for (; at + 64 <= width; at += 64) sparse_rows(m, low, high, width, own, x + at, y + at, 8, valued);
  for (; at + 32 <= width; at += 32) sparse_rows(m, low, high, width, own, x + at, y + at, 4, valued);
  for (; at + 16 <= width; at += 16) sparse_rows(m, low, high, width, own, x + at, y + at, 2, valued);
  for (; at + 8 <= width; at += 8) sparse_rows(m, low, high, width, own, x + at, y + at, 1, valued);
}

static void sparse_product(const mill_sparse *m, int64_t low, int64_t high, int64_t width, float own, const float *x,
                           float *y) {
  if (m->values) {
    sparse_columns(m, low, high, width, own, x, y, 1);
  } else {
    sparse_columns(m, low, high, width, own, x, y, 0);
  }
}

INLINED void product_tile(const float *x, int64_t inner, const float *w, int64_t columns, float *y, int32_t adds,
                          const int rows, const int vectors) {
  f8 sum[8][2];
  for (int r = 0; r < rows; r++) {
    for (int k = 0; k < vectors; k++) sum[r][k] = adds ? LOAD(y + r * columns + 8 * k) : (f8){0};
  }
  for (int64_t a = 0; a < inner; a++) {
    for (int k = 0; k < vectors; k++) {
      const f8 line = LOAD(w + a * columns + 8 * k);
      for (int r = 0; r < rows; r++) sum[r][k] += line * x[r * inner + a];
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int k = 0; k < vectors; k++) STORE(y + r * columns + 8 * k, sum[r][k]);
  }
}

static void dense_product(const float *x, int64_t rows, int64_t inner, const float *w, int64_t columns, float *y,
                          int32_t adds) {
  int64_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    const float *from = x + i * inner;
    float *to = y + i * columns;
    int64_t c = 0;
    for (; c + 16 <= columns; c += 16) {
      product_tile(from, inner, w + c, columns, to + c, adds, 4, 2);
      product_tile(from + 4 * inner, inner, w + c, columns, to + 4 * columns + c, adds, 4, 2);
    }
    if (c < columns) product_tile(from, inner, w + c, columns, to + c, adds, 8, 1);
  }
  for (; i < rows; i++) {
    for (int64_t c = 0; c < columns; c += 8) {
      product_tile(x + i * inner, inner, w + c, columns, y + i * columns + c, adds, 1, 1);
    }
  }
}

INLINED void transposed_tile(const float *x, int64_t rows, int64_t inner, const float *y, int64_t columns, float *sums,
                             const int lines, const int vectors) {
  f8 sum[8][2];
  for (int a = 0; a < lines; a++) {
    for (int k = 0; k < vectors; k++) sum[a][k] = LOAD(sums + a * columns + 8 * k);
  }
  for (int64_t i = 0; i < rows; i++) {
    for (int k = 0; k < vectors; k++) {
      const f8 line = LOAD(y + i * columns + 8 * k);
      for (int a = 0; a < lines; a++) sum[a][k] += line * x[i * inner + a];
    }
  }
  for (int a = 0; a < lines; a++) {
    for (int k = 0; k < vectors; k++) STORE(sums + a * columns + 8 * k, sum[a][k]);
  }
}

static void transposed_product(const float *x, int64_t rows, int64_t inner, const float *y, int64_t columns,
                               float *sums) {
  // Blocks of rows stay in the first cache; the order of the sum over rows is the same.
  for (int64_t start = 0; start < rows; start += 64) {
    const int64_t count = rows - start < 64 ? rows - start : 64;
    const float *xs = x + start * inner, *ys = y + start * columns;
    int64_t c = 0;
    for (; c + 16 <= columns; c += 16) {
      int64_t a = 0;
      for (; a + 4 <= inner; a += 4) {
        transposed_tile(xs + a, count, inner, ys + c, columns, sums + a * columns + c, 4, 2);
      }
      for (; a < inner; a++) transposed_tile(xs + a, count, inner, ys + c, columns, sums + a * columns + c, 1, 2);
    }
    if (c < columns) {
      int64_t a = 0;
      for (; a + 8 <= inner; a += 8) {
        transposed_tile(xs + a, count, inner, ys + c, columns, sums + a * columns + c, 8, 1);
      }
      for (; a < inner; a++) transposed_tile(xs + a, count, inner, ys + c, columns, sums + a * columns + c, 1, 1);
    }
  }
}

// Activations

enum { HIDDEN_FLOATS = 4096 };

/// Writes the activations of some rows to `out`.
INLINED void fill_hidden(const mill_hidden *h, int64_t low, int64_t count, float *out) {
  const int64_t total = count * h->width;
  const float *p = h->p + low * h->width;
  if (h->kept) {
    const uint8_t *kept = h->kept + low * h->width / 8;
    for (int64_t k = 0; k < total; k += 8) {
      const f8 v = LOAD(p + k);
      STORE(out + k, SELECT(lanes_of(kept[k / 8]) & (v > 0), v * h->scale));
    }
  } else {
    for (int64_t k = 0; k < total; k += 8) {
      const f8 v = LOAD(p + k);
      STORE(out + k, SELECT(v > 0, v * h->scale));
    }
  }
}

/// Rows that fit the room on the stack: a multiple of 8, unless a single row is all that fits.
INLINED int64_t hidden_rows(const mill_hidden *h) {
  const int64_t rows = HIDDEN_FLOATS / h->width;
  return rows >= 8 ? rows / 8 * 8 : 1;
}

static void hidden_product(const mill_hidden *h, int64_t low, int64_t high, const float *w, int64_t columns, float *y,
                           int32_t adds) {
  float room[HIDDEN_FLOATS];
  const int64_t step = hidden_rows(h);
  for (int64_t i = low; i < high; i += step) {
    const int64_t count = high - i < step ? high - i : step;
    fill_hidden(h, i, count, room);
    dense_product(room, count, h->width, w, columns, y + i * columns, adds);
  }
}

static void hidden_transposed(const mill_hidden *h, int64_t low, int64_t high, const float *q, int64_t columns,
                              float *sums) {
  float room[HIDDEN_FLOATS];
  const int64_t step = hidden_rows(h);
  for (int64_t i = low; i < high; i += step) {
    const int64_t count = high - i < step ? high - i : step;
    fill_hidden(h, i, count, room);
    transposed_product(room, count, h->width, q + i * columns, columns, sums);
  }
}

INLINED void gradient_tile(const mill_hidden *h, int64_t i, int64_t k, const float *q, int64_t columns, const float *wt,
                           float *g, const int rows, const int vectors) {
  f8 sum[2][4];
  for (int r = 0; r < rows; r++) {
    for (int v = 0; v < vectors; v++) sum[r][v] = (f8){0};
  }
  for (int64_t c = 0; c < columns; c++) {
    for (int v = 0; v < vectors; v++) {
      const f8 line = LOAD(wt + c * h->width + k + 8 * v);
      for (int r = 0; r < rows; r++) sum[r][v] += line * q[(i + r) * columns + c];
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int v = 0; v < vectors; v++) {
      const int64_t at = (i + r) * h->width + k + 8 * v;
      i8 mask = LOAD(h->p + at) > 0;
      if (h->kept) mask &= lanes_of(h->kept[at / 8]);
      STORE(g + at, SELECT(mask, sum[r][v] * h->scale));
    }
  }
}

static void hidden_gradient(const mill_hidden *h, int64_t low, int64_t high, const float *q, int64_t columns,
                            const float *wt, float *g) {
  int64_t i = low;
  for (; i + 2 <= high; i += 2) {
    int64_t k = 0;
    for (; k + 32 <= h->width; k += 32) gradient_tile(h, i, k, q, columns, wt, g, 2, 4);
    for (; k < h->width; k += 8) gradient_tile(h, i, k, q, columns, wt, g, 2, 1);
  }
  if (i < high) {
    for (int64_t k = 0; k < h->width; k += 8) gradient_tile(h, i, k, q, columns, wt, g, 1, 1);
  }
}

// Parameters

static void adam(const mill_adam *s, float *w, const float *g, float *m, float *v, int64_t count) {
  const float rest1 = 1.0f - s->beta1, rest2 = 1.0f - s->beta2;
  for (int64_t k = 0; k < count; k += 8) {
    const f8 old = LOAD(w + k);
    const f8 gradient = LOAD(g + k) + old * s->decay;
    const f8 first = LOAD(m + k) * s->beta1 + gradient * rest1;
    const f8 second = LOAD(v + k) * s->beta2 + gradient * gradient * rest2;
    STORE(m + k, first);
    STORE(v + k, second);
    STORE(w + k, old - first * s->step / (__builtin_elementwise_sqrt(second) * s->root + s->epsilon));
  }
}

INLINED uint32_t magnitude_bits(const float *w) {
  uint32_t bits;
  __builtin_memcpy(&bits, w, 4);
  return bits & 0x7fffffff;
}

static void magnitude_histogram(const float *w, int64_t count, int32_t shift, uint32_t mask, uint32_t prefix,
                                uint32_t *counts) {
  const uint32_t above = 0x7fffffffu & ~((mask << shift) | ((1u << shift) - 1));
  if (above == 0) {
    // Equal buckets often follow each other: two tables, so that one count need not wait for the one before.
    enum { MOST = 2048 };
    uint32_t room[2][MOST] = {{0}};
    int64_t k = 0;
    for (; k + 2 <= count; k += 2) {
      room[0][magnitude_bits(w + k) >> shift & mask & (MOST - 1)] += 1;
      room[1][magnitude_bits(w + k + 1) >> shift & mask & (MOST - 1)] += 1;
    }
    if (k < count) room[0][magnitude_bits(w + k) >> shift & mask & (MOST - 1)] += 1;
    for (uint32_t bucket = 0; bucket <= mask && bucket < MOST; bucket++) counts[bucket] += room[0][bucket] + room[1][bucket];
    return;
  }
  const i8 wanted = (i8){0} + (int32_t)prefix, kept = (i8){0} + (int32_t)above;
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) {
    const i8 hits = (*(const i8 *)(w + k) & kept) == wanted;
    if (__builtin_reduce_or(hits) == 0) continue;
    for (int j = 0; j < 8; j++) {
      if (hits[j]) counts[magnitude_bits(w + k + j) >> shift & mask] += 1;
    }
  }
  for (; k < count; k++) {
    const uint32_t bits = magnitude_bits(w + k);
    if ((bits & above) == prefix) counts[bits >> shift & mask] += 1;
  }
}

static void clear_below(float *w, int64_t count, uint32_t bits) {
  for (int64_t k = 0; k < count; k++) {
    if (magnitude_bits(w + k) < bits) w[k] = 0;
  }
}

// Loss

static void softmax(const float *o, int64_t rows, int64_t classes, int64_t columns, float *p, float *largest,
                    float *sums) {
  for (int64_t i = 0; i < rows; i++) {
    const float *row = o + i * columns;
    float *out = p + i * columns;
    float high = row[0];
    for (int64_t c = 1; c < classes; c++) high = row[c] > high ? row[c] : high;
    f8 sum = {0};
    for (int64_t c = 0; c < columns; c += 8) {
      f8 e = exponential(LOAD(row + c) - high);
      if (c + 8 > classes) e = SELECT(((i8){0, 1, 2, 3, 4, 5, 6, 7} + (int32_t)c) < (int32_t)classes, e);
      STORE(out + c, e);
      sum += e;
    }
    const float total = LANES(sum);
    for (int64_t c = 0; c < columns; c += 8) STORE(out + c, LOAD(out + c) / total);
    largest[i] = high;
    sums[i] = total;
  }
}

static void loss_gradient(const float *p, const float *t, const int32_t *labels, int64_t rows, int64_t columns,
                          float soft, float hard, float *g) {
  for (int64_t i = 0; i < rows; i++) {
    const float weight = labels[i] >= 0 ? hard : 0;
    for (int64_t c = 0; c < columns; c += 8) {
      const f8 own = LOAD(p + i * columns + c);
      f8 sum = own * weight;
      if (t) sum += (own - LOAD(t + i * columns + c)) * soft;
      STORE(g + i * columns + c, sum);
    }
    if (labels[i] >= 0) g[i * columns + labels[i]] -= hard;
  }
}

// Elements

static double dot(const float *x, const float *y, int64_t count) {
  double total = 0;
  for (int64_t start = 0; start < count; start += 1024) {
    const int64_t end = count - start < 1024 ? count : start + 1024;
    f8 sum = {0};
    for (int64_t k = start; k < end; k += 8) sum += LOAD(x + k) * LOAD(y + k);
    total += LANES(sum);
  }
  return total;
}

static void elu(float *x, int64_t count) {
  for (int64_t k = 0; k < count; k += 8) {
    const f8 v = LOAD(x + k);
    STORE(x + k, CHOOSE(v > 0, v, exponential(v) - 1.0f));
  }
}

static void elu_gradient(float *g, const float *x, int64_t count) {
  for (int64_t k = 0; k < count; k += 8) {
    const f8 v = LOAD(x + k);
    STORE(g + k, LOAD(g + k) * CHOOSE(v > 0, SPLAT(1.0f), v + 1.0f));
  }
}

static void drop(float *x, const uint8_t *kept, float scale, int64_t count) {
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) STORE(x + k, SELECT(lanes_of(kept[k / 8]), LOAD(x + k) * scale));
  for (; k < count; k++) x[k] = kept[k / 8] >> (k & 7) & 1 ? x[k] * scale : 0;
}

// Attention

static void head_scores(const mill_attention *a, int64_t low, int64_t high, const float *z, const float *vector,
                        float *scores) {
  const int64_t stride = a->heads * a->width;
  for (int64_t i = low; i < high; i++) {
    for (int64_t head = 0; head < a->heads; head++) {
      f8 sum = {0};
      for (int64_t c = 0; c < a->width; c += 8) {
        sum += LOAD(z + i * stride + head * a->width + c) * LOAD(vector + head * a->width + c);
      }
      scores[i * a->lanes + head] = LANES(sum);
    }
    for (int64_t head = a->heads; head < a->lanes; head++) scores[i * a->lanes + head] = 0;
  }
}

static void attend(const mill_attention *a, int64_t low, int64_t high, const float *to, const float *from, float *alpha,
                   float *slopes) {
  for (int64_t i = low; i < high; i++) {
    const uint64_t first = a->offsets[i], last = a->offsets[i + 1];
    for (int64_t lane = 0; lane < a->lanes; lane += 8) {
      const f8 own = LOAD(to + i * a->lanes + lane);
      f8 most = SPLAT(-3.0e38f);
      for (uint64_t e = first; e < last; e++) {
        const f8 u = own + LOAD(from + (int64_t)a->columns[e] * a->lanes + lane);
        const f8 slope = CHOOSE(u > 0, SPLAT(1.0f), SPLAT(a->slope));
        const f8 score = u * slope;
        STORE(slopes + (int64_t)e * a->lanes + lane, slope);
        STORE(alpha + (int64_t)e * a->lanes + lane, score);
        most = largest_of(most, score);
      }
      f8 sum = {0};
      for (uint64_t e = first; e < last; e++) {
        const f8 share = exponential(LOAD(alpha + (int64_t)e * a->lanes + lane) - most);
        STORE(alpha + (int64_t)e * a->lanes + lane, share);
        sum += share;
      }
      for (uint64_t e = first; e < last; e++) {
        STORE(alpha + (int64_t)e * a->lanes + lane, LOAD(alpha + (int64_t)e * a->lanes + lane) / sum);
      }
    }
  }
}

static void attended_sum(const mill_attention *a, int64_t low, int64_t high, const float *beta, const float *z, float *y,
                         int32_t reversed, int32_t adds) {
  const int64_t stride = a->heads * a->width;
  for (int64_t i = low; i < high; i++) {
    float *row = y + i * stride;
    if (!adds) {
      for (int64_t c = 0; c < stride; c += 8) STORE(row + c, (f8){0});
    }
    for (uint64_t e = a->offsets[i]; e < a->offsets[i + 1]; e++) {
      const float *weight = beta + (int64_t)(reversed ? a->reverse[e] : e) * a->lanes;
      const float *other = z + (int64_t)a->columns[e] * stride;
      for (int64_t head = 0; head < a->heads; head++) {
        for (int64_t c = head * a->width; c < (head + 1) * a->width; c += 8) {
          STORE(row + c, LOAD(row + c) + LOAD(other + c) * weight[head]);
        }
      }
    }
  }
}

static void attend_gradient(const mill_attention *a, int64_t low, int64_t high, const float *g, const float *z,
                            const float *alpha, const float *slopes, const uint8_t *kept, float scale, float *gradients,
                            float *to) {
  const int64_t stride = a->heads * a->width;
  for (int64_t i = low; i < high; i++) {
    const uint64_t first = a->offsets[i], last = a->offsets[i + 1];
    for (int64_t lane = 0; lane < a->lanes; lane += 8) {
      f8 mean = {0};
      const int64_t heads = a->heads - lane < 8 ? a->heads - lane : 8;
      for (uint64_t e = first; e < last; e++) {
        f8 own = {0};
        const float *other = z + (int64_t)a->columns[e] * stride;
        for (int64_t head = 0; head < heads; head++) {
          f8 sum = {0};
          for (int64_t c = (lane + head) * a->width; c < (lane + head + 1) * a->width; c += 8) {
            sum += LOAD(g + i * stride + c) * LOAD(other + c);
          }
          own[head] = LANES(sum);
        }
        const int64_t at = (int64_t)e * a->lanes + lane;
        if (kept) own = SELECT(lanes_of(kept[at / 8]), own * scale);
        STORE(gradients + at, own);
        mean += LOAD(alpha + at) * own;
      }
      f8 sum = {0};
      for (uint64_t e = first; e < last; e++) {
        const int64_t at = (int64_t)e * a->lanes + lane;
        const f8 own = LOAD(alpha + at) * (LOAD(gradients + at) - mean) * LOAD(slopes + at);
        STORE(gradients + at, own);
        sum += own;
      }
      STORE(to + i * a->lanes + lane, sum);
    }
  }
}

static void gather_reversed(const mill_attention *a, int64_t low, int64_t high, const float *gradients, float *from) {
  for (int64_t j = low; j < high; j++) {
    for (int64_t lane = 0; lane < a->lanes; lane += 8) {
      f8 sum = {0};
      for (uint64_t e = a->offsets[j]; e < a->offsets[j + 1]; e++) {
        sum += LOAD(gradients + (int64_t)a->reverse[e] * a->lanes + lane);
      }
      STORE(from + j * a->lanes + lane, sum);
    }
  }
}

static void add_heads(const mill_attention *a, int64_t low, int64_t high, const float *scores, const float *vector,
                      float *y) {
  const int64_t stride = a->heads * a->width;
  for (int64_t i = low; i < high; i++) {
    for (int64_t head = 0; head < a->heads; head++) {
      for (int64_t c = head * a->width; c < (head + 1) * a->width; c += 8) {
        STORE(y + i * stride + c, LOAD(y + i * stride + c) + LOAD(vector + c) * scores[i * a->lanes + head]);
      }
    }
  }
}

static void head_gradient(const mill_attention *a, int64_t low, int64_t high, const float *scores, const float *z,
                          float *sums) {
  const int64_t stride = a->heads * a->width;
  for (int64_t i = low; i < high; i++) {
    for (int64_t head = 0; head < a->heads; head++) {
      for (int64_t c = head * a->width; c < (head + 1) * a->width; c += 8) {
        STORE(sums + c, LOAD(sums + c) + LOAD(z + i * stride + c) * scores[i * a->lanes + head]);
      }
    }
  }
}

const mill_learning LEARNING_TABLE = {
    .sparse_product = sparse_product,
    .dense_product = dense_product,
    .transposed_product = transposed_product,
    .hidden_product = hidden_product,
    .hidden_transposed = hidden_transposed,
    .hidden_gradient = hidden_gradient,
    .adam = adam,
    .magnitude_histogram = magnitude_histogram,
    .clear_below = clear_below,
    .softmax = softmax,
    .loss_gradient = loss_gradient,
    .dot = dot,
    .elu = elu,
    .elu_gradient = elu_gradient,
    .drop = drop,
    .head_scores = head_scores,
    .attend = attend,
    .attended_sum = attended_sum,
    .attend_gradient = attend_gradient,
    .gather_reversed = gather_reversed,
    .add_heads = add_heads,
    .head_gradient = head_gradient,
};
