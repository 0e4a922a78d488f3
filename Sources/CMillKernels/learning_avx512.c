// The learning kernels for AVX-512.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define LEARNING_TABLE mill_learning_avx512
#include "learning_bodies.h"
#pragma clang attribute pop
#endif
