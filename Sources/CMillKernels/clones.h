// One function of plain C, compiled for each of these instruction sets; the loader takes the best the machine has.
#ifndef MILL_CLONES_H
#define MILL_CLONES_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The loader chooses before the sanitizer is there, and the choice is instrumented too.
#define MILL_ONE_CLONE
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(MILL_ONE_CLONE)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

// What a clone calls must be part of it, or it would be compiled for the default instruction set alone.
#define INLINED static inline __attribute__((always_inline))

#endif
