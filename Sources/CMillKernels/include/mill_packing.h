#ifndef MILL_PACKING_H
#define MILL_PACKING_H

#include "mill_kernels.h"

#pragma clang assume_nonnull begin

// Ascending numbers as gaps in groups of eight. A group whose width is w has w bytes: eight gaps of w bits, low bits first.
// Widths are 0...25 or 32.

/// Bytes behind the last group that must be readable.
#define MILL_PACKING_PADDING 64

/// Writes 8 * groups numbers, each the one before (`last` for the first) plus `step` plus its gap, modulo 2^32; the low six
/// bits of widths[g] are the width of group g. The bytes of the last group may stand for fewer gaps: what follows them
/// is read, and what comes of it written. Returns the byte behind the last group.
typedef const uint8_t *_Nonnull mill_unpack(
    const uint8_t *widths, const uint8_t *bytes, size_t groups, uint32_t last, uint32_t step, uint32_t *numbers);

/// The function in a variant; null when the variant is not available. All variants give the same numbers.
mill_unpack *_Nullable mill_unpack_of(mill_variant variant);

/// The function in the best variant of this processor.
mill_unpack *mill_unpack_best(void);

#pragma clang assume_nonnull end

#endif
