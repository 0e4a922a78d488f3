// The learning kernels for AVX2.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define LEARNING_TABLE mill_learning_avx2
#include "learning_bodies.h"
#pragma clang attribute pop
#endif
