#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// The lanes of a vector that are wanted, moved together: what has an instruction on some processors, which Swift cannot
/// name.

/// One row of `listGradients`: `offsets` and `values` of those columns that have a gradient, in their order. A column has
/// one where its code is below 4 and its number is not ±0. Its offset is `corner`, two pixels on for each column before
/// it, one for an odd code, one line (`below`) for a code above 1.
///
/// Writes as many as there are columns at most. Returns how many have a gradient.
static inline __attribute__((always_inline)) long twin_list_row(
    const float *_Nonnull gradient, const uint8_t *_Nonnull codes, long columns, int32_t corner, int32_t right,
    int32_t below, int32_t *_Nonnull offsets, float *_Nonnull values) {
  long count = 0, column = 0;
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m512i corners = _mm512_add_epi32(
      _mm512_set1_epi32(corner), _mm512_mullo_epi32(lanes, _mm512_set1_epi32(2 * right)));
  for (; column < columns; column += 16) {
    const __mmask16 there = columns - column >= 16 ? 0xFFFF : (__mmask16)((1u << (columns - column)) - 1);
    const __m512i code = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(there, codes + column));
    const __m512 value = _mm512_maskz_loadu_ps(there, gradient + column);
    const __m512i odd = _mm512_mullo_epi32(_mm512_and_si512(code, _mm512_set1_epi32(1)), _mm512_set1_epi32(right));
    const __m512i lower = _mm512_mullo_epi32(_mm512_srli_epi32(code, 1), _mm512_set1_epi32(below));
    // Lanes that are not there have the number 0.
    const __mmask16 kept = _mm512_mask_test_epi32_mask(
        _mm512_cmplt_epi32_mask(code, _mm512_set1_epi32(4)), _mm512_castps_si512(value), _mm512_set1_epi32(0x7FFFFFFF));
    const int found = __builtin_popcount(kept);
    const __mmask16 first = (__mmask16)((1u << found) - 1);
    _mm512_mask_storeu_epi32(
        offsets + count, first,
        _mm512_maskz_compress_epi32(kept, _mm512_add_epi32(corners, _mm512_add_epi32(odd, lower))));
    _mm512_mask_storeu_ps(values + count, first, _mm512_maskz_compress_ps(kept, value));
    corners = _mm512_add_epi32(corners, _mm512_set1_epi32(32 * right));
    count += found;
  }
#elif defined(__AVX2__)
  // For each set of four lanes, the bytes of those in it, in their order.
#define TWIN_LANE(lane) 4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3
#define TWIN_NONE -1, -1, -1, -1
  static const int8_t together[16][16] = {
      {TWIN_NONE, TWIN_NONE, TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_NONE, TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(1), TWIN_NONE, TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(1), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(2), TWIN_NONE, TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(2), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(1), TWIN_LANE(2), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(1), TWIN_LANE(2), TWIN_NONE},
      {TWIN_LANE(3), TWIN_NONE, TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(3), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(1), TWIN_LANE(3), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(1), TWIN_LANE(3), TWIN_NONE},
      {TWIN_LANE(2), TWIN_LANE(3), TWIN_NONE, TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(2), TWIN_LANE(3), TWIN_NONE},
      {TWIN_LANE(1), TWIN_LANE(2), TWIN_LANE(3), TWIN_NONE},
      {TWIN_LANE(0), TWIN_LANE(1), TWIN_LANE(2), TWIN_LANE(3)},
  };
#undef TWIN_LANE
#undef TWIN_NONE
  __m128i corners = _mm_add_epi32(
      _mm_set1_epi32(corner), _mm_mullo_epi32(_mm_setr_epi32(0, 1, 2, 3), _mm_set1_epi32(2 * right)));
  for (; column + 4 <= columns; column += 4) {
    int32_t four;
    memcpy(&four, codes + column, 4);
    const __m128i code = _mm_cvtepu8_epi32(_mm_cvtsi32_si128(four));
    const __m128i value = _mm_loadu_si128((const __m128i *)(gradient + column));
    const __m128i odd = _mm_mullo_epi32(_mm_and_si128(code, _mm_set1_epi32(1)), _mm_set1_epi32(right));
    const __m128i lower = _mm_mullo_epi32(_mm_srli_epi32(code, 1), _mm_set1_epi32(below));
    const __m128i zero = _mm_cmpeq_epi32(_mm_slli_epi32(value, 1), _mm_setzero_si128());
    const int kept = _mm_movemask_ps(
        _mm_castsi128_ps(_mm_andnot_si128(zero, _mm_cmplt_epi32(code, _mm_set1_epi32(4)))));
    const __m128i order = _mm_loadu_si128((const __m128i *)together[kept]);
    // Whole vectors: at most as many stand before them as there were columns.
    _mm_storeu_si128(
        (__m128i *)(offsets + count),
        _mm_shuffle_epi8(_mm_add_epi32(corners, _mm_add_epi32(odd, lower)), order));
    _mm_storeu_si128((__m128i *)(values + count), _mm_shuffle_epi8(value, order));
    corners = _mm_add_epi32(corners, _mm_set1_epi32(8 * right));
    count += __builtin_popcount(kept);
  }
#endif
  for (; column < columns; column++) {
    uint32_t bits;
    memcpy(&bits, gradient + column, 4);
    offsets[count] =
        corner + (int32_t)column * 2 * right + (codes[column] & 1) * right + (codes[column] >> 1) * below;
    values[count] = gradient[column];
    // Without a branch, which no processor could predict.
    count += (codes[column] < 4) & ((bits << 1) != 0);
  }
  return count;
}
