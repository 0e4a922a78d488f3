#ifndef MILL_SPECTRAL_H
#define MILL_SPECTRAL_H

#include <stdint.h>

// Kernels of the spectral stage beside the products of mill_products.h, whose rules of shape and of sums hold here too.

/// sums[0..<columns] += sum of weight[i] * a[i] * x[i], sums[columns..<2 columns] the same with b.
void mill_project_pair(const float *a, const float *b, const float *x, const float *weight, int64_t rows,
                       int64_t columns, double *sums);

/// a[i] -= x[i] . c and b[i] -= x[i] . d, with c = coefficients[0..<columns], d the columns behind.
void mill_deflate_pair(float *a, float *b, const float *x, const float *coefficients, int64_t rows, int64_t columns);

/// Replaces previous[i] by scale * inverse[i] * (sum of current[j] over neighbors) - beta * previous[i] for the rows
/// low..<high; returns the sum of weight[i] * current[i] * new previous[i].
double mill_lanczos_product(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high,
                            const float *current, float *previous, const float *inverse, const float *weight,
                            float scale, float beta);

/// The same, where the neighbor along arc e counts values[e] times.
double mill_valued_lanczos_product(const uint64_t *offsets, const uint32_t *targets, const float *values, int64_t low,
                                   int64_t high, const float *current, float *previous, const float *inverse,
                                   const float *weight, float scale, float beta);

/// a[i] -= alpha * b[i]; returns the sum of weight[i] * a[i] * a[i].
double mill_axpy_norm(float *a, const float *b, const float *weight, float alpha, int64_t rows);

/// The nearest center of each row: the largest x . c - bias. Centers are transposed: centers[d * padded + k], padded a
/// multiple of 16 and at least the number of centers; padding has the bias infinity. Ties go to the lowest index.
void mill_nearest_centers(const float *x, int64_t rows, int64_t stride, int64_t dimensions, const float *centers,
                          const float *bias, int64_t padded, int32_t *labels, float *scores);

#endif
