// Vectors of the products' kernels. Memory need not be aligned to them.
#ifndef MILL_LANES_H
#define MILL_LANES_H

typedef float f8 __attribute__((vector_size(32), aligned(4)));
typedef float f16 __attribute__((vector_size(64), aligned(4)));
typedef double d8 __attribute__((vector_size(64), aligned(8)));

/// The sum of eight lanes, in one order.
#define LANES(v) ((((v)[0] + (v)[4]) + ((v)[2] + (v)[6])) + (((v)[1] + (v)[5]) + ((v)[3] + (v)[7])))

#endif
