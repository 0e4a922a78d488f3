#ifndef MILL_LEARNING_H
#define MILL_LEARNING_H

#include "mill_kernels.h"

// Kernels of training on graphs. Dense matrices are row-major floats whose row length, called width or columns, is a
// multiple of 8; what pads a row is 0. Every number is summed in one order whatever the vector width, and nothing is
// fused, so that all variants give the same bits.

/// A sparse matrix by rows; `values` is null where all entries are 1, `factors`, which rows are multiplied by, where all
/// are 1. `ahead` is the number of entries whose row of the
/// dense factor is asked for before its use, 0 for none.
typedef struct {
  const uint64_t *offsets;
  const uint32_t *columns;
  const float *values;
  const float *factors;
  int64_t ahead;
} mill_sparse;

/// Activations max(p, 0), where those without a bit in `kept` are 0 and the others count `scale` times; `kept` is null
/// where all are kept. Bit k of row i is that of activation i * width + k.
typedef struct {
  const float *p;
  const uint8_t *kept;
  int64_t width;
  float scale;
} mill_hidden;

/// One step of Adam: what is the same for all parameters. `step` is the rate over the first moment's correction, `root`
/// the inverse root of the second one's.
typedef struct {
  float step, root, epsilon, decay, beta1, beta2;
} mill_adam;

/// The scores of arcs in a layer of attention. Arc e leads to row i of `offsets` from node columns[e]; `reverse` is the
/// place of the arc the other way. A row of `alpha` has `lanes` numbers, one a head, a multiple of 8.
typedef struct {
  const uint64_t *offsets;
  const uint32_t *columns;
  const uint32_t *reverse;
  int64_t heads, lanes;
  /// Columns of one head in z, a multiple of 8.
  int64_t width;
  float slope;
} mill_attention;

typedef struct {
  /// y[i] = factors[i] * (sum of values[e] * x[columns[e]] over the entries e of row i, plus own * x[i]), for the rows
  /// low..<high.
  void (*sparse_product)(const mill_sparse *matrix, int64_t low, int64_t high, int64_t width, float own, const float *x,
                         float *y);
  /// y = x w, or y += x w; x has `rows` rows of `inner` floats, any number, w `inner` rows of `columns`.
  void (*dense_product)(const float *x, int64_t rows, int64_t inner, const float *w, int64_t columns, float *y,
                        int32_t adds);
  /// sums[k][c] += sum over rows of x[i][k] * y[i][c].
  void (*transposed_product)(const float *x, int64_t rows, int64_t inner, const float *y, int64_t columns, float *sums);
  /// y = h w, or y += h w, for the rows low..<high of the activations h; y and w as in dense_product.
  void (*hidden_product)(const mill_hidden *hidden, int64_t low, int64_t high, const float *w, int64_t columns, float *y,
                         int32_t adds);
  /// sums[k][c] += sum over the rows low..<high of h[i][k] * q[i][c].
  void (*hidden_transposed)(const mill_hidden *hidden, int64_t low, int64_t high, const float *q, int64_t columns,
                            float *sums);
  /// g = d/dp of the loss for the rows low..<high, where d/dh = q wt; wt has `columns` rows of the hidden width.
  void (*hidden_gradient)(const mill_hidden *hidden, int64_t low, int64_t high, const float *q, int64_t columns,
                          const float *wt, float *g);
  /// One step of Adam on `count` parameters, a multiple of 8.
  void (*adam)(const mill_adam *settings, float *w, const float *g, float *m, float *v, int64_t count);
  /// counts[bits >> shift & mask] += 1 for the parameters whose magnitude bits agree with `prefix` above `mask << shift`;
  /// `mask` is below 2048.
  void (*magnitude_histogram)(const float *w, int64_t count, int32_t shift, uint32_t mask, uint32_t prefix,
                              uint32_t *counts);
  /// Sets the parameters whose magnitude bits are below `bits` to 0.
  void (*clear_below)(float *w, int64_t count, uint32_t bits);
  /// p = softmax of the first `classes` columns; logs[i] = largest entry of row i, sums[i] = sum of exp(o - largest).
  void (*softmax)(const float *o, int64_t rows, int64_t classes, int64_t columns, float *p, float *largest, float *sums);
  /// g = soft (p - t) + hard (p - onehot(label)), the first term where t is not null, the second where the label is not
  /// negative.
  void (*loss_gradient)(const float *p, const float *t, const int32_t *labels, int64_t rows, int64_t columns, float soft,
                        float hard, float *g);
  /// The sum of x[k] * y[k]; in floats within 1024 numbers, in doubles across.
  double (*dot)(const float *x, const float *y, int64_t count);
  /// x = elu(x) and back: g *= x > 0 ? 1 : x + 1, where x is what elu gave. Dropped entries are 0 as in mill_hidden.
  void (*elu)(float *x, int64_t count);
  void (*elu_gradient)(float *g, const float *x, int64_t count);
  /// x = scale * x where the bit is set, else 0.
  void (*drop)(float *x, const uint8_t *kept, float scale, int64_t count);
  /// scores[i][head] = sum of z[i][head][c] * vector[head][c]; rows of scores have `lanes` numbers.
  void (*head_scores)(const mill_attention *layer, int64_t low, int64_t high, const float *z, const float *vector,
                      float *scores);
  /// The softmax over the arcs of each row of the leaky sums of scores: alpha, and the slope (1 or less) of each sum.
  void (*attend)(const mill_attention *layer, int64_t low, int64_t high, const float *to, const float *from,
                 float *alpha, float *slopes);
  /// y[i] = sum of beta[e] z[columns[e]], each head by its own number; `adds` as above. With `reversed` beta is read at
  /// the reverse arcs.
  void (*attended_sum)(const mill_attention *layer, int64_t low, int64_t high, const float *beta, const float *z,
                       float *y, int32_t reversed, int32_t adds);
  /// gradients[e][head] = d/du of arc e's sum of scores, and to[i][head] their sum over the arcs of row i, where
  /// g = d/dy. `kept` (null for all) and `scale` are the dropout of alpha.
  void (*attend_gradient)(const mill_attention *layer, int64_t low, int64_t high, const float *g, const float *z,
                          const float *alpha, const float *slopes, const uint8_t *kept, float scale, float *gradients,
                          float *to);
  /// from[j][head] = sum of gradients over the arcs that lead away from j.
  void (*gather_reversed)(const mill_attention *layer, int64_t low, int64_t high, const float *gradients, float *from);
  /// y[i][head][c] += a[i][head] * vector[head][c].
  void (*add_heads)(const mill_attention *layer, int64_t low, int64_t high, const float *a, const float *vector,
                    float *y);
  /// sums[head][c] += sum over rows of a[i][head] * z[i][head][c].
  void (*head_gradient)(const mill_attention *layer, int64_t low, int64_t high, const float *a, const float *z,
                        float *sums);
} mill_learning;

/// The kernels in a variant; null when the variant is not available.
const mill_learning *mill_learning_of(mill_variant variant);

#endif
