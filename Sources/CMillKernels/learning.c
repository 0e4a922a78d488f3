// The choice of a variant of the learning kernels, and the plain one.
#include "mill_learning.h"

#define LEARNING_TABLE mill_learning_scalar
#include "learning_bodies.h"

#if defined(__x86_64__)
extern const mill_learning mill_learning_avx2, mill_learning_avx512;
#endif

const mill_learning *mill_learning_of(mill_variant variant) {
  if (!mill_variant_available(variant)) return 0;
  switch (variant) {
#if defined(__x86_64__)
  case MILL_AVX2: return &mill_learning_avx2;
  case MILL_AVX512: return &mill_learning_avx512;
#endif
  // 64-bit ARM has its vectors in the plain build.
  default: return &mill_learning_scalar;
  }
}
