// Ascending numbers out of packed gaps: plain, and with shuffles of bytes.
#include "mill_packing.h"

#include <string.h>

static const uint8_t *unpack_scalar(
    const uint8_t *widths, const uint8_t *bytes, size_t groups, uint32_t last, uint32_t step, uint32_t *numbers) {
  for (size_t g = 0; g < groups; g++) {
    const uint32_t width = widths[g] & 63;
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    for (uint32_t i = 0; i < 8; i++) {
      uint64_t word;
      memcpy(&word, bytes + (i * width >> 3), 8);
      last += step + (uint32_t)(word >> (i * width & 7) & mask);
      numbers[8 * g + i] = last;
    }
    bytes += width;
  }
  return bytes;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Gap i of a group of width w begins at bit i * w. The low four lanes are cut out of the group's first 16 bytes, the high
// four out of the 16 bytes from byte w / 2 on: four bytes to a lane, then a shift and a mask.
#define LANE(w, i) (((i) * (w) / 8 - ((i) < 4 ? 0 : (w) / 2)) * 0x01010101u + 0x03020100u)
#define LANES(w) {LANE(w, 0), LANE(w, 1), LANE(w, 2), LANE(w, 3), LANE(w, 4), LANE(w, 5), LANE(w, 6), LANE(w, 7)}
#define SHIFTS(w) {0, (w) & 7, 2 * (w) & 7, 3 * (w) & 7, 4 * (w) & 7, 5 * (w) & 7, 6 * (w) & 7, 7 * (w) & 7}
#define MASK(w) (uint32_t)(((uint64_t)1 << (w)) - 1)
// Widths of 26 to 31 do not occur.
#define ROW(w) {LANES((w) < 26 ? (w) : 32), SHIFTS((w) < 26 ? (w) : 32), MASK(w)}
#define ROWS(w) ROW(w), ROW(w + 1), ROW(w + 2), ROW(w + 3), ROW(w + 4), ROW(w + 5), ROW(w + 6), ROW(w + 7)

typedef struct {
  uint32_t lanes[8], shifts[8], mask;
} cut;
static const cut cuts[33] = {ROWS(0), ROWS(8), ROWS(16), ROWS(24), ROW(32)};

__attribute__((target("avx2"))) static const uint8_t *unpack_avx2(
    const uint8_t *widths, const uint8_t *bytes, size_t groups, uint32_t last, uint32_t step, uint32_t *numbers) {
  const __m256i steps = _mm256_mullo_epi32(_mm256_set1_epi32((int)step), _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8));
  const __m256i seventh = _mm256_set1_epi32(7);
  __m256i before = _mm256_set1_epi32((int)last);
  for (size_t g = 0; g < groups; g++) {
    const size_t width = widths[g] & 63;
    const cut *row = cuts + width;
    __m256i x = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)bytes)),
        _mm_loadu_si128((const __m128i *)(bytes + width / 2)), 1);
    x = _mm256_shuffle_epi8(x, _mm256_loadu_si256((const __m256i *)row->lanes));
    x = _mm256_srlv_epi32(x, _mm256_loadu_si256((const __m256i *)row->shifts));
    x = _mm256_and_si256(x, _mm256_set1_epi32((int)row->mask));
    // Sums of one to eight gaps: within the halves, then the low half's sum onto the high one.
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    x = _mm256_add_epi32(x, _mm256_shuffle_epi32(_mm256_permute2x128_si256(x, x, 0x08), 0xff));
    x = _mm256_add_epi32(_mm256_add_epi32(x, steps), before);
    _mm256_storeu_si256((__m256i *)(numbers + 8 * g), x);
    before = _mm256_permutevar8x32_epi32(x, seventh);
    bytes += width;
  }
  return bytes;
}
#endif

mill_unpack *mill_unpack_of(mill_variant variant) {
  if (!mill_variant_available(variant)) return 0;
  switch (variant) {
#if defined(__x86_64__)
  // A group is half of a register of 512 bits.
  case MILL_AVX2:
  case MILL_AVX512: return unpack_avx2;
#endif
  default: return unpack_scalar;
  }
}

mill_unpack *mill_unpack_best(void) {
  return mill_unpack_of(mill_variant_available(MILL_AVX2) ? MILL_AVX2 : MILL_SCALAR);
}
