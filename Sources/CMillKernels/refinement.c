#include "mill_refinement.h"

#include <math.h>
#include <string.h>

#include "clones.h"

#pragma STDC FP_CONTRACT OFF

typedef double d8 __attribute__((vector_size(64), aligned(8)));

CLONES void mill_count_groups(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high,
                              const uint16_t *labels, int64_t stride, uint32_t *counts, uint64_t *sums) {
  for (int64_t i = low; i < high; i++) {
    uint32_t *row = counts + (i - low) * stride;
    memset(row, 0, (size_t)stride * sizeof *row);
    for (uint64_t e = offsets[i]; e < offsets[i + 1]; e++) {
      const uint16_t label = labels[targets[e]];
      if (label != 0xffff) row[label]++;
    }
    if (labels[i] == 0xffff || !sums) continue;
    uint64_t *sum = sums + (int64_t)labels[i] * stride;
    for (int64_t b = 0; b < stride; b++) sum[b] += row[b];
  }
}

/// Scores of 8 * vectors groups from `at` on; `touched` names the groups whose count is not 0, or all.
INLINED void scores(const uint32_t *row, const uint16_t *touched, int64_t count, int64_t stride, int64_t at,
                    const double *logs, const double *constants, const double *own, double *out, const int vectors) {
  d8 sum[4];
  for (int k = 0; k < vectors; k++) sum[k] = (d8){0};
  for (int64_t t = 0; t < count; t++) {
    const double times = row[touched[t]];
    const d8 *line = (const d8 *)(logs + touched[t] * stride + at);
    for (int k = 0; k < vectors; k++) sum[k] += line[k] * times;
  }
  for (int k = 0; k < vectors; k++) {
    *(d8 *)(out + 8 * k) = sum[k] - *(const d8 *)(constants + at + 8 * k) + *(const d8 *)(own + at + 8 * k);
  }
}

CLONES void mill_best_groups(const uint32_t *counts, int64_t rows, int64_t stride, int64_t groups,
                             const uint16_t *labels, uint16_t *best, const int32_t *ranges, const double *logs,
                             const double *constants, const double *densities) {
  uint16_t touched[4096];
  double score[32];
  int64_t count = 0;
  // Up to here looking for groups without neighbors costs more than adding their zeros.
  const int is_small = groups <= 32;
  if (is_small) {
    for (; count < groups; count++) touched[count] = (uint16_t)count;
  }
  for (int64_t i = 0; i < rows; i++) {
    const uint16_t label = labels[i];
    const int64_t low = ranges[2 * label], high = ranges[2 * label + 1];
    best[i] = label;
    if (high - low < 2) continue;
    const uint32_t *row = counts + i * stride;
    if (!is_small) {
      count = 0;
      for (int64_t b = 0; b < groups; b++) {
        touched[count] = (uint16_t)b;
        count += row[b] != 0;
      }
    }
    const double *own = densities + (int64_t)label * stride;
    double current = -INFINITY, top = -INFINITY;
    int64_t first = label;
    for (int64_t at = low & ~7; at < high;) {
      int vectors = 1;
      if (at + 16 < high && at + 32 <= stride) {
        scores(row, touched, count, stride, at, logs, constants, own, score, 4);
        vectors = 4;
      } else if (at + 8 < high) {
        scores(row, touched, count, stride, at, logs, constants, own, score, 2);
        vectors = 2;
      } else {
        scores(row, touched, count, stride, at, logs, constants, own, score, 1);
      }
      const int64_t from = at < low ? low : at, to = at + 8 * vectors < high ? at + 8 * vectors : high;
      for (int64_t a = from; a < to; a++) {
        const double value = score[a - at];
        if (a == label) current = value;
        if (value > top) {
          top = value;
          first = a;
        }
      }
      at += 8 * vectors;
    }
    if (top > current) best[i] = (uint16_t)first;
  }
}
