#ifndef MILL_PRODUCTS_H
#define MILL_PRODUCTS_H

#include <stdint.h>

// Products of a sparse matrix, given as rows of arcs, with dense ones. Dense matrices are row-major floats, `columns` a
// row, a multiple of 8. Each lane sums in one order whatever the vector width, and nothing is fused, so that all
// processors give the same bits.

/// y[i] = scale * inverse[i] * (sum of the rows x[j] over the neighbors j of i) - (subtracts ? y[i] : 0) for the rows
/// low..<high.
void mill_block_product(const uint64_t *offsets, const uint32_t *targets, int64_t low, int64_t high, int64_t columns,
                        const float *x, float *y, const float *inverse, float scale, int32_t subtracts,
                        int32_t prefetches);

/// The same, where the row of the neighbor along arc e counts values[e] times; without prefetching.
void mill_valued_block_product(const uint64_t *offsets, const uint32_t *targets, const float *values, int64_t low,
                               int64_t high, int64_t columns, const float *x, float *y, const float *inverse,
                               float scale, int32_t subtracts);

/// sums[a * columns + b] += sum over rows of weight[i] * x[i][a] * y[i][b]; in floats within 128 rows, in doubles across.
void mill_weighted_gram(const float *x, const float *y, const float *weight, int64_t rows, int64_t columns,
                        double *sums);

/// x[i] = x[i] * rotation for each row, in place; rotation is columns x columns, at most 128.
void mill_rotate_rows(float *x, const float *rotation, int64_t rows, int64_t columns);

#endif
